// SPDX-License-Identifier: GPL-2.0-only
// Reads and appends. See rows.h.
#include "bench/mutation/rows.h"

#include <unistd.h>

#include <cinttypes>
#include <cstdlib>
#include <utility>

#include "sched/check.h"

namespace daxfuzz::mutation {
namespace {

constexpr std::size_t kColumns = 15;
constexpr const char* kHead =
    "id\tfile\tline\tfunction\toperator\toccurrence\tbefore\tafter\t"
    "verdict\tbudget\truns\tdiffer\tprobes\tprobe\tsignature\n";

// The first line: what the rows are of.
std::string made_of(const MutantList& list, std::uint64_t seed) {
  char text[100];
  std::snprintf(text, sizeof text, "# mutants %016" PRIx64 ", seed %" PRIu64, list.hash, seed);
  return text;
}

}  // namespace

Rows::~Rows() {
  if (file_ != nullptr) std::fclose(file_);
}

Rows::Rows(Rows&& other) noexcept
    : rows_(std::move(other.rows_)), file_(std::exchange(other.file_, nullptr)) {}

std::expected<Rows, std::string> Rows::opened(const std::string& path, const MutantList& list,
                                              std::uint64_t seed, bool reads) {
  Rows rows;
  const std::string head = made_of(list, seed);
  const auto text = read_file(path);
  if (!text && reads) return std::unexpected(text.error());
  const std::string_view old = text ? std::string_view(*text) : std::string_view();
  std::size_t whole = 0;  // a last line without its end was cut off
  for (std::size_t at = 0, end; (end = old.find('\n', at)) != std::string_view::npos; at = whole = end + 1) {
    const std::string_view line = old.substr(at, end - at);
    if (at == 0 && line != head)
      return std::unexpected(path + ": rows of other mutants or of another seed: " + std::string(line));
    if (line.starts_with("#") || line.starts_with("id\t")) continue;
    const auto row = columns(line);
    const auto verdict = row.size() == kColumns ? verdict_named(row[8]) : std::nullopt;
    if (!verdict) return std::unexpected(path + ": not a row: " + std::string(line));
    const auto id = static_cast<std::uint32_t>(std::strtoul(row[0].c_str(), nullptr, 10));
    rows.rows_[id] = {.outcome = {.verdict = *verdict,
                                  .runs = std::strtoull(row[10].c_str(), nullptr, 10),
                                  .differ = std::strtoull(row[11].c_str(), nullptr, 10),
                                  .set = row[12],
                                  .number = static_cast<std::uint32_t>(
                                      std::strtoul(row[13].c_str(), nullptr, 10)),
                                  .signature = row[14]},
                      .executions = std::strtoull(row[9].c_str(), nullptr, 10)};
  }
  if (reads) return rows;
  rows.file_ = std::fopen(path.c_str(), text ? "r+" : "w");
  if (rows.file_ == nullptr) return std::unexpected(path + ": cannot be written");
  if (ftruncate(fileno(rows.file_), static_cast<off_t>(whole)) != 0)
    return std::unexpected(path + ": cannot be cut");
  std::fseek(rows.file_, 0, SEEK_END);
  if (whole == 0) std::fprintf(rows.file_, "%s\n%s", head.c_str(), kHead);
  std::fflush(rows.file_);
  return rows;
}

bool Rows::known(std::uint32_t mutant, std::uint64_t executions) const {
  const auto at = rows_.find(mutant);
  return at != rows_.end() &&
         (killed(at->second.outcome.verdict) || at->second.executions >= executions);
}

void Rows::add(const Mutant& mutant, const Row& row) {
  CHECK(file_ != nullptr);
  rows_[mutant.id] = row;
  const Outcome& outcome = row.outcome;
  std::fprintf(file_, "%u\t%s\t%u\t%s\t%s\t%u\t%s\t%s\t", mutant.id, mutant.file.c_str(), mutant.line,
               mutant.function.c_str(), mutant.op.c_str(), mutant.occurrence, mutant.before.c_str(),
               mutant.after.c_str());
  std::fprintf(file_, "%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\t%u\t%s\n",
               std::string(name(outcome.verdict)).c_str(), row.executions, outcome.runs, outcome.differ,
               outcome.set.c_str(), outcome.number, outcome.signature.c_str());
  std::fflush(file_);
}

}  // namespace daxfuzz::mutation
