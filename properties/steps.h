// SPDX-License-Identifier: GPL-2.0-only
// The commands of stateful.h as rapidcheck's rc::state has them. For stateful.cc, which runs them one after
// another, and branches.cc, which runs them side by side; nobody else instantiates its templates.
#pragma once

#include <rapidcheck/state.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "properties/stateful.h"

namespace daxfuzz::properties {

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
using Command = rc::state::Command<Box<C>, System<C>>;
template <class C>
using Commands = rc::state::Commands<Command<C>>;

template <class C>
class Step final : public Command<C> {
 public:
  Step(C command, std::function<std::string(const C&)> print) : command_(command), print_(std::move(print)) {}
  [[nodiscard]] const C& command() const { return command_; }
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

// Commands that may follow one another from `begin` on, as they are drawn.
template <class C>
rc::Gen<Commands<C>> commands_of(const std::function<Box<C>()>& begin, const rc::Gen<C>& command,
                                 const std::function<std::string(const C&)>& print) {
  const auto steps = rc::gen::map(command, [print](const C& drawn) {
    return std::shared_ptr<const Command<C>>(std::make_shared<Step<C>>(drawn, print));
  });
  return rc::state::gen::commands(begin, [steps](const Box<C>&) { return steps; });
}

// "grab 0 3"
inline std::string text_of(const std::vector<CallKind>& kinds, const Call& call) {
  const CallKind& kind = kinds[call.kind];
  std::string text = kind.name;
  if (kind.a > 1) text += " " + std::to_string(call.a);
  if (kind.b > 1) text += " " + std::to_string(call.b);
  if (kind.c > 1) text += " " + std::to_string(call.c);
  return text;
}

// A call of these kinds, which are rows of `kinds`; that outlives the generator.
inline rc::Gen<Call> call_of(const std::vector<CallKind>& kinds, std::vector<std::uint8_t> rows) {
  const auto number = rc::gen::inRange<std::uint8_t>(0, 240);
  return rc::gen::map(
      rc::gen::tuple(number, number, number, number),
      [&kinds, rows = std::move(rows)](const std::tuple<std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t>& n) {
        Call drawn;
        drawn.kind = rows[std::get<0>(n) % rows.size()];
        const CallKind& kind = kinds[drawn.kind];
        drawn.a = static_cast<std::uint8_t>(std::get<1>(n) % kind.a);
        drawn.b = static_cast<std::uint8_t>(std::get<2>(n) % kind.b);
        drawn.c = static_cast<std::uint8_t>(std::get<3>(n) % kind.c);
        return drawn;
      });
}

[[nodiscard]] inline std::vector<std::uint8_t> all_rows(const std::vector<CallKind>& kinds) {
  std::vector<std::uint8_t> rows;
  for (std::size_t i = 0; i < kinds.size(); i++) rows.push_back(static_cast<std::uint8_t>(i));
  return rows;
}

}  // namespace daxfuzz::properties
