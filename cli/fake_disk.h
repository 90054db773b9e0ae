// SPDX-License-Identifier: GPL-2.0-only
// A disk for tests: keeps what the page cache holds apart from what would survive
// a power loss, counts calls, makes any one of them fail, or stops the machine
// before it. A flat name space: a folder is only what can be synced.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <cstddef>
#include <map>
#include <string>

#include "cli/syscalls.h"

namespace daxfuzz::cli {

class FakeDisk : public Syscalls {
 public:
  enum class Fault { none, short_write, error, stop, corrupt_write };

  void plan(std::size_t call, Fault fault, int error = 0) {
    at_ = call, fault_ = fault, error_ = error, calls_ = 0;
  }
  [[nodiscard]] std::size_t calls() const { return calls_; }
  [[nodiscard]] bool fired() const { return fired_; }

  // What a process sees, and what a boot after power loss would see.
  [[nodiscard]] const std::string* seen(const std::string& name) const {
    return content(names_, name, false);
  }
  [[nodiscard]] const std::string* survives(const std::string& name) const {
    return content(durable_names_, name, true);
  }
  [[nodiscard]] std::size_t files() const { return names_.size(); }
  [[nodiscard]] std::size_t open_files() const { return open_.size(); }

  // As if it had been there for ever.
  void put(const std::string& name, const std::string& text) {
    inodes_[++last_] = {text, text};
    names_[name] = durable_names_[name] = last_;
  }

  int open(const char* path, int flags, mode_t) override {
    if (fail()) return -1;
    if ((flags & O_DIRECTORY) != 0) return handle({0, 0});
    if ((flags & O_CREAT) != 0 && !names_.contains(path)) names_[path] = ++last_;
    if (!names_.contains(path)) return errno = ENOENT, -1;
    if ((flags & O_TRUNC) != 0) inodes_[names_[path]].cached.clear();
    return handle({names_[path], 0});
  }
  ssize_t read(int fd, void* buffer, std::size_t size) override {
    if (fail()) return -1;
    Open& file = open_.at(fd);
    const std::size_t n =
        inodes_[file.inode].cached.copy(static_cast<char*>(buffer), size, file.offset);
    file.offset += n;
    return static_cast<ssize_t>(n);
  }
  ssize_t write(int fd, const void* buffer, std::size_t size) override {
    if (fail()) return -1;
    if (hit(Fault::short_write)) size = (size + 1) / 2;
    std::string text(static_cast<const char*>(buffer), size);
    if (hit(Fault::corrupt_write)) text[0] ^= 1;
    inodes_[open_.at(fd).inode].cached += text;
    return static_cast<ssize_t>(size);
  }
  int fsync(int fd) override {
    if (fail()) return -1;
    if (open_.at(fd).inode == 0)
      durable_names_ = names_;
    else
      inodes_[open_.at(fd).inode].durable = inodes_[open_.at(fd).inode].cached;
    return 0;
  }
  int close(int fd) override {
    open_.erase(fd);  // even when it fails
    return fail() ? -1 : 0;
  }
  int rename(const char* from, const char* to) override {
    if (fail()) return -1;
    names_[to] = names_.at(from);
    names_.erase(from);
    return 0;
  }
  int unlink(const char* path) override {
    if (fail()) return -1;
    return names_.erase(path) == 1 ? 0 : (errno = ENOENT, -1);
  }
  int mkdir(const char*, mode_t) override { return fail() ? -1 : 0; }

 private:
  struct Inode {
    std::string cached, durable;
  };
  struct Open {
    int inode;
    std::size_t offset;
  };

  bool fail() {
    const bool now = calls_++ == at_;
    if (now) fired_ = true;
    if (now && fault_ == Fault::stop) stopped_ = true;
    if (stopped_) return errno = EIO, true;
    return now && fault_ == Fault::error ? (errno = error_, true) : false;
  }
  [[nodiscard]] bool hit(Fault fault) const { return fault_ == fault && calls_ == at_ + 1; }
  int handle(Open file) { return open_[++last_fd_] = file, last_fd_; }
  const std::string* content(const std::map<std::string, int>& names, const std::string& name,
                             bool durable) const {
    const auto found = names.find(name);
    if (found == names.end()) return nullptr;
    const Inode& inode = inodes_.at(found->second);
    return durable ? &inode.durable : &inode.cached;
  }

  std::map<std::string, int> names_, durable_names_;
  std::map<int, Inode> inodes_;
  std::map<int, Open> open_;
  int last_ = 0, last_fd_ = 2;
  std::size_t at_ = ~std::size_t{0}, calls_ = 0;
  Fault fault_ = Fault::none;
  int error_ = 0;
  bool stopped_ = false, fired_ = false;
};

}  // namespace daxfuzz::cli
