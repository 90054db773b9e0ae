// SPDX-License-Identifier: GPL-2.0-only
// Medians, ratios, bounds and the report. See figure.h.
#include "bench/cost/figure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sched/check.h"
#include "trace/number.h"

namespace daxfuzz::cost {
namespace {

const char* name(Unit unit) {
  switch (unit) {
    case Unit::nanoseconds: return "ns";
    case Unit::per_second: return "per s";
    case Unit::count: return "";
  }
  return "?";
}

// Large ones without digits behind the point.
std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", std::abs(value) < 1000 ? 2 : 0, value);
  return text;
}

std::string text_of(const Bound& bound, Unit unit) {
  std::string value = number(bound.value);
  while (value.contains('.') && (value.ends_with('0') || value.ends_with('.'))) value.pop_back();
  if (bound.in_switches) return "at most " + value + "x";
  return (unit == Unit::per_second ? "at least " : "at most ") + value;
}

const Figure* find(const std::vector<Figure>& figures, std::string_view name) {
  const auto at = std::ranges::find(figures, name, &Figure::name);
  return at == figures.end() ? nullptr : &*at;
}

}  // namespace

double median(std::vector<double> values) {
  CHECK(!values.empty());
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::optional<double> in_switches(const Figure& figure, const Figure& bare) {
  CHECK(bare.unit == Unit::nanoseconds && bare.samples.size() == figure.samples.size());
  if (figure.unit == Unit::count) return std::nullopt;
  std::vector<double> ratios;
  for (std::size_t round = 0; round < figure.samples.size(); round++) {
    const double sample = figure.samples[round];
    ratios.push_back((figure.unit == Unit::per_second ? 1e9 / sample : sample) / bare.samples[round]);
  }
  return median(ratios);
}

double measured(const Figure& figure, const Figure& bare, const Bound& bound) {
  CHECK(!bound.in_switches || figure.unit != Unit::count);
  return bound.in_switches ? *in_switches(figure, bare) : median(figure.samples);
}

bool holds(const Figure& figure, const Figure& bare, const Bound& bound) {
  const double value = measured(figure, bare, bound);
  const bool least = figure.unit == Unit::per_second && !bound.in_switches;
  return least ? value >= bound.value : value <= bound.value;
}

std::expected<Requirement, std::string> requirement(std::string_view text) {
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos || at == 0) return std::unexpected("want NAME=BOUND");
  Requirement found{.name = std::string(text.substr(0, at)), .bound = {}};
  std::string_view value = text.substr(at + 1);
  found.bound.in_switches = value.ends_with('x');
  if (found.bound.in_switches) value.remove_suffix(1);
  if (!trace::parse_number(value, found.bound.value) || !std::isfinite(found.bound.value))
    return std::unexpected("want a number, or one and an x, for " + found.name);
  return found;
}

std::string table(const std::vector<Figure>& figures, bool raw) {
  const Figure* bare = find(figures, kSwitch);
  CHECK(bare != nullptr);
  char line[256];
  std::snprintf(line, sizeof line, "%-22s %12s %12s %12s %-6s %9s  %s\n", "figure", "median", "lowest",
                "highest", "", "switches", "aim");
  std::string out = line;
  for (const Figure& figure : figures) {
    const auto [low, high] = std::ranges::minmax(figure.samples);
    const std::optional<double> ratio = in_switches(figure, *bare);
    std::string aim = figure.aim ? text_of(*figure.aim, figure.unit) : "";
    if (figure.aim) aim += holds(figure, *bare, *figure.aim) ? ": met" : ": NOT met";
    std::snprintf(line, sizeof line, "%-22s %12s %12s %12s %-6s %9s  %s", figure.name.c_str(),
                  number(median(figure.samples)).c_str(), number(low).c_str(), number(high).c_str(),
                  name(figure.unit), ratio ? number(*ratio).c_str() : "", aim.c_str());
    std::string row = line;
    while (row.ends_with(' ')) row.pop_back();
    out += row + "\n";
  }
  for (const Figure& figure : figures) {
    if (!raw) break;
    out += "raw " + figure.name + ":";
    for (const double sample : figure.samples) out += " " + number(sample);
    out += "\n";
  }
  return out;
}

std::string missed(const std::vector<Figure>& figures, const std::vector<Requirement>& requirements) {
  const Figure* bare = find(figures, kSwitch);
  CHECK(bare != nullptr);
  std::string out;
  for (const Requirement& wanted : requirements) {
    const Figure* figure = find(figures, wanted.name);
    if (figure == nullptr) {
      out += "MISSED " + wanted.name + ": there is no such figure\n";
    } else if (wanted.bound.in_switches && figure->unit == Unit::count) {
      out += "MISSED " + wanted.name + ": a count is not in switches\n";
    } else if (!holds(*figure, *bare, wanted.bound)) {
      out += "MISSED " + wanted.name + ": " + number(measured(*figure, *bare, wanted.bound)) + ", wanted " +
             text_of(wanted.bound, figure->unit) + "\n";
    }
  }
  return out;
}

}  // namespace daxfuzz::cost
