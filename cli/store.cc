// SPDX-License-Identifier: GPL-2.0-only
// Temp, write, fsync, rename, fsync the folder, read back. See store.h.
#include "cli/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace daxfuzz::cli {
namespace {

template <class Call>
auto retry(Call call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

std::unexpected<StoreError> failed(const std::string& path, const char* call) {
  return std::unexpected(StoreError{path, call, errno});
}

// Closes on every way out. An explicit close() reports; close(2) must not be
// retried after EINTR on Linux: the descriptor is gone.
class Descriptor {
 public:
  Descriptor(Syscalls& sys, int fd) : sys_(sys), fd_(fd) {}
  ~Descriptor() { (void)close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  int close() {
    if (fd_ < 0) return 0;
    const int result = sys_.close(fd_);
    fd_ = -1;
    return result == -1 && errno == EINTR ? 0 : result;
  }

 private:
  Syscalls& sys_;
  int fd_;
};

std::expected<void, StoreError> write_all(Syscalls& sys, int fd, const std::string& path,
                                          std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t n = retry([&] { return sys.write(fd, rest.data(), rest.size()); });
    if (n == 0) errno = EIO;  // no progress and no reason: do not try for ever
    if (n <= 0) return failed(path, "write");
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

std::expected<void, StoreError> write_temp(Syscalls& sys, const std::string& temp,
                                           std::string_view content) {
  Descriptor fd(sys,
                retry([&] { return sys.open(temp.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644); }));
  if (fd.get() < 0) return failed(temp, "open");
  if (auto done = write_all(sys, fd.get(), temp, content); !done) return done;
  if (retry([&] { return sys.fsync(fd.get()); }) != 0) return failed(temp, "fsync");
  if (fd.close() != 0) return failed(temp, "close");
  return {};
}

std::expected<void, StoreError> sync_folder(Syscalls& sys, const std::string& folder) {
  Descriptor fd(sys, retry([&] { return sys.open(folder.c_str(), O_RDONLY | O_DIRECTORY, 0); }));
  if (fd.get() < 0) return failed(folder, "open");
  if (retry([&] { return sys.fsync(fd.get()); }) != 0) return failed(folder, "fsync");
  return {};
}

std::expected<void, StoreError> temp_and_rename(Syscalls& sys, const std::string& temp,
                                                const std::string& path, std::string_view content) {
  if (auto done = write_temp(sys, temp, content); !done) return done;
  if (retry([&] { return sys.rename(temp.c_str(), path.c_str()); }) != 0)
    return failed(path, "rename");
  return {};
}

}  // namespace

std::string StoreError::str() const {
  std::string out = path + ": " + call;
  if (error == 0) return out + ": what was read back differs from what was written";
  const char* name = strerrorname_np(error);
  const char* text = strerrordesc_np(error);
  return out + ": " + (text ? text : "unknown error") + " (" +
         (name ? name : std::to_string(error)) + ")";
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::expected<void, StoreError> store_file(Syscalls& sys, const std::string& path,
                                           std::string_view content) {
  // Hidden, and with the process in its name: two runs into one folder do not
  // write into each other's file, and no listing takes it for a finding.
  const std::string base = path.substr(path.rfind('/') + 1);
  const std::string temp = folder_of(path) + "/." + base + ".tmp-" + std::to_string(getpid());
  if (auto done = temp_and_rename(sys, temp, path, content); !done) {
    (void)sys.unlink(temp.c_str());
    return done;
  }
  if (auto done = sync_folder(sys, folder_of(path)); !done) return done;
  auto back = read_file(sys, path, content.size());
  if (!back) return std::unexpected(back.error());
  if (*back != content) return std::unexpected(StoreError{path, "compare", 0});
  return {};
}

std::expected<std::string, StoreError> read_file(Syscalls& sys, const std::string& path,
                                                 std::size_t bytes_max) {
  // O_NONBLOCK: a FIFO in a folder of traces must not hang the command.
  Descriptor fd(sys, retry([&] { return sys.open(path.c_str(), O_RDONLY | O_NONBLOCK, 0); }));
  if (fd.get() < 0) return failed(path, "open");
  std::string out;
  char buffer[16384];
  while (true) {
    const ssize_t n = retry([&] { return sys.read(fd.get(), buffer, sizeof buffer); });
    if (n < 0) return failed(path, "read");
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
    if (out.size() > bytes_max) {
      errno = EFBIG;
      return failed(path, "read");
    }
  }
}

std::expected<void, StoreError> make_folders(Syscalls& sys, const std::string& path) {
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string folder = path.substr(0, end);
    if (folder == "/" || folder == "." || folder.empty()) continue;
    if (sys.mkdir(folder.c_str(), 0755) != 0) {
      if (errno == EEXIST) continue;
      return failed(folder, "mkdir");
    }
    if (auto done = sync_folder(sys, folder_of(folder)); !done) return done;
  }
  return {};
}

std::expected<std::vector<std::string>, StoreError> list_folder(const std::string& path,
                                                                std::string_view suffix) {
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) return failed(path, "opendir");
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with('.') && name.ends_with(suffix)) names.emplace_back(name);
  }
  const int error = errno;
  closedir(folder);
  if (error != 0) return std::unexpected(StoreError{path, "readdir", error});
  std::ranges::sort(names);
  return names;
}

}  // namespace daxfuzz::cli
