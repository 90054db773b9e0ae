// SPDX-License-Identifier: GPL-2.0-only
// Where a search is cut into parts, and how their reports become one. See parts.h.
#include "explore/parts.h"

#include <algorithm>
#include <bit>
#include <set>

#include "explore/arena.h"
#include "explore/node.h"
#include "sched/check.h"
#include "sched/scheduler.h"
#include "trace/number.h"

namespace daxfuzz::explore {
namespace {

// Decisions of more than this many are not looked at: a program that has so few choices is small.
constexpr std::size_t kDepthMax = 32;

// Follows decisions and looks at the next one.
class Look final : public sched::ChoiceSource {
 public:
  Look(const Subject& subject, const Limits& limits, const Decisions& decisions)
      : subject_(subject), limits_(limits), decisions_(decisions) {}

  sched::TaskId next(const sched::Choice& choice) override {
    const ArenaPause pause;
    node_ = asked(choice, node_ ? &*node_ : nullptr);
    if (bounded(*node_, limits_)) node_->left = bit(node_->current);
    if (at_ < decisions_.size()) return node_->chosen = decisions_[at_++];
    there = true;
    left = node_->left;
    key = key_of(subject_, limits_, *node_);
    return sched::kNoTask;
  }

  bool there = false;  // there is a next one
  std::uint32_t left = 0;
  std::optional<sched::Fingerprint::Value> key;

 private:
  const Subject& subject_;
  const Limits& limits_;
  const Decisions& decisions_;
  std::size_t at_ = 0;
  std::optional<Node> node_;
};

struct Part {
  Decisions first;
  std::uint32_t left = 0;  // what can follow; 0: the run is over
};

// The number at the beginning of `text`, which goes behind it and a blank.
template <class Number>
bool take(std::string_view& text, Number& number) {
  const std::size_t end = std::min(text.find(' '), text.size());
  if (!trace::parse_number(text.substr(0, end), number)) return false;
  text.remove_prefix(std::min(text.size(), end + 1));
  return true;
}

bool parse_outcome(std::string_view line, Report& report) {
  int failed = 0;
  std::uint64_t executions = 0, count = 0;
  if (!take(line, failed) || !take(line, executions) || !take(line, count)) return false;
  Found found{.failed = failed != 0, .executions = executions, .decisions = {}};
  for (; count != 0; count--) {
    std::uint32_t task = 0;
    if (!take(line, task) || task >= sched::kTasksMax) return false;
    found.decisions.push_back(static_cast<sched::TaskId>(task));
  }
  return report.outcomes.emplace(std::string(line), std::move(found)).second;
}

}  // namespace

std::vector<Decisions> split(Subject& subject, const Limits& limits, std::size_t wanted) {
  CHECK(limits.first.empty());
  std::vector<Part> parts;
  const auto look = [&](Decisions first, std::set<sched::Fingerprint::Value>& seen, std::vector<Part>& to) {
    Look look(subject, limits, first);
    (void)subject.run(look);
    if (look.key && !seen.insert(*look.key).second) return;
    to.push_back({.first = std::move(first), .left = look.there ? look.left : 0});
  };
  std::set<sched::Fingerprint::Value> seen;
  look({}, seen, parts);
  for (std::size_t depth = 0; parts.size() < wanted && depth < kDepthMax; depth++) {
    std::vector<Part> longer;
    seen.clear();
    for (const Part& part : parts) {
      if (part.left == 0) longer.push_back(part);
      for (std::uint32_t left = part.left; left != 0; left &= left - 1) {
        Decisions first = part.first;
        first.push_back(static_cast<sched::TaskId>(std::countr_zero(left)));
        look(std::move(first), seen, longer);
      }
    }
    parts = std::move(longer);
    if (std::ranges::all_of(parts, [](const Part& part) { return part.left == 0; })) break;
  }
  std::vector<Decisions> all;
  for (Part& part : parts) all.push_back(std::move(part.first));
  return all;
}

void merge(Report& into, const Report& part) {
  into.executions += part.executions;
  into.states += part.states;
  into.merged += part.merged;
  into.preempted += part.preempted;
  into.endless += part.endless;
  into.steps_longest = std::max(into.steps_longest, part.steps_longest);
  // That one is lost is told before that others were cut.
  if (into.cut == Cut::none || part.cut == Cut::lost) into.cut = part.cut;
  for (const auto& [key, found] : part.outcomes) {
    const auto [at, fresh] = into.outcomes.emplace(key, found);
    if (!fresh) at->second.executions += found.executions;
  }
}

std::string text(const Report& report) {
  std::string lines;
  const auto number = [&](std::uint64_t value) { lines += std::to_string(value) + " "; };
  number(static_cast<std::uint64_t>(report.cut));
  for (const std::uint64_t value : {report.executions, report.states, report.merged, report.preempted,
                                    report.endless, report.steps_longest}) number(value);
  number(report.outcomes.size());
  lines.back() = '\n';
  for (const auto& [key, found] : report.outcomes) {
    number(found.failed ? 1 : 0);
    number(found.executions);
    number(found.decisions.size());
    for (const sched::TaskId task : found.decisions) number(task);
    lines += key + "\n";
  }
  return lines;
}

std::expected<Report, std::string> parse_report(std::string_view text) {
  const auto wrong = [](std::string_view line) {
    return std::unexpected("expected a line of a part's report, found '" + std::string(line.substr(0, 60)) + "'");
  };
  const auto line_of = [&text] {
    const std::size_t end = text.find('\n');
    const std::string_view line = end == text.npos ? std::string_view() : text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
  };
  Report report;
  const std::string_view head = line_of();
  std::string_view rest = head;
  std::uint32_t cut = 0;
  std::uint64_t count = 0;
  if (!take(rest, cut) || cut > static_cast<std::uint32_t>(Cut::lost)) return wrong(head);
  for (std::uint64_t* value : {&report.executions, &report.states, &report.merged, &report.preempted,
                               &report.endless, &report.steps_longest, &count})
    if (!take(rest, *value)) return wrong(head);
  report.cut = static_cast<Cut>(cut);
  for (; count != 0; count--) {
    const std::string_view line = line_of();
    if (!parse_outcome(line, report)) return wrong(line);
  }
  if (!rest.empty() || !text.empty()) return wrong(rest.empty() ? text : rest);
  return report;
}

}  // namespace daxfuzz::explore
