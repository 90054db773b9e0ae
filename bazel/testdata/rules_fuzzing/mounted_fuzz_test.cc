// SPDX-License-Identifier: GPL-2.0-only
// A fuzz target of a package that was written for rules_fuzzing: it aborts on the word that its BUILD file
// defines, and overflows on another, which only UBSan sees. Read next: mounted_test.sh, flags_test.sh.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view word(reinterpret_cast<const char*>(data), size);
  if (word == WORD) std::abort();
  volatile int number = word == "overflow" ? std::numeric_limits<int>::max() : 0;
  number = number + 1;
  return 0;
}
