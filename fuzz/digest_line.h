// SPDX-License-Identifier: GPL-2.0-only
// What engines are to agree on: a line for each input that a target ran, on DAXFUZZ_DIGESTS_FD
// (environment.h). The same bytes give the same line in every build; digests_test.sh holds that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/environment.h"

namespace daxfuzz::fuzz {

// The digest of an input that is no run: a hash of what it came to, in the order in which that is added.
class Outcome {
 public:
  void add(std::uint64_t number);
  // With its length, so that two texts are not one.
  void add(std::string_view text);
  [[nodiscard]] std::uint64_t digest() const { return hash_; }

 private:
  void byte(std::uint8_t value) { hash_ = (hash_ ^ value) * 0x100000001b3u; }

  std::uint64_t hash_ = 0xcbf29ce484222325u;  // FNV-1a
};

// "INPUT DIGEST VERDICT", INPUT being a hash of its bytes. Nothing if nobody asked for it; a line that
// cannot be written ends the process with code 3, for a reader would take it for an input that did not run.
void tell_digest(const Environment& environment, const std::uint8_t* data, std::size_t size, std::uint64_t digest,
                 std::string_view verdict);

}  // namespace daxfuzz::fuzz
