// SPDX-License-Identifier: GPL-2.0-only
// The calls of save.h, in their order.
#include "properties/save.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace daxfuzz::properties {
namespace {

std::string failed(const char* call, const std::string& path) {
  return std::string(call) + " " + path + ": " + std::strerror(errno);
}

// Closes it, too.
std::string synced(int fd, const std::string& path) {
  std::string why;
  if (fsync(fd) != 0) why = failed("fsync", path);
  if (close(fd) != 0 && why.empty()) why = failed("close", path);
  return why;
}

std::string written(const std::string& path, const std::string& content) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed("open", path);
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t n = write(fd, content.data() + at, content.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      std::string why = failed("write", path);
      (void)close(fd);
      return why;
    }
    at += static_cast<std::size_t>(n);
  }
  return synced(fd, path);
}

std::string folder_synced(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? failed("open", folder) : synced(fd, folder);
}

}  // namespace

std::string save(const std::string& path, const std::string& content) {
  const std::filesystem::path file(path);
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return "mkdir " + folder.string() + ": " + error.message();
  const std::string temporary =
      (folder / ("." + file.filename().string() + ".tmp-" + std::to_string(getpid()))).string();
  std::string why = written(temporary, content);
  if (why.empty() && std::rename(temporary.c_str(), path.c_str()) != 0) why = failed("rename", path);
  if (!why.empty()) {
    (void)unlink(temporary.c_str());
    return why;
  }
  if (why = folder_synced(folder.string()); !why.empty()) return why;
  std::ifstream back(path, std::ios::binary);
  const std::string found{std::istreambuf_iterator<char>(back), std::istreambuf_iterator<char>()};
  return found == content ? "" : "compare " + path + ": what was read is not what was written";
}

}  // namespace daxfuzz::properties
