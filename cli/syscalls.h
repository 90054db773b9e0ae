// SPDX-License-Identifier: GPL-2.0-only
// The system calls that store.cc makes, as a table that tests replace to make any
// one of them fail. Each method is the call of its name: -1 and errno on failure.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace daxfuzz::cli {

class Syscalls {
 public:
  virtual ~Syscalls() = default;
  virtual int open(const char* path, int flags, mode_t mode);
  virtual ssize_t read(int fd, void* buffer, std::size_t size);
  virtual ssize_t write(int fd, const void* buffer, std::size_t size);
  virtual int fsync(int fd);
  virtual int close(int fd);
  virtual int rename(const char* from, const char* to);
  virtual int unlink(const char* path);
  virtual int mkdir(const char* path, mode_t mode);
};

// The system's own.
[[nodiscard]] Syscalls& real_syscalls();

}  // namespace daxfuzz::cli
