// SPDX-License-Identifier: GPL-2.0-only
// Strategy: one byte a choice, its value modulo the number of tasks that can run
// is an index among them in the order of their ids. When the bytes end, a task
// goes on as go_on() says (choice.h). For engines that mutate bytes.
#pragma once

#include <cstddef>

#include "sched/choice.h"

namespace daxfuzz::sched {

class BytesChoice final : public ChoiceSource {
 public:
  // The bytes are not copied.
  BytesChoice(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  TaskId next(const Choice& choice) override;
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  const std::uint8_t* bytes_;
  std::size_t size_;
  std::size_t used_ = 0;
};

}  // namespace daxfuzz::sched
