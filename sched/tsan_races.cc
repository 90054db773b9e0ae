// SPDX-License-Identifier: GPL-2.0-only
// Stacks are copied while TSan reports, and get names when they are asked for. See tsan_races.h.
#include "sched/tsan_races.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <string_view>

extern "C" {
__attribute__((weak)) int __tsan_get_report_mop(void* report, std::size_t index, int* thread, void** address, int* size,
                                                int* write, int* atomic, void** trace, std::size_t trace_size);
__attribute__((weak)) void __sanitizer_symbolize_pc(void* pc, const char* format, char* out, std::size_t size);
// Called by tsan_reports.cc.
void daxfuzz_tsan_reported(void* report);
}

namespace daxfuzz::sched {
namespace {

// Addresses only: the runtime is in the middle of a report when it tells of it.
constexpr std::size_t kRacesKept = 64, kFrames = 16;
struct Stacks {
  void* frames[2][kFrames] = {};
  int write[2] = {};
};
Stacks kept[kRacesKept];
std::atomic<std::uint32_t> known{0};

void keep(void* report) {
  const std::uint32_t number = known.fetch_add(1);
  if (number >= kRacesKept || __tsan_get_report_mop == nullptr) return;
  for (std::size_t side = 0; side < 2; ++side) {
    int thread = 0, size = 0, atomic = 0;
    void* address = nullptr;
    __tsan_get_report_mop(report, side, &thread, &address, &size, &kept[number].write[side], &atomic,
                          kept[number].frames[side], kFrames);
  }
}

// "a::(anonymous namespace)::f(b::c*)" is f.
std::string bare(std::string_view name) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  if (const std::size_t at = name.rfind(kAnonymous); at != name.npos) name.remove_prefix(at + kAnonymous.size());
  name = name.substr(0, name.find_first_of("(<"));
  if (const std::size_t at = name.rfind("::"); at != name.npos) name.remove_prefix(at + 2);
  return std::string(name.substr(name.find_last_of(' ') + 1));  // a template's begins with its type
}

void append_functions(void* frame, std::vector<std::string>& to) {
  if (frame == nullptr || __sanitizer_symbolize_pc == nullptr) return;
  char names[2048] = {};  // each with its end, and an empty one after the last
  // What returns there was called just before.
  __sanitizer_symbolize_pc(static_cast<char*>(frame) - 1, "%f", names, sizeof names - 1);
  for (const char* name = names; *name != 0; name += std::string_view(name).size() + 1) to.push_back(bare(name));
}

}  // namespace

std::vector<TsanRace> take_tsan_races() {
  std::vector<TsanRace> races(std::min<std::size_t>(known.load(), kRacesKept));
  for (std::size_t i = 0; i < races.size(); ++i)
    for (std::size_t side = 0; side < 2; ++side) {
      races[i].sides[side].write = kept[i].write[side] != 0;
      for (void* frame : kept[i].frames[side]) append_functions(frame, races[i].sides[side].functions);
    }
  known.store(0);
  std::fill(std::begin(kept), std::end(kept), Stacks{});
  return races;
}

}  // namespace daxfuzz::sched

void daxfuzz_tsan_reported(void* report) { daxfuzz::sched::keep(report); }
