// SPDX-License-Identifier: GPL-2.0-only
// One write(2) a line. See digest_line.h.
#include "fuzz/digest_line.h"

#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

namespace daxfuzz::fuzz {
namespace {

constexpr int kExitEnvironment = 3;

// FNV-1a.
std::uint64_t hash_of(const std::uint8_t* data, std::size_t size) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ data[i]) * 0x100000001b3u;
  return hash;
}

}  // namespace

void tell_digest(const Environment& environment, const std::uint8_t* data, std::size_t size, std::uint64_t digest,
                 std::string_view verdict) {
  if (!environment.digests_fd) return;
  char numbers[40];
  std::snprintf(numbers, sizeof numbers, "%016" PRIx64 " %016" PRIx64 " ", hash_of(data, size), digest);
  const std::string line = numbers + std::string(verdict) + "\n";
  ssize_t wrote;
  do wrote = ::write(*environment.digests_fd, line.data(), line.size());
  while (wrote < 0 && errno == EINTR);
  if (wrote == static_cast<ssize_t>(line.size())) return;
  std::fprintf(stderr, "daxfuzz: DAXFUZZ_DIGESTS_FD: cannot write a line: %s\n", std::strerror(errno));
  ::_exit(kExitEnvironment);
}

}  // namespace daxfuzz::fuzz
