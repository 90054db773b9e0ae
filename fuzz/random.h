// SPDX-License-Identifier: GPL-2.0-only
// The mutator's random numbers: SplitMix64 (Steele, Lea, Flood 2014), the same
// on every machine, unlike the distributions of <random>.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/check.h"

namespace daxfuzz::fuzz {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // In [0, n). The modulo's bias is nothing to a fuzzer.
  std::size_t below(std::size_t n) {
    CHECK(n > 0);
    return static_cast<std::size_t>(next() % n);
  }
  template <class T>
  T number_below(std::size_t n) { return static_cast<T>(below(n)); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace daxfuzz::fuzz
