// SPDX-License-Identifier: GPL-2.0-only
// Reads the tables. See mutants.h.
#include "bench/mutation/mutants.h"

#include <fstream>
#include <iterator>
#include <set>

#include "bench/mutation/mutant.h"
#include "trace/number.h"

namespace daxfuzz::mutation {
namespace {

constexpr std::size_t kColumns = 8, kEquivalentColumns = 7;
constexpr std::string_view kLeftOut = "# left out: ";

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

// FNV-1a.
std::uint64_t hashed(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::expected<void, std::string> read_mutants(const std::string& path, MutantList& list) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  list.hash = 0xcbf29ce484222325;
  for (const std::string_view line : lines(*text)) {
    if (line.starts_with(kLeftOut)) {
      const auto at = columns(line.substr(kLeftOut.size()));
      if (at.size() == 2) list.left_out.push_back(at[0] + " " + at[1]);
      continue;
    }
    if (line.starts_with("#") || line.starts_with("id\t")) continue;
    auto row = columns(line);
    Mutant mutant;
    if (row.size() != kColumns || !trace::parse_number(row[0], mutant.id) ||
        !trace::parse_number(row[2], mutant.line) ||
        !trace::parse_number(row[5], mutant.occurrence) || mutant.id != list.mutants.size() + 1 ||
        mutant.id >= kMutantsMax)
      return std::unexpected(path + ": not a mutant: " + std::string(line));
    mutant.file = row[1];
    mutant.function = row[3];
    mutant.op = row[4];
    mutant.before = row[6];
    mutant.after = row[7];
    list.hash = hashed(list.hash, mutant.key());
    list.mutants.push_back(std::move(mutant));
  }
  if (list.mutants.empty()) return std::unexpected(path + ": no mutants");
  return {};
}

// file, function, operator, occurrence, before, after, reason.
std::expected<void, std::string> read_equivalent(const std::string& path, bool partial,
                                                 MutantList& list) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  std::set<std::string> keys, files;
  for (const Mutant& mutant : list.mutants) {
    keys.insert(mutant.key());
    files.insert(mutant.file);
  }
  for (const std::string_view line : lines(*text)) {
    if (line.starts_with("#") || line.starts_with("file\t")) continue;
    const auto row = columns(line);
    if (row.size() != kEquivalentColumns || row.back().empty())
      return std::unexpected(path + ": no row with a reason: " + std::string(line));
    if (partial && !files.contains(row[0])) continue;
    Mutant mutant{.file = row[0], .function = row[1], .op = row[2], .before = row[4], .after = row[5]};
    if (!trace::parse_number(row[3], mutant.occurrence) || !keys.contains(mutant.key()))
      return std::unexpected(path + ": stale, no mutant's: " + std::string(line));
    if (!list.equivalent.emplace(mutant.key(), row.back()).second)
      return std::unexpected(path + ": there twice: " + std::string(line));
  }
  return {};
}

}  // namespace

std::string Mutant::key() const {
  return function + "\t" + op + "\t" + std::to_string(occurrence) + "\t" + before + "\t" + after;
}

std::vector<std::string> columns(std::string_view line) {
  std::vector<std::string> all(1);
  for (const char c : line)
    if (c == '\t') all.emplace_back();
    else all.back() += c;
  return all;
}

std::expected<std::string, std::string> read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) return std::unexpected(path + ": cannot be read");
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

std::expected<MutantList, std::string> load_mutants(const std::string& mutants,
                                                    const std::string& equivalent, bool partial) {
  MutantList list;
  if (const auto read = read_mutants(mutants, list); !read) return std::unexpected(read.error());
  if (equivalent.empty()) return list;
  if (const auto read = read_equivalent(equivalent, partial, list); !read)
    return std::unexpected(read.error());
  return list;
}

}  // namespace daxfuzz::mutation
