// SPDX-License-Identifier: GPL-2.0-only
// The count of execute.h. Atomic, for a claim may run programs on threads of its own.
#include "properties/execute.h"

#include <atomic>

namespace daxfuzz::properties {
namespace {

std::atomic<std::uint64_t> count{0};

}  // namespace

exec::Execution execute(const trace::Program& program, const exec::Options& options) {
  count_execution();
  return exec::execute(program, options);
}

void count_execution() { count.fetch_add(1, std::memory_order_relaxed); }
std::uint64_t executions() { return count.load(std::memory_order_relaxed); }

}  // namespace daxfuzz::properties
