// SPDX-License-Identifier: GPL-2.0-only
// Each row of a table from the samples. See table.h.
#include "bench/time/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "bugs/engine.h"

namespace daxfuzz::bench {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::string with(const std::string& value, const Interval& interval, Measure measure, double horizon) {
  return value + " [" + number(interval.low, measure, horizon) + ", " + number(interval.high, measure, horizon) + "]";
}

std::size_t found_in(const Sample& sample) {
  return static_cast<std::size_t>(std::ranges::count(sample, true, &Observation::found));
}

// Of an odd number the middle one, of an even one the lower of the two: of a bug that is not found too.
double middle(std::vector<double> values) {
  if (values.empty()) return kNever;
  std::ranges::sort(values);
  return values[(values.size() - 1) / 2];
}

double mean_of(const std::vector<Sample>& samples, double horizon) {
  double sum = 0;
  for (const Sample& sample : samples) sum += restricted_mean(kaplan_meier(sample), horizon);
  return sum / static_cast<double>(samples.size());
}

// How many of an engine's bugs made a difference to some run, if that was asked.
std::string diverged_of(const Rows& rows, const std::string& engine) {
  std::size_t bugs = 0, asked = 0;
  for (const auto& [key, some] : rows.of) {
    if (key.second != engine) continue;
    asked++;
    bugs += std::ranges::any_of(some, [](const bugs::Row& row) { return row.diverged.has_value(); }) ? 1 : 0;
  }
  return bugs == 0 ? "-" : std::to_string(bugs) + " of " + std::to_string(asked);
}

std::string engine_row(const Rows& rows, const std::string& engine, Measure measure, double horizon) {
  std::vector<Sample> samples;
  std::vector<double> medians;
  std::size_t some = 0, hunts = 0, found = 0;
  for (const std::string& bug : rows.bugs) {
    Sample sample = rows.sample(bug, engine, measure);
    if (sample.empty()) continue;
    medians.push_back(median(kaplan_meier(sample)));
    some += found_in(sample) > 0 ? 1 : 0;
    found += found_in(sample);
    hunts += sample.size();
    samples.push_back(std::move(sample));
  }
  const Interval interval = bootstrap(samples, [horizon](const std::vector<Sample>& s) { return mean_of(s, horizon); });
  const auto known = bugs::engine_named(engine);
  const std::string mark = known && !bugs::repeatable(*known) ? ", not repeatable" : "";
  return "| " + engine + mark + " | " + diverged_of(rows, engine) + " | " + std::to_string(some) + " of " +
         std::to_string(samples.size()) + " | " + std::to_string(found) + " of " + std::to_string(hunts) + " | " +
         number(middle(medians), measure, horizon) + " | " +
         with(number(mean_of(samples, horizon), measure, horizon), interval, measure, horizon) + " |\n";
}

std::string cell(const Sample& sample, Measure measure, double horizon) {
  if (sample.empty()) return "";
  const auto of = [](const std::vector<Sample>& samples) { return median(kaplan_meier(samples.front())); };
  const std::string share = std::to_string(found_in(sample)) + "/" + std::to_string(sample.size());
  if (found_in(sample) == 0) return share;
  return share + ": " + with(number(of({sample}), measure, horizon), bootstrap({sample}, of), measure, horizon);
}

}  // namespace

std::string number(double value, Measure measure, double horizon) {
  char text[64];
  const int digits = measure == Measure::seconds ? 2 : 0;
  if (value == kNever) std::snprintf(text, sizeof text, "> %.*f", digits, horizon);
  else std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string engine_table(const Rows& rows, Measure measure) {
  const double horizon = rows.horizon(measure);
  std::string out = "| engine | bugs that made a difference | bugs found by any seed | hunts that found | " +
                    std::string(name(measure)) + ": median of the bugs' medians | mean up to " +
                    number(horizon, measure, horizon) + " |\n|---|---|---|---|---|---|\n";
  for (const std::string& engine : rows.engines) out += engine_row(rows, engine, measure, horizon);
  return out;
}

std::string bug_table(const Rows& rows, Measure measure) {
  const double horizon = rows.horizon(measure);
  std::string out = "| bug |", line = "|---|";
  for (const std::string& engine : rows.engines) out += " " + engine + " |", line += "---|";
  out += "\n" + line + "\n";
  for (const std::string& bug : rows.bugs) {
    out += "| " + bug + " |";
    for (const std::string& engine : rows.engines)
      out += " " + cell(rows.sample(bug, engine, measure), measure, horizon) + " |";
    out += "\n";
  }
  return out;
}

}  // namespace daxfuzz::bench
