// SPDX-License-Identifier: GPL-2.0-only
// The random numbers of strategies: a seed means the same schedule on every machine.
// xoshiro256** seeded by splitmix64 (Blackman and Vigna, prng.di.unimi.it, public
// domain algorithms), and an unbiased draw from a small range (Lemire 2019, "Fast
// random integer generation in an interval").
#pragma once

#include <bit>
#include <cstdint>

namespace daxfuzz::sched {

class Seeded {
 public:
  explicit Seeded(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = splitmix(seed);
  }

  // 0..bound-1. Of the 2^32 values that the upper half can have, the 2^32 mod bound
  // whose product has the lowest fractions are drawn again.
  std::uint32_t below(std::uint32_t bound) {
    for (;;) {
      const std::uint64_t product = (next() >> 32) * bound;
      const auto fraction = static_cast<std::uint32_t>(product);
      if (fraction >= bound || fraction >= (0u - bound) % bound)
        return static_cast<std::uint32_t>(product >> 32);
    }
  }

 private:
  static std::uint64_t splitmix(std::uint64_t& counter) {
    counter += 0x9e3779b97f4a7c15u;
    std::uint64_t value = counter;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
  }
  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  std::uint64_t state_[4];
};

}  // namespace daxfuzz::sched
