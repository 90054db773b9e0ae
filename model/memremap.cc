// SPDX-License-Identifier: GPL-2.0-only
// The free path of fs-dax pages. See memremap.h.
#include "model/memremap.h"

#include "model/wait.h"
#include "model/world.h"

namespace daxfuzz::kernel {

// Port of __put_devmap_managed_folio_refs(), mm/memremap.c, Linux 6.12.
// Differs: the decrement is the caller's (it is common to all protocols); under
// entry_ref it wakes on 2 -> 1 and then leaves the free path to the caller, as the
// review asks for.
// Yields: in wake_up_var().
bool put_devmap_managed_folio_refs(folio* folio, int left) {
  if (protocol().wake_transition == WakeTransition::to_one && left == 1) {
    Function function("__put_devmap_managed_folio_refs", static_cast<std::int64_t>(folio->pfn));
    wake_up_var(folio);
  }
  return protocol().base_count == 1;
}

// Port of free_zone_device_folio(), mm/memremap.c, Linux 6.16.
// Differs: pgmap->ops is asked for where the protocol says that the device has none (v1
// on virtiofs); mem_cgroup and flags are absent; mapping is cleared only where the protocol
// says so (v1: for every type), and when it says so (the 2022 series: after the wake-up).
// Yields: before the store of mapping; in wake_up_var().
void free_zone_device_folio(folio* folio) {
  Function function("free_zone_device_folio", static_cast<std::int64_t>(folio->pfn));
  if (WARN_ON_ONCE(protocol().free_needs_ops, "warn-free-without-ops", folio->pfn)) return;
  const bool clears = protocol().free_clears_mapping, wakes_first = protocol().free_wakes_first;
  if (clears && !wakes_first) folio_set_mapping(folio, 0);
  if (protocol().wake_transition == WakeTransition::to_zero) wake_up_var(folio);
  if (clears && wakes_first) folio_set_mapping(folio, 0);
}

}  // namespace daxfuzz::kernel
