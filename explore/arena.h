// SPDX-License-Identifier: GPL-2.0-only
// Where a searched run keeps its heap: at the same addresses in each run, so that memory
// can be compared as it is. Replaces operator new and delete for every program that is
// linked with it; outside of an ArenaScope they are malloc() and free().
//
// Each task takes memory from a region of its own, so that the addresses that it gets do
// not tell how far the others are. What is freed is cleared: no trace is left of it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sched/fingerprint.h"
#include "sched/scheduler.h"

namespace daxfuzz::explore {

// False in a sanitizer build, which brings its own operator new: nothing is at a fixed
// address then, and no two states are equal.
[[nodiscard]] bool arena_available();

// Between construction and destruction this thread allocates from the arena, which is
// empty at first. What was allocated so is to be deleted before the next one begins.
class ArenaScope {
 public:
  ArenaScope();
  ~ArenaScope();
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;
};

// Inside of it, and off it again: for what the search itself keeps.
class ArenaPause {
 public:
  ArenaPause();
  ~ArenaPause();
  ArenaPause(const ArenaPause&) = delete;
  ArenaPause& operator=(const ArenaPause&) = delete;

 private:
  bool before_;
};

// The arena as it is, bookkeeping included, and how it is put back.
void arena_save(std::vector<char>& to);
void arena_restore(const std::vector<char>& from);

// Everything in the arena but what was taken as sched::Bookkeeping.
void arena_fingerprint(sched::Fingerprint& out);
// The same, region by region, as far as it is used. What is beyond that is clear.
inline constexpr std::size_t kArenaRegions = sched::kTasksMax + 1;
[[nodiscard]] std::span<const char> arena_region(std::size_t region);

}  // namespace daxfuzz::explore
