// SPDX-License-Identifier: GPL-2.0-only
// The engine without feedback: a counted number of inputs, each one that it has, changed by the target's own
// mutator (or byte by byte, if it has none), drawn by a seed alone. It has no runtime of its own, so it is for
// what libFuzzer does not go with: ThreadSanitizer. Takes of libFuzzer's flags -runs=N, -seed=N and -max_len=N,
// and no notice of others; files and folders are seeds, and are run first. Nothing is written. Read next:
// bazel/fuzz.bzl, which links it, replay_main.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                                                     std::size_t max, unsigned seed);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

// Inputs that are gone on from: what was made replaces one of them now and then.
constexpr std::size_t kPoolMin = 64, kKeptOneIn = 4;

// splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t state_;
};

Random g_random(1);

void read(const fs::path& path, std::size_t max, std::vector<Bytes>& pool) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(path, error)) entries.push_back(entry.path());
    std::sort(entries.begin(), entries.end());
    for (const fs::path& entry : entries) read(entry, max, pool);
    return;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  if (!in) {
    std::fprintf(stderr, "%s: cannot read\n", path.c_str());
    std::exit(1);
  }
  pool.emplace_back(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(text.size(), max)));
}

// A number after `name`, which `word` begins with; `value` stays if it does not.
void flag(std::string_view word, std::string_view name, std::uint64_t& value) {
  if (word.starts_with(name)) value = std::strtoull(word.data() + name.size(), nullptr, 10);
}

void run(const Bytes& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

}  // namespace

// A target's own mutator asks for it.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max) {
  for (std::size_t n = 1 + g_random.below(4); n > 0; --n) {
    const std::size_t what = g_random.below(4);
    const auto byte = static_cast<std::uint8_t>(g_random.next());
    if (size == 0 || (what == 0 && size < max)) {
      if (size == max) return size;
      const std::size_t at = g_random.below(size + 1);
      std::copy_backward(data + at, data + size, data + size + 1);
      data[at] = byte;
      ++size;
    } else if (what == 1 && size > 1) {
      const std::size_t at = g_random.below(size);
      std::copy(data + at + 1, data + size, data + at);
      --size;
    } else if (what == 2) {
      data[g_random.below(size)] ^= static_cast<std::uint8_t>(1u << byte % 8);
    } else {
      data[g_random.below(size)] = byte;
    }
  }
  return size;
}

int main(int argc, char** argv) {
  std::uint64_t runs = 10000, seed = 1, max = 1024;
  std::vector<fs::path> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    flag(word, "-runs=", runs);
    flag(word, "-seed=", seed);
    flag(word, "-max_len=", max);
    if (!word.starts_with('-')) paths.emplace_back(word);
  }
  if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
  g_random = Random(seed);
  std::vector<Bytes> pool;
  for (const fs::path& path : paths) read(path, max, pool);
  const std::size_t seeds = pool.size();
  pool.resize(std::max(seeds, kPoolMin));
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < seeds && done < runs; ++i, ++done) run(pool[i]);
  for (; done < runs; ++done) {
    Bytes input = pool[g_random.below(pool.size())];
    std::size_t size = input.size();
    input.resize(max);
    size = LLVMFuzzerCustomMutator
               ? LLVMFuzzerCustomMutator(input.data(), size, max, static_cast<unsigned>(g_random.next()))
               : LLVMFuzzerMutate(input.data(), size, max);
    input.resize(size);
    run(input);
    if (g_random.below(kKeptOneIn) == 0) pool[g_random.below(pool.size())] = std::move(input);
  }
  // As libFuzzer's last lines, for whoever reads those.
  std::fprintf(stderr, "stat::number_of_executed_units: %llu\n", static_cast<unsigned long long>(done));
  return 0;
}
