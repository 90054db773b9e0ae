// SPDX-License-Identifier: GPL-2.0-only
// rc::state over the models of stateful.h, one command after another. See steps.h.
#include "properties/stateful.h"

#include "exec/execute.h"
#include "exec/ops.h"
#include "model/testing.h"
#include "properties/execute.h"
#include "properties/programs.h"
#include "properties/steps.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;

template <class C>
void run_all(const std::function<std::unique_ptr<PureModel<C>>()>& model, System<C>& system,
             const rc::Gen<C>& command, const std::function<std::string(const C&)>& print) {
  const std::function<Box<C>()> begin = [model] { return Box<C>{model()}; };
  rc::state::runAll(*commands_of<C>(begin, command, print), begin, system);
}

// What comes before the commands of two cases in three: files as large as the shape lets them be, holes or
// data, each mapped whole.
std::vector<Op> first_ops(const Shape& shape, const trace::Geometry& geometry, int kind) {
  const auto pages = static_cast<std::uint16_t>(shape.large ? kFilePages : 3);
  std::vector<Op> ops;
  for (std::uint8_t file = 0; kind != 0 && file < geometry.files && file < 2; file++) {
    const trace::OpCode code = kind == 1 ? trace::OpCode::truncate : trace::OpCode::write;
    ops.push_back({.code = code, .file = file, .len = pages, .value = static_cast<std::uint8_t>(251 + file)});
    ops.push_back({.code = trace::OpCode::mmap, .file = file, .len = pages, .map = file});
  }
  for (Op& op : ops) op = trace::canonical(op, geometry);
  return ops;
}

struct Quiet final : kernel::testing::Recorder {};

}  // namespace

void expect_follows(Trial& trial, const OpSuite& suite, int percent) {
  CHECK(suite.shape.threads_max == 1 && suite.check);
  trial.run(
      [&] {
        trace::Program program;
        program.protocol =
            suite.shape.protocols[*rc::gen::inRange<std::size_t>(0, suite.shape.protocols.size())];
        program.geometry = *geometry_of(suite.shape);
        const Kinds present = *swarm(suite.shape.allowed);
        const std::vector<Op> first = first_ops(suite.shape, program.geometry, *rc::gen::inRange(0, 3));
        // Ops meet on few pages.
        Shape shape = suite.shape;
        shape.large = shape.large && *rc::gen::inRange(0, 3) == 0;
        count_execution();
        kernel::testing::Machine<Quiet> machine(kernel::protocol_value(program.protocol), program.geometry);
        const kernel::testing::KernelRaces races;
        System<Op> system;
        for (const Op& op : first) (void)exec::run_op(machine.world, op);
        system.done = first;
        system.run = [&](const Op& op, const PureModel<Op>& before, const PureModel<Op>& after) {
          const std::int64_t result = exec::run_op(machine.world, op);
          return suite.check(machine.world, {.op = op, .result = result, .before = before, .after = after});
        };
        system.told = [&](const std::string& why, const std::vector<Op>& done) {
          program.ops = done;
          trial.failed(
              why,
              [&trial, program, why] {
                return as_daxt(program, trial.property(), trial.search(), why, exec::execute(program));
              },
              true);
        };
        // By value: shrinking asks for it when this case is over.
        const auto model = [make = suite.model, first, empty = program] {
          std::unique_ptr<PureModel<Op>> made = make(empty);
          for (const Op& op : first) made->apply(op);
          return made;
        };
        run_all<Op>(model, system, op_of(shape, present, program.geometry, 1),
                    [](const Op& op) { return trace::print(op); });
      },
      percent);
}

void expect_follows(Trial& trial, const CallSuite& suite, int percent) {
  const std::function<std::string(const Call&)> print = [&suite](const Call& call) {
    return text_of(suite.kinds, call);
  };
  const auto call = call_of(suite.kinds, all_rows(suite.kinds));
  trial.run(
      [&] {
        count_execution();
        const std::unique_ptr<Part> part = suite.part();
        System<Call> system;
        system.run = [&](const Call& one, const PureModel<Call>& before, const PureModel<Call>& after) {
          return part->run(one, before, after);
        };
        system.told = [&](const std::string& why, const std::vector<Call>& done) {
          std::string text = "# property  " + trial.property().full_name() + "\n# seed      " +
                             std::to_string(trial.search().seed) + "\n# because   " + why + "\n";
          for (const Call& one : done) text += print(one) + "\n";
          trial.failed(why, [text] { return text; }, false);
        };
        run_all<Call>(suite.model, system, call, print);
      },
      percent);
}

}  // namespace daxfuzz::properties
