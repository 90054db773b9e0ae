// SPDX-License-Identifier: GPL-2.0-only
// See target.h. bazel-bin/cli/daxfuzz has its targets in bazel-bin/fuzz, and its
// runfiles in bazel-bin/cli/daxfuzz.runfiles/daxfuzz.
#include "cli/target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/store.h"

namespace daxfuzz::cli {
namespace {

std::vector<std::string> roots(const std::string& program_path) {
  return {folder_of(program_path) + "/..", program_path + ".runfiles/daxfuzz"};
}

bool is_folder(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

std::string find_target(const std::string& program_path, const std::string& target_dir,
                        const std::string& file, std::vector<std::string>& tried) {
  std::vector<std::string> folders;
  const char* from_environment = std::getenv("DAXFUZZ_TARGET_DIR");
  if (!target_dir.empty()) {
    folders = {target_dir};  // asked for: no other will do
  } else if (from_environment != nullptr && *from_environment != '\0') {
    folders = {from_environment};
  } else {
    folders = {folder_of(program_path)};
    for (const std::string& root : roots(program_path)) folders.push_back(root + "/fuzz");
  }
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + file;
    if (access(path.c_str(), X_OK) == 0) return path;
    tried.push_back(path);
  }
  return "";
}

Beside find_beside(const std::string& target, const std::string& name) {
  const std::string stem = folder_of(target) + "/" + name + "_fuzz_test";
  Beside out{.dict = stem + ".dict", .seeds = stem + "_seed_corpus"};
  if (access(out.dict.c_str(), R_OK) != 0) out.dict.clear();
  if (!is_folder(out.seeds)) out.seeds.clear();
  return out;
}

std::string find_program(const std::string& program_path, const std::string& path) {
  for (const std::string& root : roots(program_path))
    if (const std::string full = root + "/" + path; access(full.c_str(), X_OK) == 0) return full;
  return "";
}

std::string find_root(const std::string& program_path, const std::string& folder) {
  for (const std::string& root : roots(program_path))
    if (is_folder(root + "/" + folder)) return root;
  return "";
}

std::string find_findings(const std::string& program_path) {
  const std::string folder = "corpus/findings";
  const std::string root = find_root(program_path, folder);
  return root.empty() ? "" : root + "/" + folder;
}

}  // namespace daxfuzz::cli
