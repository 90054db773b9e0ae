// SPDX-License-Identifier: GPL-2.0-only
// The mutator as libFuzzer wants it: custom mutation and cross-over of bytes.
// One mutation in eight is the engine's own, on the bytes: it uses what the
// engine has learnt of comparisons and dictionaries. Of the others every second is
// no mutation but a whole program: with mutations alone it is long before anything
// happens in several threads at once (bench/time/README.md). Of the rest one in four moves, adds or removes change
// points of a schedule that is written out for that. Read next: mutator.h, change_points.h.
#include "fuzz/mutator_engine.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "fuzz/change_points.h"
#include "fuzz/draw.h"
#include "fuzz/mutator.h"
#include "trace/bytes.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max);

namespace {

using daxfuzz::fuzz::Moves;

constexpr std::size_t kEngineOneIn = 8;
constexpr std::size_t kDrawnOneIn = 2;
constexpr std::size_t kChangeOneIn = 4;

std::function<daxfuzz::trace::Program(daxfuzz::trace::Program)> g_as_it_runs;
Moves g_moves = Moves::all;

// Copies `bytes` to `data`; the old size if there is nothing to copy.
std::size_t put(const std::vector<std::uint8_t>& bytes, std::uint8_t* data, std::size_t size) {
  if (bytes.empty()) return size;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

// As large as those of a hunt without an engine (bugs/hunt.cc).
daxfuzz::trace::Program whole(daxfuzz::fuzz::Random& random) {
  const std::uint64_t threads = 1 + random.below(4);
  return daxfuzz::fuzz::drawn({.protocol = {}, .threads = threads, .ops = 8 + random.below(25)}, random);
}

// False if there is nothing to switch between.
bool change_points(daxfuzz::trace::Program& program, daxfuzz::fuzz::Random& random) {
  return g_moves == Moves::all && g_as_it_runs && random.one_in(kChangeOneIn) &&
         daxfuzz::fuzz::change_points(program, g_as_it_runs, random);
}

}  // namespace

void daxfuzz::fuzz::mutator_sees(std::function<trace::Program(trace::Program)> as_it_runs) {
  g_as_it_runs = std::move(as_it_runs);
}
void daxfuzz::fuzz::mutator_moves(Moves moves) { g_moves = moves; }

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max,
                                               unsigned seed) {
  using namespace daxfuzz;
  if (g_moves == Moves::bytes_only) return LLVMFuzzerMutate(data, size, max);
  fuzz::Random random(seed);
  // Engines begin with a few bytes and let inputs grow: no program fits in those.
  const bool too_short = fuzz::encoded_within({}, max).empty();
  if (too_short || random.one_in(kEngineOneIn)) {
    size = LLVMFuzzerMutate(data, size, max);
    // Canonical again, so that inputs of one meaning have one spelling.
    return put(fuzz::encoded_within(trace::decode({data, size}), max), data, size);
  }
  if (g_moves != Moves::changes_only && random.one_in(kDrawnOneIn))
    return put(fuzz::encoded_within(whole(random), max), data, size);
  trace::Program program = trace::decode({data, size});
  if (change_points(program, random)) return put(fuzz::encoded_within(std::move(program), max), data, size);
  for (std::size_t n = 1 + random.below(3); n > 0; --n) fuzz::mutate(program, random);
  return put(fuzz::encoded_within(std::move(program), max), data, size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2,
                                                 std::uint8_t* out, std::size_t max, unsigned seed) {
  using namespace daxfuzz;
  if (g_moves == Moves::bytes_only) {
    // Where there is no mutator of a target's own, crossing over is one of these.
    const std::size_t size = std::min(size1, max);
    std::copy_n(data1, size, out);
    return LLVMFuzzerMutate(out, size, max);
  }
  fuzz::Random random(seed);
  const trace::Program program =
      fuzz::spliced(trace::decode({data1, size1}), trace::decode({data2, size2}), random);
  return put(fuzz::encoded_within(program, max), out, 0);
}
