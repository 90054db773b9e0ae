// SPDX-License-Identifier: GPL-2.0-only
// The functions that TSan's runtime calls if a program has them. Built without
// TSan and harmless where there is none. Read first: tsan_reports.h.
#include "sched/tsan_reports.h"

#include <atomic>

#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

std::atomic<std::uint32_t> reports{0};
std::atomic<std::uint32_t> answered{0};

}  // namespace

std::uint32_t tsan_report_count() {
  const std::uint32_t count = reports.load();
  answered.store(count);
  return count;
}

std::uint32_t tsan_unanswered_reports() { return reports.load() - answered.load(); }

bool tsan_linked() { return __tsan_create_fiber != nullptr; }

}  // namespace daxfuzz::sched

// Asked at exit whether the process failed; the runtime's own is weak, to be
// replaced by a front end. (__tsan_on_finalize() of the public header is looked
// up among the dynamic symbols, where an executable has none.)
namespace __tsan {
bool OnFinalize(bool failed);
bool OnFinalize(bool failed) {
  return failed && daxfuzz::sched::reports.load() != daxfuzz::sched::answered.load();
}
}  // namespace __tsan

extern "C" {

// tsan_races.cc's, in a program that has it.
__attribute__((weak)) void daxfuzz_tsan_reported(void* report);

void __tsan_on_report(void* report);
void __tsan_on_report(void* report) {
  daxfuzz::sched::reports.fetch_add(1);
  if (daxfuzz_tsan_reported != nullptr) daxfuzz_tsan_reported(report);
}

// TSan tells a race once for each pair of stacks, by default. Then the verdict of
// a run would depend on the runs before it in the process, so that memory is
// off. Nothing else is decided for the program here: a report does not end it
// (TSan's default), and its exit status is above. TSAN_OPTIONS still wins.
// Not weak: TSan's own weak definition comes first on the link line.
const char* __tsan_default_options();
const char* __tsan_default_options() { return "suppress_equal_stacks=0"; }

}
