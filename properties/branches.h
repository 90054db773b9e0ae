// SPDX-License-Identifier: GPL-2.0-only
// Parallel stateful testing of rc::state's commands: some one after another, then two to four branches of them side
// by side, each a task of the controlled scheduler. Commands and schedule are drawn and shrunk together. What
// the calls returned, and what they have left, must be what they return and leave in some order. Of parts of the
// port; whole programs have parallel.h, whose counterexamples are .daxt. Read next: orders.h,
// entry_table_properties_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "properties/stateful.h"

namespace daxfuzz::properties {

class BranchModel : public PureModel<Call> {
 public:
  // What the last call returns.
  [[nodiscard]] virtual std::int64_t returned() const = 0;
  [[nodiscard]] virtual bool same(const BranchModel& other) const = 0;
};

// A part that tasks call side by side.
class SharedPart {
 public:
  virtual ~SharedPart() = default;
  // On a task, which may be abandoned in it: nothing on its stack may own memory.
  virtual std::int64_t call(const Call& call) = 0;
  // When all have returned: why the part is not as `last` says; empty if it is.
  virtual std::string differs_from(const BranchModel& last) = 0;
};

struct BranchSuite {
  std::vector<CallKind> kinds;
  std::vector<std::uint8_t> side_by_side;  // rows of kinds that a model always allows, so in every order
  std::function<std::unique_ptr<BranchModel>()> model;
  std::function<std::unique_ptr<SharedPart>()> part;
};
// A counterexample is the calls of T0 before all others, those of the branches, and the schedule that ran.
void expect_in_branches(Trial& trial, const BranchSuite& suite, int percent = 100);

}  // namespace daxfuzz::properties
