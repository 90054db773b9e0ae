// SPDX-License-Identifier: GPL-2.0-only
// The engine that does not fuzz: feeds each file, or each file of a folder in
// the order of its name, once to LLVMFuzzerTestOneInput. It has no fuzzing
// runtime, so gdb, valgrind and every sanitizer can use it. Without arguments it
// feeds the empty input. In a test the input that it dies of is kept: died-of.bin in
// the test's undeclared outputs. Read next: bazel/fuzz.bzl, which links it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

// A target's custom mutator refers to libFuzzer's own; a replay never calls it.
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t*, std::size_t size,
                                                              std::size_t) {
  return size;
}

namespace {

namespace fs = std::filesystem;

// The files that path stands for: itself, or a folder's, sorted.
std::vector<fs::path> files_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  fs::recursive_directory_iterator entry(path, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
    if (!entry->is_directory(error)) files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  if (!in) {
    std::fprintf(stderr, "%s: cannot read\n", path.c_str());
    return false;
  }
  // Named before it runs: after a crash this is the culprit.
  std::fprintf(stderr, "replay %s (%zu bytes)\n", path.c_str(), bytes.size());
  // Kept before it runs, too: who is killed, or ends in a sanitizer, keeps nothing any more.
  const char* outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  const fs::path copy = fs::path(outputs == nullptr ? "" : outputs) / "died-of.bin";
  if (outputs != nullptr && !std::ofstream(copy, std::ios::binary).write(bytes.data(), std::ssize(bytes)))
    std::fprintf(stderr, "%s: cannot write\n", copy.c_str());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::error_code none;
  if (outputs != nullptr) fs::remove(copy, none);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
  if (argc < 2) {
    const std::uint8_t nothing = 0;
    LLVMFuzzerTestOneInput(&nothing, 0);
    std::printf("replayed the empty input\n");
    return 0;
  }
  std::size_t replayed = 0, unreadable = 0;
  for (int i = 1; i < argc; ++i) {
    for (const fs::path& file : files_of(argv[i])) {
      if (replay(file)) {
        ++replayed;
      } else {
        ++unreadable;
      }
    }
  }
  std::printf("replayed %zu inputs\n", replayed);
  // A corpus that has become empty must not pass for one that was replayed.
  return replayed == 0 || unreadable != 0 ? 1 : 0;
}
