// SPDX-License-Identifier: GPL-2.0-only
// A name with a hash that is the same on every machine and in every build.
// Yield points, events and kernel functions are named by labels, so that
// schedules and digests speak of places, never of addresses or line numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// On a thread-local word that is looked at in every step: found by the thread's register and a constant. Compiled
// for a shared object, as all of this is, it would be found by a call, and whoever looks would save registers for that.
#define DAXFUZZ_HOT_THREAD_LOCAL constinit thread_local __attribute__((tls_model("initial-exec")))

namespace daxfuzz::sched {

// FNV-1a, 64 bits (public domain; Fowler, Noll, Vo; offset basis and prime as in
// draft-eastlake-fnv).
inline constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325u;
inline constexpr std::uint64_t kFnvPrime = 0x100000001b3u;

constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = kFnvBasis) {
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return hash;
}

// A string literal with its hash, made at compile time. One word of ASCII
// without spaces, at most 32 characters (trace::kLabelCharsMax).
class Label {
 public:
  constexpr Label() = default;
  template <std::size_t N>
  consteval Label(const char (&text)[N])  // NOLINT: implicit, so that call sites read as names
      : text_(text), hash_(fnv1a(std::string_view(text, N - 1))) {}

  // Always inlined: sched/ is built without ThreadSanitizer and must not be linked
  // to a copy of these that another file was built with.
  [[nodiscard, gnu::always_inline]] constexpr const char* text() const { return text_; }
  [[nodiscard, gnu::always_inline]] constexpr std::uint64_t hash() const { return hash_; }
  [[gnu::always_inline]] constexpr bool operator==(const Label& other) const { return hash_ == other.hash_; }

 private:
  const char* text_ = "";
  std::uint64_t hash_ = kFnvBasis;
};

}  // namespace daxfuzz::sched
