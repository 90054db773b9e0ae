// SPDX-License-Identifier: GPL-2.0-only
// What is measured: code that does a thing so many times. Rounds go over all subjects, so that a
// ratio of two figures is of two moments close together. Read next: points.cc (a switch, scheduling
// points), executions.cc (runs of programs), classic.cc; cost_main.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/cost/figure.h"

namespace daxfuzz::cost {

struct Subject {
  Figure figure;
  // Does it `times` times; how many of what the figure is of that were (steps, executions).
  // Of a count: the figure.
  std::function<double(std::uint64_t times)> run;
};

[[nodiscard]] std::vector<Subject> points();
[[nodiscard]] std::vector<Subject> executions();
[[nodiscard]] std::vector<Subject> classic();

struct Effort {
  std::uint64_t rounds = 9;
  std::uint64_t milliseconds = 40;  // of this thread's processor time, at least, for one sample
};

// Each subject's figure with a sample a round. A round before the first warms up.
[[nodiscard]] std::vector<Figure> measure(const std::vector<Subject>& subjects, const Effort& effort);

// Does it again and again for that long, and nothing else.
void run_for(const Subject& subject, std::uint64_t milliseconds);

// How often memory was taken from the heap by this thread: heap.cc replaces operator new.
[[nodiscard]] std::uint64_t allocations();

}  // namespace daxfuzz::cost
