// SPDX-License-Identifier: GPL-2.0-only
// A fuzz target of a package that was written for rules_fuzzing: it aborts on the word that its BUILD file
// defines. Read next: mounted_test.sh.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (std::string_view(reinterpret_cast<const char*>(data), size) == WORD) std::abort();
  return 0;
}
