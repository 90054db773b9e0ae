// SPDX-License-Identifier: GPL-2.0-only
// A strategy that lets thread 0 come to the end of its first ops before it asks another one.
#pragma once

#include <cstdint>

#include "sched/choice.h"

namespace daxfuzz::explore {

class SetUpFirst final : public sched::ChoiceSource {
 public:
  SetUpFirst(sched::ChoiceSource& then, std::uint32_t ops) : then_(then), ops_(ops) {}

  sched::TaskId next(const sched::Choice& choice) override {
    if (begun_ == ops_ && (ops_ == 0 || (choice.current == 0 && choice.at == sched::Label("op"))))
      over_ = true;
    if (over_ || (choice.runnable & 1u) == 0) return then_.next(choice);
    return 0;
  }
  // The other strategy is told of what comes after only: it counts steps to choose among them.
  void stepped(sched::TaskId task, const sched::Pending& step) override {
    if (over_) return then_.stepped(task, step);
    if (task == 0 && step.at == sched::Label("op")) begun_++;
  }
  void switched(sched::TaskId to, sched::Label at) override {
    if (over_) then_.switched(to, at);
  }
  void waited(sched::TaskId task) override {
    if (over_) then_.waited(task);
  }

 private:
  sched::ChoiceSource& then_;
  std::uint32_t ops_;
  std::uint32_t begun_ = 0;  // ops of thread 0
  bool over_ = false;
};

}  // namespace daxfuzz::explore
