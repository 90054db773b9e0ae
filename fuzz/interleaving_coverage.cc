// SPDX-License-Identifier: GPL-2.0-only
// See interleaving_coverage.h.
#include "fuzz/interleaving_coverage.h"

namespace daxfuzz::fuzz {
namespace {

// Places are some hundreds and pairs that occur some thousands: few share a counter.
constexpr std::size_t kCounters = 1u << 14;
[[gnu::section("__libfuzzer_extra_counters")]] std::uint8_t counters[kCounters];

void count(std::uint64_t write, std::uint64_t access) {
  const std::uint64_t pair = (write ^ access * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
  std::uint8_t& counter = counters[pair >> 50];
  if (counter != UINT8_MAX) counter++;
}
static_assert(kCounters == 1u << (64 - 50));

}  // namespace

void InterleavingCoverage::accessed(sched::TaskId task, const sched::Access& access, sched::Label at) {
  Write& last = words_[access.object];
  if (last.task != sched::kNoTask && last.task != task) count(last.at, at.hash());
  if (access.writes()) last = {.task = task, .at = at.hash()};
}

}  // namespace daxfuzz::fuzz
