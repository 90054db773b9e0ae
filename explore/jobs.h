// SPDX-License-Identifier: GPL-2.0-only
// Pieces of work, each in a process of its own, some at a time: a search fills memory and
// replaces the heap, so threads would not do. What a piece comes to is text. Knows no
// search. Read next: parts.h.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace daxfuzz::explore {

class Jobs {
 public:
  using Work = std::function<std::string(std::size_t)>;  // in the child: what piece i comes to
  // Here, when piece i has ended: none if its process did not come to the end of it.
  using Ended = std::function<void(std::size_t, std::optional<std::string>)>;

  Jobs(Work work, Ended ended) : work_(std::move(work)), ended_(std::move(ended)) {}
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // Pieces 0 to count - 1 in this order, so many processes at once. interrupted: asked now
  // and then; if true, all are ended and it returns. False if it was, or no process was to be had.
  bool run(std::size_t count, std::size_t at_once, const std::function<bool()>& interrupted = {});
  // From `ended`: this one is not wanted any more. It is not told of.
  void drop(std::size_t piece);

 private:
  struct Child {
    std::size_t piece = 0;
    pid_t pid = 0;
    int fd = -1;
    std::string text;
  };

  bool start(std::size_t piece);
  void read_some();
  void end_all();
  // Waits for it. True if it ended by itself, as it should.
  static bool reap(Child& child);

  Work work_;
  Ended ended_;
  std::vector<Child> children_;
  std::vector<bool> dropped_;
};

}  // namespace daxfuzz::explore
