// SPDX-License-Identifier: GPL-2.0-only
// The real table. See syscalls.h.
#include "cli/syscalls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace daxfuzz::cli {

int Syscalls::open(const char* path, int flags, mode_t mode) {
  return ::open(path, flags | O_CLOEXEC, mode);
}
ssize_t Syscalls::read(int fd, void* buffer, std::size_t size) { return ::read(fd, buffer, size); }
ssize_t Syscalls::write(int fd, const void* buffer, std::size_t size) {
  return ::write(fd, buffer, size);
}
int Syscalls::fsync(int fd) { return ::fsync(fd); }
int Syscalls::close(int fd) { return ::close(fd); }
int Syscalls::rename(const char* from, const char* to) { return ::rename(from, to); }
int Syscalls::unlink(const char* path) { return ::unlink(path); }
int Syscalls::mkdir(const char* path, mode_t mode) { return ::mkdir(path, mode); }

Syscalls& real_syscalls() {
  static Syscalls table;
  return table;
}

}  // namespace daxfuzz::cli
