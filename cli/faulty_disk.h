// SPDX-License-Identifier: GPL-2.0-only
// The real file system with one call made to fail, or the process killed before it: for tests of verbs, which
// look at folders by other ways, too. What a power loss leaves is fake_disk.h's.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <set>

#include "cli/syscalls.h"

namespace daxfuzz::cli {

class FaultyDisk : public Syscalls {
 public:
  enum class Fault { none, error, short_write, kill };

  void plan(std::size_t call, Fault fault, int error = 0) {
    at_ = call, fault_ = fault, error_ = error, calls_ = 0, fired_ = false;
  }
  [[nodiscard]] std::size_t calls() const { return calls_; }
  [[nodiscard]] bool fired() const { return fired_; }
  // In a run before, was this call a write()?
  [[nodiscard]] bool is_write(std::size_t call) const { return writes_.contains(call); }
  // Was the call that failed one of those which write? Others may fail and do no harm.
  [[nodiscard]] bool wrote() const { return wrote_; }

  int open(const char* path, int flags, mode_t mode) override {
    return hit((flags & O_CREAT) != 0) ? -1 : Syscalls::open(path, flags, mode);
  }
  ssize_t read(int fd, void* buffer, std::size_t size) override {
    return hit(false) ? -1 : Syscalls::read(fd, buffer, size);
  }
  ssize_t write(int fd, const void* buffer, std::size_t size) override {
    writes_.insert(calls_);
    if (hit(true)) return -1;
    const bool half = fired_ && fault_ == Fault::short_write && calls_ == at_ + 1;
    return Syscalls::write(fd, buffer, half ? (size + 1) / 2 : size);
  }
  int fsync(int fd) override { return hit(true) ? -1 : Syscalls::fsync(fd); }
  int close(int fd) override {
    const bool failed = hit(false);
    const int result = Syscalls::close(fd);  // even when it fails
    return failed ? (errno = error_, -1) : result;
  }
  int rename(const char* from, const char* to) override { return hit(true) ? -1 : Syscalls::rename(from, to); }
  int unlink(const char* path) override { return hit(true) ? -1 : Syscalls::unlink(path); }
  int mkdir(const char* path, mode_t mode) override { return hit(true) ? -1 : Syscalls::mkdir(path, mode); }

 private:
  bool hit(bool writes) {
    if (calls_++ != at_) return false;
    fired_ = true, wrote_ = writes;
    if (fault_ == Fault::kill) ::kill(getpid(), SIGKILL);
    if (fault_ != Fault::error) return false;
    errno = error_;
    return true;
  }

  std::set<std::size_t> writes_;  // of all runs
  std::size_t at_ = ~std::size_t{0}, calls_ = 0;
  Fault fault_ = Fault::none;
  int error_ = 0;
  bool fired_ = false, wrote_ = false;
};

}  // namespace daxfuzz::cli
