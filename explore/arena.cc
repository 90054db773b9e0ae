// SPDX-License-Identifier: GPL-2.0-only
// A bump allocator a task. See arena.h.
#include "explore/arena.h"

#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "sched/check.h"
#include "sched/scheduler.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define DAXFUZZ_SANITIZED
#endif
#endif

namespace daxfuzz::explore {
namespace {

constexpr std::size_t kRegionBytes = 64u << 20;  // of addresses; memory as it is used
// One a task, one for what runs on no task, one for bookkeeping.
constexpr std::size_t kBookkeeping = kArenaRegions;
constexpr std::size_t kRegions = kBookkeeping + 1;
constexpr std::size_t kAlign = 16;

struct Header {  // before each block
  std::size_t size = 0;  // of both
  std::size_t unused = 0;
};
static_assert(sizeof(Header) == kAlign);

struct Region {
  char* begin = nullptr;
  std::size_t used = 0, peak = 0;
};

constinit thread_local std::array<Region, kRegions> regions{};
constinit thread_local char* base = nullptr;
constinit thread_local bool active = false;

void map_regions() {
  void* at = mmap(nullptr, kRegions * kRegionBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(at != MAP_FAILED);
  base = static_cast<char*>(at);
  for (std::size_t i = 0; i < kRegions; i++) regions[i] = {.begin = base + i * kRegionBytes};
}

#if !defined(DAXFUZZ_SANITIZED)

std::size_t region_of_task() {
  if (sched::Bookkeeping::on()) return kBookkeeping;
  const sched::TaskId task = sched::Scheduler::current_task();
  return task == sched::kNoTask ? sched::kTasksMax : task;
}

void* take(std::size_t size) {
  Region& region = regions[region_of_task()];
  const std::size_t whole = sizeof(Header) + (size + kAlign - 1) / kAlign * kAlign;
  CHECK(whole > size && whole <= kRegionBytes - region.used);
  char* block = region.begin + region.used;
  region.used += whole;
  if (region.used > region.peak) region.peak = region.used;
  reinterpret_cast<Header*>(block)->size = whole;
  return block + sizeof(Header);
}

bool in_arena(const void* at) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  const auto begin = reinterpret_cast<std::uintptr_t>(base);
  return base != nullptr && address >= begin && address < begin + kRegions * kRegionBytes;
}

void give_back(void* at) {
  char* block = static_cast<char*>(at) - sizeof(Header);
  Region& region = regions[static_cast<std::size_t>(block - base) / kRegionBytes];
  const std::size_t whole = reinterpret_cast<Header*>(block)->size;
  CHECK(whole != 0 && block + whole <= region.begin + region.used);
  std::memset(block, 0, whole);
  if (block + whole == region.begin + region.used) region.used -= whole;
}

#endif

}  // namespace

bool arena_available() {
#if defined(DAXFUZZ_SANITIZED)
  return false;
#else
  return true;
#endif
}

ArenaScope::ArenaScope() {
  CHECK(!active);
  if (base == nullptr) map_regions();
  for (Region& region : regions) {
    std::memset(region.begin, 0, region.peak);
    region.used = region.peak = 0;
  }
  active = true;
}

ArenaScope::~ArenaScope() {
  CHECK(active);
  active = false;
}

ArenaPause::ArenaPause() : before_(active) { active = false; }
ArenaPause::~ArenaPause() { active = before_; }

void arena_fingerprint(sched::Fingerprint& out) {
  for (std::size_t i = 0; i < kBookkeeping; i++) out.bytes(regions[i].begin, regions[i].used);
}

std::span<const char> arena_region(std::size_t region) {
  CHECK(region < kBookkeeping);
  return {regions[region].begin, regions[region].used};
}

// For each region how much of it is used, then that much.
void arena_save(std::vector<char>& to) {
  std::size_t size = 0;
  for (const Region& region : regions) size += sizeof region.used + region.used;
  to.resize(size);
  char* at = to.data();
  for (const Region& region : regions) {
    std::memcpy(at, &region.used, sizeof region.used);
    at += sizeof region.used;
    if (region.used != 0) std::memcpy(at, region.begin, region.used);
    at += region.used;
  }
}

void arena_restore(const std::vector<char>& from) {
  const char* at = from.data();
  for (Region& region : regions) {
    std::size_t used = 0;
    std::memcpy(&used, at, sizeof used);
    at += sizeof used;
    if (used != 0) std::memcpy(region.begin, at, used);
    at += used;
    if (region.used > used) std::memset(region.begin + used, 0, region.used - used);
    region.used = used;
    if (region.used > region.peak) region.peak = region.used;
  }
  CHECK(at == from.data() + from.size());
}

}  // namespace daxfuzz::explore

#if !defined(DAXFUZZ_SANITIZED)

void* operator new(std::size_t size) {
  if (daxfuzz::explore::active) return daxfuzz::explore::take(size);
  void* at = std::malloc(size == 0 ? 1 : size);
  if (at == nullptr) throw std::bad_alloc();
  return at;
}

void operator delete(void* at) noexcept {
  if (daxfuzz::explore::in_arena(at)) return daxfuzz::explore::give_back(at);
  std::free(at);
}

void operator delete(void* at, std::size_t) noexcept { operator delete(at); }

#endif
