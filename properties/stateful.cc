// SPDX-License-Identifier: GPL-2.0-only
// rc::state over the models of stateful.h. The only file that instantiates its templates.
#include "properties/stateful.h"

#include <rapidcheck/state.h>

#include "exec/execute.h"
#include "exec/ops.h"
#include "model/testing.h"
#include "properties/execute.h"
#include "properties/programs.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;

// A model as a value.
template <class C>
struct Box {
  std::shared_ptr<const PureModel<C>> model;
};

// What commands run on: told to `told` if it fails.
template <class C>
struct System {
  std::function<std::string(const C& command, const PureModel<C>& before, const PureModel<C>& after)> run;
  std::vector<C> done;
  std::function<void(const std::string& why, const std::vector<C>& done)> told;
};

template <class C>
class Step final : public rc::state::Command<Box<C>, System<C>> {
 public:
  Step(C command, std::function<std::string(const C&)> print) : command_(command), print_(std::move(print)) {}
  void checkPreconditions(const Box<C>& state) const override { RC_PRE(state.model->allows(command_)); }
  void apply(Box<C>& state) const override {
    std::unique_ptr<PureModel<C>> next = state.model->clone();
    next->apply(command_);
    state.model = std::move(next);
  }
  void run(const Box<C>& state, System<C>& system) const override {
    const Box<C> after = this->nextState(state);
    system.done.push_back(command_);
    const std::string why = system.run(command_, *state.model, *after.model);
    if (!why.empty()) system.told(why, system.done);
  }
  void show(std::ostream& os) const override { os << print_(command_); }

 private:
  C command_;
  std::function<std::string(const C&)> print_;
};

template <class C>
void run_all(const std::function<std::unique_ptr<PureModel<C>>()>& model, System<C>& system,
             const rc::Gen<C>& command, const std::function<std::string(const C&)>& print) {
  using Commands = rc::state::Command<Box<C>, System<C>>;
  const auto steps = rc::gen::map(command, [print](const C& drawn) {
    return std::shared_ptr<const Commands>(std::make_shared<Step<C>>(drawn, print));
  });
  rc::state::check([model] { return Box<C>{model()}; }, system, [steps](const Box<C>&) { return steps; });
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
    const CallKind& kind = suite.kinds[call.kind];
    std::string text = kind.name;
    if (kind.a > 1) text += " " + std::to_string(call.a);
    if (kind.b > 1) text += " " + std::to_string(call.b);
    if (kind.c > 1) text += " " + std::to_string(call.c);
    return text;
  };
  const auto number = rc::gen::inRange<std::uint8_t>(0, 240);
  const auto call = rc::gen::map(rc::gen::tuple(number, number, number, number),
                                 [&suite](const std::tuple<std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t>& n) {
                                   Call drawn;
                                   drawn.kind = static_cast<std::uint8_t>(std::get<0>(n) % suite.kinds.size());
                                   const CallKind& kind = suite.kinds[drawn.kind];
                                   drawn.a = static_cast<std::uint8_t>(std::get<1>(n) % kind.a);
                                   drawn.b = static_cast<std::uint8_t>(std::get<2>(n) % kind.b);
                                   drawn.c = static_cast<std::uint8_t>(std::get<3>(n) % kind.c);
                                   return drawn;
                                 });
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
