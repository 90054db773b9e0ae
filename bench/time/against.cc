// SPDX-License-Identifier: GPL-2.0-only
// See against.h. The best of a bug is the engine with the least median; no baseline is one.
#include "bench/time/against.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>

#include "bench/time/table.h"
#include "bugs/engine.h"

namespace daxfuzz::bench {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

using Engines = std::vector<std::string>;

Engines engines_that(const Rows& rows, const std::function<bool(bugs::Engine)>& are) {
  Engines out;
  for (const std::string& engine : rows.engines)
    if (const auto known = bugs::engine_named(engine); known && are(*known)) out.push_back(engine);
  return out;
}
Engines stress_of(const Rows& rows) { return engines_that(rows, bugs::threaded); }
Engines engines_of(const Rows& rows) {
  return engines_that(rows, [](bugs::Engine engine) { return !bugs::baseline(engine); });
}

struct Of {
  std::string engine;
  Side side;
};

// Nothing is known of who has no rows.
std::vector<Of> sides(const Rows& rows, const std::string& bug, const Engines& engines, Measure measure) {
  std::vector<Of> out;
  for (const std::string& engine : engines) {
    const Sample sample = rows.sample(bug, engine, measure);
    if (sample.empty()) continue;
    double censored = kNever, most = 0;
    for (const Observation& one : sample) {
      most = std::max(most, one.time);
      if (!one.found) censored = std::min(censored, one.time);
    }
    out.push_back({engine, {.median = median(kaplan_meier(sample)), .horizon = censored == kNever ? most : censored}});
  }
  return out;
}

// If none finds, then none does within the least of their horizons.
Of best(const std::vector<Of>& sides) {
  return *std::ranges::min_element(sides, [](const Of& a, const Of& b) {
    return a.side.median != b.side.median ? a.side.median < b.side.median : a.side.horizon < b.side.horizon;
  });
}

// By bug, where both sides have rows.
std::vector<Ratio> ratios(const Rows& rows, const std::string& stress, const Engines& engines, Measure measure) {
  std::vector<Ratio> out;
  for (const std::string& bug : rows.bugs) {
    const auto one = sides(rows, bug, {stress}, measure), others = sides(rows, bug, engines, measure);
    if (!one.empty() && !others.empty()) out.push_back(ratio(one.front().side, best(others).side));
  }
  return out;
}

std::string count(const std::vector<Ratio>& ratios) {
  const auto neither = static_cast<std::size_t>(std::ranges::count(ratios, Bound::neither, &Ratio::bound));
  return std::to_string(ratios.size() - neither) + " of " + std::to_string(ratios.size());
}

std::string ruled(std::size_t columns) {
  std::string out = "|";
  for (std::size_t i = 0; i < columns; i++) out += "---|";
  return out + "\n";
}

}  // namespace

Ratio ratio(const Side& stress, const Side& engine) {
  if (stress.median == kNever && engine.median == kNever) return {};
  if (stress.median == kNever) return {Bound::at_least, stress.horizon / engine.median};
  if (engine.median == kNever) return {Bound::at_most, stress.median / engine.horizon};
  return {Bound::exact, stress.median / engine.median};
}

Ratio middle(std::vector<Ratio> ratios) {
  std::erase_if(ratios, [](const Ratio& one) { return one.bound == Bound::neither; });
  if (ratios.empty()) return {};
  std::ranges::sort(ratios, [](const Ratio& a, const Ratio& b) {
    const bool a_least = a.bound == Bound::at_most, b_least = b.bound == Bound::at_most;
    return a_least != b_least ? a_least : a.value < b.value;
  });
  const auto at = ratios.begin() + static_cast<std::ptrdiff_t>((ratios.size() - 1) / 2);
  Ratio out = *at;
  if (out.bound == Bound::at_most) return out;
  // One of those before it may be more than it.
  for (auto one = ratios.begin(); one != at; ++one)
    if (one->bound == Bound::at_least || (one->bound == Bound::at_most && one->value > out.value))
      out.bound = Bound::at_least;
  return out;
}

std::string text(const Ratio& ratio) {
  if (ratio.bound == Bound::neither) return "-";
  char number[64];
  std::snprintf(number, sizeof number, ratio.value < 10 ? "%.2g" : "%.0f", ratio.value);
  const char* sign = ratio.bound == Bound::at_least ? "> " : ratio.bound == Bound::at_most ? "< " : "";
  return std::string(sign) + number + " times";
}

std::string stress_table(const Rows& rows, Measure measure) {
  const Engines stress = stress_of(rows), engines = engines_of(rows);
  if (stress.empty() || engines.empty()) return "";
  std::string out = "| " + std::string(name(measure)) + " on real threads, not repeatable |";
  for (const std::string& engine : engines) out += " to " + engine + " |";
  out += " to the best of each bug | bugs that either side finds |\n" + ruled(3 + engines.size());
  for (const std::string& one : stress) {
    out += "| " + one + " |";
    for (const std::string& engine : engines) out += " " + text(middle(ratios(rows, one, {engine}, measure))) + " |";
    const auto to_best = ratios(rows, one, engines, measure);
    out += " " + text(middle(to_best)) + " | " + count(to_best) + " |\n";
  }
  return out;
}

std::string stress_bug_table(const Rows& rows, Measure measure) {
  const Engines stress = stress_of(rows), engines = engines_of(rows);
  if (stress.empty() || engines.empty()) return "";
  std::string out = "| bug | best engine |";
  for (const std::string& one : stress) out += " " + one + " |";
  out += "\n" + ruled(2 + stress.size());
  for (const std::string& bug : rows.bugs) {
    const auto others = sides(rows, bug, engines, measure);
    if (others.empty()) continue;
    const Of than = best(others);
    out += "| " + bug + " | " + (than.side.median == kNever ? "none" : than.engine) + ": " +
           number(than.side.median, measure, than.side.horizon) + " |";
    for (const std::string& one : stress) {
      const auto side = sides(rows, bug, {one}, measure);
      if (side.empty()) out += " |";
      else
        out += " " + number(side.front().side.median, measure, side.front().side.horizon) + ": " +
               text(ratio(side.front().side, than.side)) + " |";
    }
    out += "\n";
  }
  std::string in_the_median = "| in the median | |", by_neither = "| found by neither side | |";
  for (const std::string& one : stress) {
    const auto all = ratios(rows, one, engines, measure);
    in_the_median += " " + text(middle(all)) + " |";
    by_neither += " " + std::to_string(std::ranges::count(all, Bound::neither, &Ratio::bound)) + " of " +
                  std::to_string(all.size()) + " |";
  }
  return out + in_the_median + "\n" + by_neither + "\n";
}

}  // namespace daxfuzz::bench
