// SPDX-License-Identifier: GPL-2.0-only
// What mm/memremap.c does when references of a ZONE_DEVICE page go.
// Read next: wait.h (whom it wakes).
#pragma once

#include "model/folio.h"

namespace daxfuzz::kernel {

// After a put left `left` references: true if the page is one that never frees
// (base count one). Wakes on 2 -> 1 where the protocol wakes there.
bool put_devmap_managed_folio_refs(folio* folio, int left);
// The last reference went.
void free_zone_device_folio(folio* folio);

}  // namespace daxfuzz::kernel
