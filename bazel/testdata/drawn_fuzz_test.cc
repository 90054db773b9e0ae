// SPDX-License-Identifier: GPL-2.0-only
// Writes down each input as a line of hex digits, in $DRAWN_INPUTS if it is set, and dies of "boom". Read next:
// drawn_test.sh.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::FILE* const out = [] {
    const char* path = std::getenv("DRAWN_INPUTS");
    return path == nullptr ? nullptr : std::fopen(path, "w");
  }();
  if (out != nullptr) {
    for (std::size_t i = 0; i < size; ++i) std::fprintf(out, "%02x", static_cast<unsigned>(data[i]));
    std::fputc('\n', out);
    std::fflush(out);
  }
  if (size == 4 && std::memcmp(data, "boom", 4) == 0) std::abort();
  return 0;
}
