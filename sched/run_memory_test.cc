// SPDX-License-Identifier: GPL-2.0-only
// A run's memory comes from one piece that is there for the next run, but with ASan or TSan, which see what they
// saw: each vector its own, and its end.
#include "sched/run_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

namespace daxfuzz::sched {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DAXFUZZ_ASAN
#endif
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DAXFUZZ_SANITIZED
#endif
#endif

using Words = RunVector<std::uint64_t>;

TEST(RunMemory, VectorsGrowAndKeepWhatTheyHold) {
  for (int run = 0; run < 3; run++) {
    const RunMemoryScope scope(true);
    Words first, second;
    for (std::uint64_t i = 0; i < 1000; i++) first.push_back(i), second.push_back(~i);
    for (std::uint64_t i = 0; i < 1000; i++) ASSERT_TRUE(first[i] == i && second[i] == ~i) << run << " " << i;
  }
}

TEST(RunMemory, WhatDoesNotFitIsTakenFromTheHeap) {
  const RunMemoryScope scope(true);
  const Words small(10), large(1u << 20, 7), other(10);
  EXPECT_EQ(large.back(), 7u);
  EXPECT_NE(small.data(), other.data());
}

TEST(RunMemory, OutsideOfAScopeItIsTheHeap) {
  Words before(3, 5);
  {
    const RunMemoryScope scope(true);
    before = Words(30, 6);
    before = Words();
  }
  { const RunMemoryScope unwanted(false); before.assign(3, 5); }
  EXPECT_EQ(before, Words(3, 5));
}

#if defined(DAXFUZZ_ASAN)

TEST(RunMemory, AVectorThatIsGoneIsSeenByASan) {
  const auto look = [] {
    const RunMemoryScope scope(true);
    Words words(10);
    const volatile std::uint64_t* first = words.data();
    words = Words();
    return *first;
  };
  EXPECT_DEATH((void)look(), "heap-use-after-free");
}

#endif

#if !defined(DAXFUZZ_SANITIZED)

TEST(RunMemory, TheNextRunHasTheSamePiece) {
  const auto where = [] {
    const RunMemoryScope scope(true);
    const Words words(10);
    const std::uint64_t* at = words.data();
    return reinterpret_cast<std::uintptr_t>(at);
  };
  const std::uintptr_t first = where();
  const auto heap = std::make_unique<Words>(10);  // takes what the piece would be, if it were given back
  EXPECT_EQ(where(), first);
}

TEST(RunMemory, WhatOutlivesItsRunIsNoticed) {
  const auto keep = [] {
    Words kept;
    const RunMemoryScope scope(true);
    kept.resize(10);
  };
  EXPECT_DEATH(keep(), "CHECK failed");
}

#endif

}  // namespace
}  // namespace daxfuzz::sched
