// SPDX-License-Identifier: GPL-2.0-only
// What came of properties, as text: KTAP (Documentation/dev-tools/ktap.rst), JUnit's XML, JSON. The same
// tree prints the same, but for times, which are there if they were asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/beside.h"
#include "properties/property.h"

namespace daxfuzz::properties {

struct Result {
  Property property;
  Outcome outcome;
  std::string saved;  // the file of the counterexample; empty if there is none
  std::optional<std::int64_t> milliseconds;  // of the processor
  std::optional<Beside> beside;
};

[[nodiscard]] std::string ktap_header(std::size_t count);
// The lines of one, with the counterexample as diagnostics.
[[nodiscard]] std::string ktap_line(std::size_t number, const Result& result);
[[nodiscard]] std::string as_junit(const std::vector<Result>& results);
[[nodiscard]] std::string as_json(const std::vector<Result>& results, const Search& search);

[[nodiscard]] std::string list_as_text(const std::vector<Property>& properties);
[[nodiscard]] std::string list_as_json(const std::vector<Property>& properties);

}  // namespace daxfuzz::properties
