// SPDX-License-Identifier: GPL-2.0-only
// Numbers as hex digits of one width. See digest_line.h.
#include "fuzz/digest_line.h"

#include <cinttypes>
#include <cstdio>
#include <string>

#include "fuzz/tell_line.h"

namespace daxfuzz::fuzz {

void tell_digest(const Environment& environment, const std::uint8_t* data, std::size_t size, std::uint64_t digest,
                 std::string_view verdict) {
  if (!environment.digests_fd) return;
  char number[20];
  std::snprintf(number, sizeof number, " %016" PRIx64 " ", digest);
  tell_line("DAXFUZZ_DIGESTS_FD", *environment.digests_fd,
            input_name(data, size) + number + std::string(verdict) + "\n");
}

}  // namespace daxfuzz::fuzz
