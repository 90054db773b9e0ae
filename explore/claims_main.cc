// SPDX-License-Identifier: GPL-2.0-only
// claims [--update]: searches all schedules of corpus/claims and prints the table, or
// writes it into docs/claims-explored.md. To be run by Bazel, from anywhere in the tree:
//
//   bazel run //explore:claims -- --update
//
// Exit code 0; 2 on usage; 3 if a file cannot be read or written. Read first: claims.h.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

#include "explore/claims.h"

namespace {

using namespace daxfuzz;

int fail(const std::string& what) {
  std::fprintf(stderr, "claims: %s\n", what.c_str());
  return 3;
}

int update(const char* path, const std::string& table) {
  std::ifstream stream(path);
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  const auto now = explore::with_claim_table(page, table);
  if (!now) return fail(std::string(path) + ": " + now.error());
  std::ofstream(path) << *now;
  std::printf("%s: %s\n", path, *now == page ? "as it was" : "written");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool write = argc == 2 && std::string(argv[1]) == "--update";
  if (argc > 2 || (argc == 2 && !write)) {
    std::fprintf(stderr, "usage: claims [--update]\n");
    return 2;
  }
  const char* top = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (top != nullptr && chdir(top) != 0) return fail(std::string("cannot go to ") + top);
  std::vector<corpus::File> files;
  for (const std::string& path : corpus::list("corpus/claims")) {
    const auto file = corpus::load(path);
    if (!file) return fail(file.error());
    files.push_back(*file);
  }
  if (files.empty()) return fail("no corpus/claims here: run it at the top of the tree");
  const explore::ClaimLimits limits;
  const std::string table = explore::claim_table(explore::claim_rows(files, limits), limits);
  if (write) return update("docs/claims-explored.md", table);
  std::fputs(table.c_str(), stdout);
  return 0;
}
