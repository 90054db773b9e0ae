// SPDX-License-Identifier: GPL-2.0-only
// The lines as rows, and what differs between two lists. See try_report.h.
#include "cli/try_report.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "cli/values.h"

namespace daxfuzz::cli {
namespace {

using Columns = std::vector<std::string>;
constexpr std::size_t kColumns[] = {4, 5, 5, 5, 3};
constexpr std::string_view kKinds[] = {"trace", "hunt", "program", "race", "worth"};

struct Answers {
  std::vector<Columns> traces, hunts, programs, races, worth;
};

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::expected<Answers, std::string> parse(std::string_view text) {
  Answers answers;
  std::vector<Columns>* const lists[] = {&answers.traces, &answers.hunts, &answers.programs,
                                         &answers.races, &answers.worth};
  for (const std::string& each : split(text, '\n')) {
    if (each.empty()) continue;
    Columns columns = split(each, '\t');
    const auto kind = std::ranges::find(kKinds, columns.front()) - std::begin(kKinds);
    if (kind == std::ssize(kKinds) || columns.size() != kColumns[kind])
      return std::unexpected("expected a line of a probe, found '" + each + "'");
    lists[kind]->push_back(std::move(columns));
  }
  return answers;
}

std::set<std::string> signatures(const std::vector<Columns>& hunts) {
  std::set<std::string> all;
  for (const Columns& columns : hunts) all.insert(columns[3]);
  return all;
}

// Of those that `others` has not, the first hunt of each.
std::vector<HuntChange> only(const std::vector<Columns>& hunts, const std::set<std::string>& others) {
  std::vector<HuntChange> changes;
  std::set<std::string> told = others;
  for (const Columns& columns : hunts)
    if (told.insert(columns[3]).second)
      changes.push_back({.signature = columns[3], .protocol = columns[1], .engine = columns[2],
                         .executions = number(columns[4])});
  return changes;
}

std::vector<RaceChange> new_races(const std::vector<Columns>& before, const std::vector<Columns>& after) {
  std::set<std::string> told;
  for (const Columns& columns : before) told.insert(columns[2] + "\t" + columns[3]);
  std::vector<RaceChange> changes;
  for (const Columns& columns : after)
    if (told.insert(columns[2] + "\t" + columns[3]).second)
      changes.push_back({.protocol = columns[1], .load = columns[2], .write = columns[3]});
  return changes;
}

bool same_questions(const std::vector<Columns>& a, const std::vector<Columns>& b) {
  return std::ranges::equal(a, b, [](const Columns& x, const Columns& y) {
    return x[1] == y[1] && x[2] == y[2];
  });
}

}  // namespace

bool Tried::broke() const {
  return !found.empty() ||
         std::ranges::any_of(changed, [](const TraceChange& c) { return c.before == "pass"; });
}

std::expected<Tried, std::string> compared(std::string_view before, std::string_view after) {
  const auto a = parse(before), b = parse(after);
  if (!a || !b) return std::unexpected(a ? b.error() : a.error());
  if (!same_questions(a->traces, b->traces) || !same_questions(a->programs, b->programs))
    return std::unexpected("the two builds were not asked the same");
  Tried tried{.traces = a->traces.size(), .programs = a->programs.size(), .changed = {}, .found = {},
              .gone = {}, .races = {}, .programs_changed = {}, .worth = {}};
  for (std::size_t i = 0; i < a->traces.size(); i++) {
    const Columns &was = a->traces[i], &is = b->traces[i];
    if (was[3] != is[3])
      tried.changed.push_back({.name = was[1], .protocol = was[2], .before = was[3], .after = is[3]});
  }
  tried.found = only(b->hunts, signatures(a->hunts));
  tried.gone = only(a->hunts, signatures(b->hunts));
  tried.races = new_races(a->races, b->races);
  for (std::size_t i = 0; i < a->programs.size(); i++) {
    const Columns &was = a->programs[i], &is = b->programs[i];
    if (was != is)
      tried.programs_changed.push_back({.protocol = was[1], .number = number(was[2]),
                                        .before = was[3] + ": " + was[4], .after = is[3] + ": " + is[4]});
  }
  for (const Columns& columns : b->worth) tried.worth.push_back(columns[1] + "  " + columns[2]);
  return tried;
}

std::string line(const TraceChange& change) {
  return change.name + "  " + change.protocol + "  " + change.before + " -> " + change.after;
}

}  // namespace daxfuzz::cli
