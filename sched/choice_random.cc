// SPDX-License-Identifier: GPL-2.0-only
// xoshiro256** seeded by splitmix64 (Blackman and Vigna, prng.di.unimi.it, public
// domain algorithms), and an unbiased draw from a small range (Lemire 2019, "Fast
// random integer generation in an interval"). Read first: choice_random.h.
#include "sched/choice_random.h"

#include <bit>

namespace daxfuzz::sched {
namespace {

std::uint64_t splitmix(std::uint64_t& counter) {
  counter += 0x9e3779b97f4a7c15u;
  std::uint64_t value = counter;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

std::uint64_t xoshiro(std::uint64_t* state) {
  const std::uint64_t result = std::rotl(state[1] * 5, 7) * 9;
  const std::uint64_t shifted = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = std::rotl(state[3], 45);
  return result;
}

// 0..bound-1. Of the 2^32 values that the upper half can have, the 2^32 mod bound
// whose product has the lowest fractions are drawn again.
std::uint32_t below(std::uint64_t* state, std::uint32_t bound) {
  for (;;) {
    const std::uint64_t product = (xoshiro(state) >> 32) * bound;
    const auto fraction = static_cast<std::uint32_t>(product);
    if (fraction >= bound || fraction >= (0u - bound) % bound) return static_cast<std::uint32_t>(product >> 32);
  }
}

}  // namespace

RandomChoice::RandomChoice(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix(seed);
}

TaskId RandomChoice::next(const Choice& choice) {
  return nth_task(choice.runnable, below(state_, static_cast<std::uint32_t>(std::popcount(choice.runnable))));
}

}  // namespace daxfuzz::sched
