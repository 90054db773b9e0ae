// SPDX-License-Identifier: GPL-2.0-only
// write(2) until all is written. See tell_line.h.
#include "fuzz/tell_line.h"

#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace daxfuzz::fuzz {
namespace {

constexpr int kExitEnvironment = 3;

}  // namespace

std::string input_name(const std::uint8_t* data, std::size_t size) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ data[i]) * 0x100000001b3u;
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, hash);
  return text;
}

void tell_line(const char* variable, int fd, std::string_view line) {
  while (!line.empty()) {
    const ssize_t wrote = ::write(fd, line.data(), line.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) cannot_tell(variable, std::strerror(errno));
    line.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

void cannot_tell(const char* variable, const char* why) {
  std::fprintf(stderr, "daxfuzz: %s: cannot write a line: %s\n", variable, why);
  ::_exit(kExitEnvironment);
}

}  // namespace daxfuzz::fuzz
