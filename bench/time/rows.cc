// SPDX-License-Identifier: GPL-2.0-only
// Lines to rows, and what is missing among them. See rows.h.
#include "bench/time/rows.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "bugs/engine.h"

namespace daxfuzz::bench {
namespace {

constexpr std::string_view kTwin = "clean.";

double time_of(const bugs::Row& row, Measure measure) {
  switch (measure) {
    case Measure::executions: return static_cast<double>(row.executions);
    case Measure::steps: return static_cast<double>(row.steps);
    case Measure::seconds: return static_cast<double>(row.microseconds) / 1e6;
  }
  return 0;
}

// Of bugs/engine.h, or -1.
int place(const std::string& engine) {
  const auto known = bugs::engine_named(engine);
  return known ? static_cast<int>(*known) : -1;
}

}  // namespace

std::string_view name(Measure measure) {
  switch (measure) {
    case Measure::executions: return "executions";
    case Measure::steps: return "steps";
    case Measure::seconds: return "seconds";
  }
  return "";
}

Sample Rows::sample(const std::string& bug, const std::string& engine, Measure measure) const {
  Sample sample;
  if (const auto found = of.find({bug, engine}); found != of.end())
    for (const bugs::Row& row : found->second) sample.push_back({time_of(row, measure), row.found()});
  return sample;
}

double Rows::horizon(Measure measure) const {
  const double never = std::numeric_limits<double>::infinity();
  double censored = never, most = 0;
  for (const auto& [key, rows] : of)
    for (const bugs::Row& row : rows) {
      most = std::max(most, time_of(row, measure));
      if (!row.found()) censored = std::min(censored, time_of(row, measure));
    }
  return censored == never ? most : censored;
}

std::expected<Rows, std::string> read_rows(std::istream& in, const std::string& file) {
  Rows rows;
  std::set<std::tuple<std::string, std::string, std::uint64_t>> seen;
  std::set<std::string> names;
  std::set<std::pair<int, std::string>> engines;
  std::string line;
  const auto wrong = [&file](int number, const std::string& what) {
    return std::unexpected(file + ":" + std::to_string(number) + ": " + what);
  };
  for (int number = 1; std::getline(in, line); number++) {
    if (number == 1) {
      if (line != bugs::kRowHeader) return wrong(number, "expected the header of bugs/row.h, found none");
      continue;
    }
    auto row = bugs::parse_row(line);
    if (!row) return wrong(number, row.error());
    if (!seen.emplace(row->bug, row->engine, row->seed).second)
      return wrong(number, row->bug + ", " + row->engine + ", seed " + std::to_string(row->seed) + ": twice");
    if (place(row->engine) < 0) return wrong(number, "no engine is called '" + row->engine + "'");
    if (row->bug.starts_with(kTwin)) {
      rows.twins.push_back(std::move(*row));
      continue;
    }
    names.insert(row->bug);
    engines.emplace(place(row->engine), row->engine);
    rows.of[{row->bug, row->engine}].push_back(std::move(*row));
  }
  if (names.empty()) return wrong(1, "expected rows, found none");
  rows.bugs.assign(names.begin(), names.end());
  for (const auto& [order, engine] : engines) rows.engines.push_back(engine);
  return rows;
}

std::string objections(const Rows& rows) {
  std::string out;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> budgets;  // of twins
  for (const bugs::Row& twin : rows.twins) {
    std::uint64_t& budget = budgets[{twin.engine, twin.seed}];
    budget = std::max(budget, twin.budget);
    if (twin.found())
      out += twin.bug + ", " + twin.engine + ", seed " + std::to_string(twin.seed) + ": ALARM without a bug: " +
             twin.signature + "\n";
  }
  std::set<std::string> without;
  for (const auto& [key, some] : rows.of)
    for (const bugs::Row& row : some)
      if (budgets[{row.engine, row.seed}] < row.budget)
        without.insert(row.engine + ", seed " + std::to_string(row.seed) + ": no clean twin of " +
                       std::to_string(row.budget) + " executions\n");
  for (const std::string& line : without) out += line;
  return out;
}

}  // namespace daxfuzz::bench
