// SPDX-License-Identifier: GPL-2.0-only
// All rows of a bench (bugs/row.h), by bug and engine, and what makes them none: a row twice, an alarm
// of the clean model, a hunt without its twin. Read next: summary.h.
#pragma once

#include <expected>
#include <istream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/time/survival.h"
#include "bugs/row.h"

namespace daxfuzz::bench {

// What a time is counted in.
enum class Measure : std::uint8_t { executions, steps, seconds };
inline constexpr Measure kMeasures[] = {Measure::executions, Measure::steps, Measure::seconds};
[[nodiscard]] std::string_view name(Measure measure);

struct Rows {
  std::vector<std::string> engines;  // that have a row, in the order of bugs/engine.h
  std::vector<std::string> bugs;     // by name, without the clean model
  std::map<std::pair<std::string, std::string>, std::vector<bugs::Row>> of;  // bug, engine
  std::vector<bugs::Row> twins;      // of the clean model

  // A row's time and whether it found, for each row of a bug and an engine.
  [[nodiscard]] Sample sample(const std::string& bug, const std::string& engine, Measure measure) const;
  // The time that every hunt reaches unless it finds: the least of those that found nothing, or the
  // most of all if each found.
  [[nodiscard]] double horizon(Measure measure) const;
};

// The error is a line: file, line, what is wrong. Alarms are no error here.
[[nodiscard]] std::expected<Rows, std::string> read_rows(std::istream& in, const std::string& file);

// Lines that say where the clean model was found guilty, or was not hunted by an engine from a seed for
// as long as a bug was; "" if all is well.
[[nodiscard]] std::string objections(const Rows& rows);

}  // namespace daxfuzz::bench
