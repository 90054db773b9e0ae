// SPDX-License-Identifier: GPL-2.0-only
// A figure: what was measured, once a round, beside the bare fiber switch of the same round; and
// bounds that are asked of it. Knows nothing of what is measured. Read next: subject.h.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daxfuzz::cost {

enum class Unit { nanoseconds, per_second, count };

// Of what takes time or is counted the most that it may be, of a rate the least.
struct Bound {
  double value = 0;
  bool in_switches = false;  // so many bare switches; else in the figure's own unit
  bool operator==(const Bound&) const = default;
};

struct Figure {
  std::string name;
  Unit unit = Unit::nanoseconds;
  std::optional<Bound> aim;
  std::vector<double> samples{};  // one a round
};

// The figure that all are beside: a switch from one fiber to another, nothing else.
inline constexpr std::string_view kSwitch = "switch";

[[nodiscard]] double median(std::vector<double> values);
// How many bare switches it takes to do it once: the median of the rounds' ratios. None of a count.
[[nodiscard]] std::optional<double> in_switches(const Figure& figure, const Figure& bare);
// The figure as the bound counts it, and whether that is within it.
[[nodiscard]] double measured(const Figure& figure, const Figure& bare, const Bound& bound);
[[nodiscard]] bool holds(const Figure& figure, const Figure& bare, const Bound& bound);

struct Requirement {
  std::string name;
  Bound bound;
};
// "NAME=12.5", "NAME=3x": three switches. The error says what is wrong.
[[nodiscard]] std::expected<Requirement, std::string> requirement(std::string_view text);

// A line a figure, and whether its aim is met. raw: then the samples.
[[nodiscard]] std::string table(const std::vector<Figure>& figures, bool raw);
// A line for each requirement that is not met, or that is of no figure.
[[nodiscard]] std::string missed(const std::vector<Figure>& figures,
                                 const std::vector<Requirement>& requirements);

}  // namespace daxfuzz::cost
