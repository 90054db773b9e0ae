// SPDX-License-Identifier: GPL-2.0-only
// Pieces of work in processes of their own (explore/jobs.h), with one line of progress that says how much time
// is left, and an interrupt that ends them. Used by triage.cc and corpus.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

namespace daxfuzz::cli {

// How many processes the machine has room for.
[[nodiscard]] std::size_t all_cores();

class SideBySide {
 public:
  SideBySide(Context& context, std::size_t jobs) : context_(context), jobs_(jobs) {}

  // Pieces 0 to count - 1; `work` is called in a process, `ended` here with what it told, none if the
  // process died. True if all have ended: not if `stop` says so, or there was an interrupt.
  bool run(const char* what, std::size_t count, const std::function<std::string(std::size_t)>& work,
           const std::function<void(std::size_t, const std::optional<std::string>&)>& ended);
  // The same for many small pieces, several to a process. Of those that died with others each is done again
  // alone, so that only the culprit is told as dead.
  bool run_small(const char* what, std::size_t count, const std::function<std::string(std::size_t)>& work,
                 const std::function<void(std::size_t, const std::optional<std::string>&)>& ended);
  // From `ended`: no more is begun.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void progress(const char* what, std::size_t over, std::size_t count);

  Context& context_;
  std::size_t jobs_;
  bool stopped_ = false, on_line_ = false;
  std::int64_t start_ = 0, last_ = 0;
};

}  // namespace daxfuzz::cli
