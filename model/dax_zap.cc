// SPDX-License-Identifier: GPL-2.0-only
// The reference that an entry holds until a scan zaps the entry: the series of 2022-10-14.
// Read next: dax_association.cc (where it is taken), dax_layout.cc (the scan).
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {

// What the 2022 series says that a new reference needs, and has no code for.
entry_t dax_revive_entry(entry_t entry, address_space& mapping, std::uint64_t index) {
  CHECK(dax_is_zapped(entry) && dax_is_real_entry(entry));
  Function function("dax_revive_entry", mapping.host->i_ino, static_cast<std::int64_t>(index));
  for_each_associated(entry, [&](folio* page, std::uint64_t i) {
    folio_ref_inc(page);
    if (dax_folio_is_shared(page->mapping.load("mapping_load"), 0)) return;
    folio_set_mapping(page, mapping_word(&mapping));
    folio_set_index(page, index + i);
  });
  return xa_mk_value(xa_to_value(entry) & ~DAX_ZAP);
}

// Port of dax_zap_pages(), drivers/dax/mapping.c, v3 of 2022-10-14, patches 4, 10 and 23:
// the first page of an entry that somebody uses, after the entry's own reference went.
// Differs: nothing.
// Yields: in each put, and before each count is read. xa_lock is held.
folio* dax_zap_pages(xa_state& xas, entry_t entry) {
  if (!dax_is_real_entry(entry)) return nullptr;
  Function function("dax_zap_pages", xas.xa->id, static_cast<std::int64_t>(xas.xa_index));
  const bool first = !dax_is_zapped(entry);
  folio* busy = nullptr;
  for_each_associated(entry, [&](folio* page, std::uint64_t) {
    if (first) folio_put(page);
    if (folio_ref_count(page) != protocol().idle_count && busy == nullptr) busy = page;
  });
  if (first) (void)xas_store(xas, xa_mk_value(xa_to_value(entry) | DAX_ZAP));
  return busy;
}

}  // namespace daxfuzz::kernel
