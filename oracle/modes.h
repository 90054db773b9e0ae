// SPDX-License-Identifier: GPL-2.0-only
// Under which protocols a row of invariant.def must hold, as questions to the switches: a
// mixture that `--set` makes has its answers too. Of a ported WARN: where its line is reached, if no patch
// moves it.
#pragma once

#include "model/protocol.h"

namespace daxfuzz::oracle::modes {

using kernel::Protocol;
using kernel::Share;

inline bool everywhere(const Protocol&) { return true; }

// A PTE or PMD holds a reference, so the mapcount counts and rmap sees the page.
inline bool mappings_hold(const Protocol& protocol) { return protocol.mapping_holds_ref; }
// The pages of a PMD entry are one folio.
inline bool pmds_are_folios(const Protocol& protocol) { return protocol.pmd_folio; }

// Of dax_associate_entry() and its opposite: v1 counts no owners, 6.15 says "shared" by a NULL
// mapping, all others by a word that is no address.
inline bool owners_are_counted(const Protocol& protocol) { return protocol.share != Share::none; }
inline bool shared_is_null(const Protocol& protocol) { return protocol.share == Share::null_mapping; }
inline bool shared_is_a_word(const Protocol& protocol) {
  return owners_are_counted(protocol) && !shared_is_null(protocol);
}
inline bool folios_are_set_up(const Protocol& protocol) {
  return shared_is_null(protocol) || (shared_is_a_word(protocol) && protocol.pmd_folio);
}
inline bool free_pages_are_associated(const Protocol& protocol) {
  return folios_are_set_up(protocol) || !owners_are_counted(protocol);
}

// A folio whose last entry goes becomes single pages; each page loses its index or share then,
// of any order.
inline bool folios_are_split(const Protocol& protocol) { return protocol.pmd_folio && owners_are_counted(protocol); }
inline bool words_are_cleared(const Protocol& protocol) {
  return shared_is_a_word(protocol) || (shared_is_null(protocol) && protocol.put_resets_order0);
}

inline bool entries_are_zapped(const Protocol& protocol) {
  return shared_is_a_word(protocol) && protocol.entry_put != kernel::EntryPut::disassociate;
}
inline bool breaks_delete(const Protocol& protocol) { return protocol.break_deletes; }
inline bool devices_lack_ops(const Protocol& protocol) { return protocol.free_needs_ops; }

}  // namespace daxfuzz::oracle::modes
