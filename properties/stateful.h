// SPDX-License-Identifier: GPL-2.0-only
// Commands against a pure model, one at a time: rapidcheck's rc::state, put together once in
// stateful.cc, so that a suite needs none of its templates. A command is an op of a program, run
// on a machine without a scheduler and without oracles, or a call into one part of the port.
// What is looked at after each command is the property. Read next: machine_properties_test.cc
// (ops), parts_properties_test.cc (calls).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/world.h"
#include "properties/shape.h"

namespace daxfuzz::properties {

// What commands do to what one can know without the port.
template <class Command>
class PureModel {
 public:
  virtual ~PureModel() = default;
  [[nodiscard]] virtual std::unique_ptr<PureModel> clone() const = 0;
  // A command that would make no sense here is not drawn.
  [[nodiscard]] virtual bool allows(const Command& command) const { return (void)command, true; }
  virtual void apply(const Command& command) = 0;
};

// A model that foresees nothing: for what holds whatever was done.
template <class Command>
class NoModel final : public PureModel<Command> {
 public:
  [[nodiscard]] std::unique_ptr<PureModel<Command>> clone() const override { return std::make_unique<NoModel>(); }
  void apply(const Command&) override {}
};

// --- ops -----------------------------------------------------------------------------

struct OpDone {
  const trace::Op& op;
  std::int64_t result;
  const PureModel<trace::Op>& before;
  const PureModel<trace::Op>& after;
};
// Why the machine is not as it should be after an op; empty if it is.
using MachineCheck = std::function<std::string(const kernel::World& world, const OpDone& done)>;

struct OpSuite {
  Shape shape;
  // Of a program of that protocol and geometry that has no ops yet.
  std::function<std::unique_ptr<PureModel<trace::Op>>(const trace::Program& empty)> model =
      [](const trace::Program&) { return std::make_unique<NoModel<trace::Op>>(); };
  MachineCheck check;
};
// A counterexample is a .daxt of one thread.
void expect_follows(Trial& trial, const OpSuite& suite, int percent = 100);

// --- calls ----------------------------------------------------------------------------

// A row of the table that a suite's calls are: its name, and one more than the largest value of each
// of its numbers.
struct CallKind {
  const char* name;
  std::uint8_t a = 1, b = 1, c = 1;
};
struct Call {
  std::uint8_t kind = 0;
  std::uint8_t a = 0, b = 0, c = 0;
};

// A part of the port by itself.
class Part {
 public:
  virtual ~Part() = default;
  // Makes the call. Why what came of it is not what `after` says; empty if it is.
  virtual std::string run(const Call& call, const PureModel<Call>& before, const PureModel<Call>& after) = 0;
};

struct CallSuite {
  std::vector<CallKind> kinds;
  std::function<std::unique_ptr<PureModel<Call>>()> model;
  std::function<std::unique_ptr<Part>()> part;
};
// A counterexample is a list of calls, one a line.
void expect_follows(Trial& trial, const CallSuite& suite, int percent = 100);

}  // namespace daxfuzz::properties
