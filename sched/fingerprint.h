// SPDX-License-Identifier: GPL-2.0-only
// A hash of 128 bits over everything that decides how a run goes on, so that a search
// need not look at a state twice (explore/). Made of memory as it is, addresses
// included: it means something only among runs that have the same objects at the
// same addresses. Never part of a digest, a verdict or a trace.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sched/label.h"

namespace daxfuzz::sched {

class Fingerprint {
 public:
  using Value = std::array<std::uint64_t, 2>;

  void word(std::uint64_t word) { pair(word, kKeys[4]); }
  void label(Label label) { word(label.hash()); }
  void bytes(const void* from, std::size_t size) {
    const char* at = static_cast<const char*>(from);
    word(size);
    // Four chains that do not wait for each other, each of half of the words.
    std::uint64_t a = a_, b = b_, c = kKeys[2], d = kKeys[4];
    for (; size >= 32; at += 32, size -= 32) {
      std::uint64_t words[4];
      std::memcpy(words, at, sizeof words);
      a = fold(a ^ words[0], words[1] ^ kKeys[0]) + words[1];
      b = fold(b ^ words[1], words[0] ^ kKeys[1]) + words[0];
      c = fold(c ^ words[2], words[3] ^ kKeys[2]) + words[3];
      d = fold(d ^ words[3], words[2] ^ kKeys[3]) + words[2];
    }
    a_ = a;
    b_ = b;
    pair(c, d);
    for (; size >= 16; at += 16, size -= 16) {
      std::uint64_t words[2];
      std::memcpy(words, at, sizeof words);
      pair(words[0], words[1]);
    }
    std::uint64_t rest[2] = {};
    std::memcpy(rest, at, size);
    if (size != 0) pair(rest[0], rest[1]);
  }
  [[nodiscard]] Value value() const { return {fold(a_ ^ kKeys[4], kKeys[0]), fold(b_ ^ kKeys[0], kKeys[2])}; }

 private:
  // Digits of pi, odd.
  static constexpr std::uint64_t kKeys[5] = {0x243f6a8885a308d3u, 0x13198a2e03707345u,
                                             0xa4093822299f31d1u, 0x082efa98ec4e6c89u,
                                             0x452821e638d01377u};
  // Both halves of the product, so that every bit of it counts.
  static std::uint64_t fold(std::uint64_t x, std::uint64_t y) {
    const auto product = static_cast<unsigned __int128>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  // Two chains that share no key. Each adds the words to the product, so that no word
  // can make a chain forget what came before.
  void pair(std::uint64_t x, std::uint64_t y) {
    a_ = fold(a_ ^ x, kKeys[0]) + fold(y ^ kKeys[1], x + kKeys[2]);
    b_ = fold(b_ ^ y, kKeys[2]) + fold(x ^ kKeys[3], y + kKeys[0]);
  }

  std::uint64_t a_ = kKeys[1], b_ = kKeys[3];
};

// Memory that is taken while one of these lives is the harness's own record of the run
// (oracles, the scheduler): who keeps it says by itself what of it is state. All else
// that is taken during a run is state as it is (explore/arena.h). No yield inside.
class Bookkeeping {
 public:
  Bookkeeping() { ++depth_; }
  ~Bookkeeping() { --depth_; }
  Bookkeeping(const Bookkeeping&) = delete;
  Bookkeeping& operator=(const Bookkeeping&) = delete;
  [[nodiscard]] static bool on() { return depth_ != 0; }

 private:
  static inline DAXFUZZ_HOT_THREAD_LOCAL int depth_ = 0;
};

}  // namespace daxfuzz::sched
