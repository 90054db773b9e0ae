// SPDX-License-Identifier: GPL-2.0-only
// One case a row of invariant.def, and one more for each further check of the row: a
// machine that breaks exactly that rule, and its twin that does the same work rightly.
// Cases are in <checker>_cases.cc, one file a checker; judge_test.cc runs each with its
// checker alone, with all, and with all others.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include "model/testing.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {

// A machine that a judge watches, driven off a task unless on_tasks() is used.
class Bench : public kernel::testing::Machine<Judge> {
 public:
  Bench(const kernel::Protocol& protocol, std::uint32_t checkers,
        const trace::Geometry& geometry = kernel::testing::kNoPmd)
      : Machine(protocol, geometry, checkers, -1) {
    watch.attach(world);
  }

  Judge& judge() { return watch; }
  // Runs tasks as the executor does: who is stuck at the end is diagnosed.
  sched::Outcome on_tasks(sched::ChoiceSource& choices, std::vector<std::function<void()>> bodies);
};

struct Case {
  std::string_view id;        // of invariant.def
  std::string_view function;  // that the violation is attributed to
  trace::ProtocolId protocol;
  std::vector<trace::Setting> broken;  // settings that only the broken machine has
  void (*run)(Bench& bench, bool broken);
  trace::Geometry geometry = kernel::testing::kNoPmd;
  std::string_view says = {};  // of a further check of the row: what its violation says, and no other's of it
};
inline constexpr trace::Geometry kWithPmd{};  // files of four pages are one PMD
inline void PrintTo(const Case& c, std::ostream* out) { *out << c.id; }  // for GoogleTest

[[nodiscard]] std::span<const Case> reference_cases();
[[nodiscard]] std::span<const Case> lifetime_cases();
[[nodiscard]] std::span<const Case> entry_lock_cases();
[[nodiscard]] std::span<const Case> lock_cases();
[[nodiscard]] std::span<const Case> association_cases();
[[nodiscard]] std::span<const Case> data_cases();
[[nodiscard]] std::span<const Case> wakeup_cases();
[[nodiscard]] std::span<const Case> warn_cases();
[[nodiscard]] std::span<const Case> persistence_cases();

}  // namespace daxfuzz::oracle
