// SPDX-License-Identifier: GPL-2.0-only
// Bytes on their way from the caches to the medium. See pmem.h.
#include "model/pmem.h"

#include "model/world.h"

namespace daxfuzz::kernel {

void Pmem::store(std::uint64_t pfn, std::uint8_t value, LineMask lines) {
  CHECK(lines <= kWholePage);
  for (unsigned line = 0; line < kPageLines; line++) {
    if ((lines >> line & 1u) == 0) continue;
    __atomic_store_n(&at(pfn, line).cached, value, __ATOMIC_RELAXED);
    const sched::HarnessScope scope;
    at(pfn, line).stored_in = world().function_of(sched::Scheduler::current_task());
  }
}

void Pmem::write_back(std::uint64_t pfn, LineMask lines) {
  CHECK(lines <= kWholePage);
  const sched::HarnessScope scope;  // nothing but power_fail() looks at the medium
  for (unsigned line = 0; line < kPageLines; line++)
    if ((lines >> line & 1u) != 0) at(pfn, line).medium = load(pfn, line);
}

void Pmem::power_fail() {
  for (Line& line : lines_) {
    line.lost = line.cached != line.medium;
    line.cached = line.medium;
  }
}

}  // namespace daxfuzz::kernel
