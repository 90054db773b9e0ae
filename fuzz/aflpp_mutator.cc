// SPDX-License-Identifier: GPL-2.0-only
// The mutator as AFL++ wants it: a shared library for AFL_CUSTOM_MUTATOR_LIBRARY, which knows
// programs by themselves and so fits every target whose input is one. AFL++'s own stages stay
// on beside it (no AFL_CUSTOM_MUTATOR_ONLY): they are the share of plain byte mutations, made
// canonical by afl_custom_post_process. Its headers are not in Debian's package, and a library
// of plain C functions needs none. Read next: mutator.h, change_points.h, trim.h.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/change_points.h"
#include "fuzz/draw.h"
#include "fuzz/environment.h"
#include "fuzz/mutator.h"
#include "fuzz/trim.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;
using Bytes = std::vector<std::uint8_t>;

// As the .options of the targets have it for libFuzzer.
constexpr std::size_t kBytesMax = 1024;
// Of the inputs that are made here. Whole programs: as in mutator_engine.cc.
constexpr std::size_t kDrawnOneIn = 2;
constexpr std::size_t kSplicedOneIn = 8;
constexpr std::size_t kChangeOneIn = 4;
// Steps of a trimming, in vain or not; AFL++ wants a number beforehand.
constexpr std::int32_t kTrimSteps = 100000;

struct Mutator {
  fuzz::Random random;
  Bytes made, posted, trimmed;
  const char* how = "";
  std::optional<fuzz::Trim> trim;
  std::int32_t trims = 0;
};

// AFL++ and its targets have one environment.
trace::Program as_it_runs(trace::Program program) {
  static const auto environment = fuzz::read_environment([](const char* name) {
    // Descriptors are the target's.
    const std::string_view word = name;
    return word == "DAXFUZZ_PROTOCOL" || word == "DAXFUZZ_SET" ? std::getenv(name) : nullptr;
  });
  return environment ? fuzz::forced(std::move(program), *environment) : program;
}

trace::Program drawn(fuzz::Random& random) {
  const std::uint64_t threads = 1 + random.below(4);
  return fuzz::drawn({.protocol = {}, .threads = threads, .ops = 8 + random.below(25)}, random);
}

trace::Program made(Mutator& mutator, trace::Program program, std::span<const std::uint8_t> other) {
  fuzz::Random& random = mutator.random;
  mutator.how = "drawn";
  if (random.one_in(kDrawnOneIn)) return drawn(random);
  mutator.how = "spliced";
  if (!other.empty() && random.one_in(kSplicedOneIn)) return fuzz::spliced(program, trace::decode(other), random);
  mutator.how = "change-point";
  if (random.one_in(kChangeOneIn) && fuzz::change_points(program, as_it_runs, random)) return program;
  mutator.how = "mutated";
  for (std::size_t n = 1 + random.below(3); n > 0; --n) (void)fuzz::mutate(program, random);
  return program;
}

std::size_t give(Bytes& bytes, std::uint8_t** out) {
  *out = bytes.data();
  return bytes.size();
}

}  // namespace

extern "C" {

void* afl_custom_init(void*, unsigned seed) {
  return new Mutator{.random = fuzz::Random(seed), .made = {}, .posted = {}, .trimmed = {}, .trim = {}};
}
void afl_custom_deinit(void* mutator) { delete static_cast<Mutator*>(mutator); }

std::size_t afl_custom_fuzz(void* data, std::uint8_t* bytes, std::size_t size, std::uint8_t** out,
                            std::uint8_t* other, std::size_t other_size, std::size_t max) {
  auto& mutator = *static_cast<Mutator*>(data);
  const std::span<const std::uint8_t> beside(other, other == nullptr ? 0 : other_size);
  const trace::Program program = made(mutator, trace::decode({bytes, size}), beside);
  mutator.made = fuzz::encoded_within(program, std::min(max, kBytesMax));
  return give(mutator.made, out);  // 0 bytes: AFL++ skips it
}

// In the name of what AFL++ keeps: "id:000004,src:000000+000003,...,daxfuzz-spliced".
const char* afl_custom_describe(void* data, std::size_t max) {
  auto& mutator = *static_cast<Mutator*>(data);
  static std::string text;
  text = std::string("daxfuzz-") + mutator.how;
  if (text.size() >= max) text.clear();
  return text.c_str();
}

// One spelling for inputs of one meaning, whoever made them.
std::size_t afl_custom_post_process(void* data, std::uint8_t* bytes, std::size_t size, std::uint8_t** out) {
  auto& mutator = *static_cast<Mutator*>(data);
  const Bytes canonical = fuzz::encoded_within(trace::decode({bytes, size}), kBytesMax);
  // When AFL++ 4.04c imports from another fuzzer (sync_fuzzers(), read_foreign_testcases()), it takes what it was given
  // here for its own mapping of the file: it keeps as many bytes of it as the file has, and gives it to munmap(2). So
  // there are that many, zeroes at the end, behind one byte more: munmap(2) fails but at the start of a page, where
  // it would take a part of the heap away.
  mutator.posted.assign(1, 0);
  mutator.posted.insert(mutator.posted.end(), canonical.begin(), canonical.end());
  mutator.posted.resize(1 + std::max(canonical.size(), size));
  *out = mutator.posted.data() + 1;
  return canonical.size();
}

std::int32_t afl_custom_init_trim(void* data, std::uint8_t* bytes, std::size_t size) {
  auto& mutator = *static_cast<Mutator*>(data);
  mutator.trims = 0;
  mutator.trim.emplace(trace::decode({bytes, size}));
  // A seed may be shorter than what it means; AFL++ ends if trimming makes it longer.
  return trace::encode(mutator.trim->program()).size() > size ? 0 : kTrimSteps;
}
// At the end what there was once more, for AFL++ wants something; post_trim then says that it is over.
std::size_t afl_custom_trim(void* data, std::uint8_t** out) {
  auto& mutator = *static_cast<Mutator*>(data);
  const std::optional<trace::Program> next = mutator.trim->next();
  if (!next) mutator.trims = kTrimSteps;
  mutator.trimmed = trace::encode(next ? *next : mutator.trim->program());
  return give(mutator.trimmed, out);
}
std::int32_t afl_custom_post_trim(void* data, std::uint8_t kept) {
  auto& mutator = *static_cast<Mutator*>(data);
  if (mutator.trims >= kTrimSteps) return kTrimSteps;
  mutator.trim->tell(kept != 0);
  return ++mutator.trims;
}

}  // extern "C"
