// SPDX-License-Identifier: GPL-2.0-only
// The switch itself: state survives it, stacks are pooled, deep frames fit, and
// an abandoned fiber leaves nothing behind that a sanitizer would trip over.
#include "sched/fiber.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace daxfuzz::sched {
namespace {

struct Pair {
  Fiber main;
  Fiber* fiber = nullptr;
  std::uint64_t sum = 0;
  int turns = 0;
};

[[noreturn]] void count(void* arg) {
  Pair& pair = *static_cast<Pair*>(arg);
  std::uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7;  // more than the saved registers
  for (; pair.turns > 0; --pair.turns) {
    fiber_switch(*pair.fiber, pair.main);
    a += 1, b += a, c += b, d += c, e += d, f += e, g += f;
  }
  pair.sum = a + b + c + d + e + f + g;
  fiber_exit(*pair.fiber, pair.main);
}

TEST(Fiber, KeepsItsStateAcrossSwitches) {
  std::uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7;
  for (int turn = 0; turn < 5; ++turn) a += 1, b += a, c += b, d += c, e += d, f += e, g += f;
  Pair pair;
  pair.turns = 5;
  fiber_adopt_thread(pair.main);
  pair.fiber = fiber_take(&count, &pair);
  for (int turn = 0; turn < 6; ++turn) {
    EXPECT_EQ(pair.sum, 0u);
    fiber_switch(pair.main, *pair.fiber);
  }
  EXPECT_EQ(pair.sum, a + b + c + d + e + f + g);
  fiber_give_back(pair.fiber, true);
}

[[gnu::noinline]] std::uint64_t deep(int depth) {
  volatile std::uint64_t local[64] = {};
  local[depth % 64] = static_cast<std::uint64_t>(depth);
  return depth == 0 ? 0 : deep(depth - 1) + local[depth % 64];
}

[[noreturn]] void recurse(void* arg) {
  Pair& pair = *static_cast<Pair*>(arg);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) % 16, 0u);
  pair.sum = deep(40);
  fiber_exit(*pair.fiber, pair.main);
}

TEST(Fiber, HasAnAlignedStackWithRoom) {
  Pair pair;
  fiber_adopt_thread(pair.main);
  pair.fiber = fiber_take(&recurse, &pair);
  fiber_switch(pair.main, *pair.fiber);
  EXPECT_EQ(pair.sum, 40u * 41 / 2);
  fiber_give_back(pair.fiber, true);
}

[[noreturn]] void leave_in_the_middle(void* arg) {
  Pair& pair = *static_cast<Pair*>(arg);
  volatile char locals[512];
  for (volatile char& c : locals) c = 1;
  fiber_switch(*pair.fiber, pair.main);
  for (;;) fiber_switch(*pair.fiber, pair.main);
}

// Under ASan the second user of the stack would run into the first one's red zones.
TEST(Fiber, IsPooledAlsoWhenAbandoned) {
  void* stack = nullptr;
  for (int round = 0; round < 200; ++round) {
    Pair pair;
    fiber_adopt_thread(pair.main);
    pair.fiber = fiber_take(round % 2 == 0 ? &leave_in_the_middle : &recurse, &pair);
    if (stack != nullptr) {
      EXPECT_EQ(pair.fiber->stack, stack);
    }
    stack = pair.fiber->stack;
    fiber_switch(pair.main, *pair.fiber);
    EXPECT_EQ(pair.sum, round % 2 == 0 ? 0u : 820u);
    fiber_give_back(pair.fiber, round % 2 != 0);
  }
}

TEST(FiberDeathTest, StopsAtTheGuardPage) {
  EXPECT_DEATH(
      {
        Fiber* fiber = fiber_take(&recurse, nullptr);
        *(static_cast<volatile char*>(const_cast<void*>(fiber->bottom)) - 1) = 1;
      },
      "");
}

}  // namespace
}  // namespace daxfuzz::sched
