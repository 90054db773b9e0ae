// SPDX-License-Identifier: GPL-2.0-only
// Counts rows. See score.h.
#include "bench/mutation/score.h"

#include <cmath>
#include <map>
#include <utility>

namespace daxfuzz::mutation {
namespace {

std::string fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

using Scores = std::map<std::string, Score>;

std::string table(const std::string& what, const Scores& scores, const Score& all) {
  std::string text = "| " + what + " | mutants |";
  for (const Verdict verdict : kVerdicts) text += " " + std::string(name(verdict)) + " |";
  text += " equivalent | killed of the others |\n|---|";
  for (std::size_t i = 0; i < std::size(kVerdicts) + 3; i++) text += "---|";
  const auto row = [&text](const std::string& first, const Score& score) {
    text += "\n| " + first + " | " + std::to_string(score.all()) + " |";
    for (const std::uint64_t count : score.verdicts) text += " " + std::to_string(count) + " |";
    text += " " + std::to_string(score.equivalent) + " | " + fixed(score.percent()) + " % |";
  };
  for (const auto& [first, score] : scores) row(first, score);
  row("all", all);
  return text + "\n\n";
}

// Of a function: what is left of its mutants.
struct Left {
  std::uint64_t mutants = 0, differ = 0, same = 0, unreached = 0;

  void add(const Outcome& outcome, bool equivalent) {
    mutants++;
    if (killed(outcome.verdict) || equivalent) return;
    (outcome.verdict == Verdict::unreached ? unreached : outcome.differ != 0 ? differ : same)++;
  }
};

std::string left_table(const std::map<std::pair<std::string, std::string>, Left>& functions) {
  std::string text = "| survivors in | mutants | seen to differ | not | unreached |\n|---|---|---|---|---|\n";
  for (const auto& [where, left] : functions) {
    if (left.differ + left.same + left.unreached == 0) continue;
    text += "| " + where.second + ", " + where.first + " | " + std::to_string(left.mutants) + " | " +
            std::to_string(left.differ) + " | " + std::to_string(left.same) + " | " +
            std::to_string(left.unreached) + " |\n";
  }
  return text;
}

}  // namespace

void Score::add(Verdict verdict, bool is_equivalent) {
  verdicts[static_cast<std::size_t>(verdict)]++;
  if (is_equivalent && !killed(verdict)) equivalent++;
}

std::uint64_t Score::all() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : verdicts) sum += count;
  return sum;
}

std::uint64_t Score::kills() const {
  std::uint64_t sum = 0;
  for (const Verdict verdict : kVerdicts)
    if (killed(verdict)) sum += verdicts[static_cast<std::size_t>(verdict)];
  return sum;
}

double Score::percent() const {
  const std::uint64_t of = all() - equivalent;
  return of == 0 ? 100 : 100.0 * static_cast<double>(kills()) / static_cast<double>(of);
}

Score::Interval Score::interval() const {
  constexpr double kZ = 1.96;
  const auto n = static_cast<double>(all() - equivalent);
  if (n == 0) return {.low = 0, .high = 100};
  const double p = percent() / 100, scale = 1 + kZ * kZ / n;
  const double middle = p + kZ * kZ / (2 * n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  return {.low = 100 * (middle - half) / scale, .high = 100 * (middle + half) / scale};
}

std::string Score::line() const {
  std::string text = std::to_string(kills()) + " killed of " + std::to_string(all());
  for (const Verdict verdict : kVerdicts)
    text += (verdict == Verdict::corpus ? " (" : ", ") + std::string(name(verdict)) + " " +
            std::to_string(verdicts[static_cast<std::size_t>(verdict)]);
  text += "; equivalent " + std::to_string(equivalent) + "): ";
  return text + fixed(percent()) + " % of those that are not equivalent";
}

Score score_of(const MutantList& list, const Rows& rows, const std::vector<std::uint32_t>& ids) {
  Score score;
  for (const std::uint32_t id : ids)
    if (const auto at = rows.all().find(id); at != rows.all().end())
      score.add(at->second.outcome.verdict, list.equivalent.contains(list.mutants[id - 1].key()));
  return score;
}

std::string refuted(const MutantList& list, const Rows& rows) {
  std::string text;
  for (const Mutant& mutant : list.mutants) {
    const auto at = rows.all().find(mutant.id);
    if (at == rows.all().end() || !killed(at->second.outcome.verdict)) continue;
    if (!list.equivalent.contains(mutant.key())) continue;
    text += "recorded as equivalent, but killed by " + at->second.outcome.signature + ": " +
            mutant.file + "\t" + mutant.key() + "\n";
  }
  return text;
}

std::string report(const MutantList& list, const Rows& rows, const std::vector<std::uint32_t>& ids) {
  Scores files, operators;
  std::map<std::pair<std::string, std::string>, Left> functions;
  for (const std::uint32_t id : ids) {
    const auto at = rows.all().find(id);
    if (at == rows.all().end()) continue;
    const Mutant& mutant = list.mutants[id - 1];
    const Outcome& outcome = at->second.outcome;
    const bool equivalent = list.equivalent.contains(mutant.key());
    files[mutant.file].add(outcome.verdict, equivalent);
    operators[mutant.op].add(outcome.verdict, equivalent);
    functions[{mutant.file, mutant.function}].add(outcome, equivalent);
  }
  const Score all = score_of(list, rows, ids);
  return table("operator", operators, all) + table("file", files, all) + left_table(functions);
}

}  // namespace daxfuzz::mutation
