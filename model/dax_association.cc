// SPDX-License-Identifier: GPL-2.0-only
// From a page back to the file that tracks it: mapping and index while one entry
// does, a share count in the same storage once several may. This is where the
// protocols differ most; each branch names its generation.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Each folio that an entry names, as an entry: itself, or one a page if they stay apart.
template <class Do>
void for_each_folio_entry(entry_t entry, Do&& act) {
  if (dax_entries_are_folios()) {
    act(entry, std::uint64_t{0});
    return;
  }
  for (std::uint64_t i = 0; i < dax_entry_pages(entry); i++)
    act(dax_make_entry(dax_to_pfn(entry) + i, 0), i);
}

// The mapping word that means "shared" where it is a value or a flag.
std::uint64_t shared_word() {
  return protocol().share == Share::flag_0x4 ? PAGE_MAPPING_DAX_SHARED_REVIEW
                                             : PAGE_MAPPING_DAX_SHARED_6_2;
}

// --- 6.0..6.14 and the review: mapping says "shared", share counts ---------------

// Port of dax_page_share_get(), fs/dax.c, Linux 6.12; the seed mail's diff to it;
// dax_mapping_set_cow(), Linux 6.1.
// Differs: the word is the protocol's.
// Yields: before every load and store.
void dax_page_share_get(folio* page) {
  const std::uint64_t mapping = page->mapping.load("mapping_load");
  if (!dax_folio_is_shared(mapping, 0)) {
    if (mapping != 0) folio_set_index(page, 1);  // share = 1: it had an index here
    folio_set_mapping(page, shared_word());
  }
  const std::uint64_t share = page->share().load("share_load");
  folio_set_index(page, share + 1);
}

// Port of dax_page_share_put(), fs/dax.c, Linux 6.12; the decrement in
// dax_disassociate_entry(), Linux 6.1, whose result is the count before it.
// Differs: nothing.
// Yields: before the load and the store.
std::uint64_t dax_page_share_put(folio* page) {
  const std::uint64_t share = page->share().load("share_load");
  folio_set_index(page, share - 1);
  return protocol().share == Share::index_0x1 ? share : share - 1;
}

void associate_by_word(folio* page, address_space& mapping, std::uint64_t index, bool shared) {
  if (shared) {
    dax_page_share_get(page);
    return;
  }
  WARN_ON_ONCE(page->mapping.load("mapping_load") != 0, "warn-associate-mapped-page", page->pfn);
  folio_set_mapping(page, mapping_word(&mapping));
  folio_set_index(page, index);
}

// True if nothing tracks the page any more. The 2022 series has its canaries after the look
// at the mapping, so a shared page has none.
bool disassociate_by_word(folio* page, entry_t entry, address_space& mapping, bool trunc) {
  const bool zaps = protocol().entry_put != EntryPut::disassociate;
  if (trunc && !zaps)
    WARN_ON_ONCE(folio_ref_count(page) > 1, "warn-truncate-busy-page", page->pfn);
  const std::uint64_t word = page->mapping.load("mapping_load");
  if (dax_folio_is_shared(word, 0)) {
    if (dax_page_share_put(page) > 0) return false;
  } else {
    if (trunc && zaps) {
      WARN_ON_ONCE(!dax_is_zapped(entry), "warn-truncate-unzapped-entry", page->pfn);
      WARN_ON_ONCE(folio_ref_count(page) != protocol().idle_count, "warn-truncate-busy-page",
                   page->pfn);
    }
    WARN_ON_ONCE(word != 0 && word != mapping_word(&mapping), "warn-disassociate-foreign-page",
                 page->pfn);
  }
  folio_set_mapping(page, 0);
  folio_set_index(page, 0);
  return true;
}

// --- a PMD's pages as one folio ---------------------------------------------------

// Port of dax_folio_init(), fs/dax.c, Linux 6.16.
// Differs: nothing.
// Yields: in the looks at the order and the count, and in prep_compound_page().
void dax_folio_init(entry_t entry) {
  folio* folio = dax_to_folio(entry);
  WARN_ON_ONCE(folio_order(folio) != 0, "warn-init-of-large-folio", folio->pfn);
  const unsigned order = dax_entry_order(entry);
  if (order == 0) return;
  prep_compound_page(folio, order);
  WARN_ON_ONCE(folio_ref_count(folio) != 0, "warn-associate-busy-page", folio->pfn);
}

// Port of dax_folio_reset_order(), fs/dax.c, 59eb73b98ae0 (7.1): the end of dax_folio_put()
// before.
// Differs: page->pgmap is absent.
// Yields: before every load and store.
void dax_folio_reset_order(folio* folio) {
  folio_set_mapping(folio, 0);
  const unsigned order = folio_order(folio);
  if (order == 0 && !protocol().put_resets_order0) return;
  if (order != 0) folio_reset_order(folio);
  for (std::uint64_t i = 0; i < std::uint64_t{1} << order; i++) {
    struct folio* page = pfn_page(folio->pfn + i);
    if (order != 0) {
      clear_compound_page(page);
      folio_set_mapping(page, 0);
    }
    folio_set_index(page, 0);  // share = 0
    const int own = protocol().entry_holds_ref && i == 0 ? 1 : 0;  // goes after this
    WARN_ON_ONCE(folio_ref_count(page) != own, "warn-put-busy-page", page->pfn);
  }
}

// --- 6.15..7.0: mapping NULL with a share count ------------------------------------

// Port of dax_folio_make_shared(), fs/dax.c, Linux 6.16.
// Differs: nothing.
// Yields: before each store.
void dax_folio_make_shared(folio* folio) {
  folio_set_mapping(folio, 0);
  folio_set_index(folio, 1);  // share = 1
}

// Port of dax_folio_put(), fs/dax.c, Linux 6.16.
// Differs: nothing.
// Yields: before every load and store.
void dax_folio_put(folio* folio) {
  const std::uint64_t word = folio->mapping.load("mapping_load");
  if (word == 0) {
    const std::uint64_t share = folio->share().load("share_load");
    if (dax_folio_is_shared(word, share)) {
      folio_set_index(folio, share - 1);
      if (share - 1 != 0) return;
    }
  }
  dax_folio_reset_order(folio);
}

void associate_by_null(entry_t entry, address_space& mapping, std::uint64_t index, bool shared) {
  folio* folio = dax_to_folio(entry);
  std::uint64_t word = folio->mapping.load("mapping_load");
  const bool was_shared =
      word == 0 && shared && dax_folio_is_shared(word, folio->share().load("share_load"));
  if (shared && (word != 0 || was_shared)) {
    if (word != 0) dax_folio_make_shared(folio);
    const std::uint64_t share = folio->share().load("share_load");
    WARN_ON_ONCE(share == 0, "warn-shared-without-count", folio->pfn);
    WARN_ON_ONCE(dax_entry_order(entry) != folio_order(folio), "warn-share-of-other-order",
                 folio->pfn);
    folio_set_index(folio, share + 1);
    return;
  }
  word = folio->mapping.load("mapping_load");
  WARN_ON_ONCE(word != 0, "warn-associate-mapped-page", folio->pfn);
  dax_folio_init(entry);
  folio = dax_to_folio(entry);
  folio_set_mapping(folio, mapping_word(&mapping));
  folio_set_index(folio, index);
}

// --- v1: no share accounting; association only of entries that are not shared --------

// Port of dax_device_folio_init(), fs/dax.c, patch 10/12 of 2024-09-10.
// Differs: page->pgmap is absent.
// Yields: before every load and store.
void dax_device_folio_init(folio* folio, unsigned order) {
  const unsigned orig_order = folio_order(folio);
  if (orig_order != order) {
    for (std::uint64_t i = 0; i < std::uint64_t{1} << orig_order; i++) {
      struct folio* page = pfn_page(folio->pfn + i);
      clear_compound_page(page);
      folio_set_mapping(page, 0);
    }
  }
  if (order > 0) prep_compound_page(folio, order);
}

// Port of dax_associate_new_entry(), fs/dax.c, patch 10/12 of 2024-09-10.
// Differs: nothing. The folio is looked up before it is reshaped, as there.
// Yields: before the read of the count and each store.
void dax_associate_new_entry(entry_t entry, address_space& mapping, std::uint64_t index) {
  folio* folio = dax_to_folio(entry);
  WARN_ON_ONCE(folio_ref_count(folio) != 0, "warn-associate-busy-page", folio->pfn);
  dax_device_folio_init(folio, dax_entry_order(entry));
  folio_set_mapping(folio, mapping_word(&mapping));
  folio_set_index(folio, index);
}

}  // namespace

bool dax_folio_is_shared(std::uint64_t mapping, std::uint64_t share) {
  switch (protocol().share) {
    case Share::magic_0x1:
    case Share::index_0x1: return mapping == PAGE_MAPPING_DAX_SHARED_6_2;
    case Share::flag_0x1: return (mapping & PAGE_MAPPING_DAX_SHARED_6_2) != 0;
    case Share::flag_0x4: return (mapping & PAGE_MAPPING_DAX_SHARED_REVIEW) != 0;
    case Share::null_mapping: return mapping == 0 && share != 0;
    case Share::none: return false;
  }
  return false;
}

// Port of dax_associate_entry(), fs/dax.c, Linux 6.1, 6.12 and 6.16.
// Differs: an entry takes its reference here where the protocol gives it one (the review's
// dax_create_folio(); pgmap_request_folios() of the 2022 series, which cannot be refused
// while the device lives).
// Yields: in the branches, and before the reference.
void dax_associate_entry(entry_t entry, address_space& mapping, std::uint64_t index, bool shared) {
  if (!dax_is_real_entry(entry)) return;
  Function function("dax_associate_entry", mapping.host->i_ino, static_cast<std::int64_t>(index),
                    static_cast<std::int64_t>(dax_to_pfn(entry)));
  switch (protocol().share) {
    case Share::none:
      if (shared) break;
      for_each_folio_entry(entry, [&](entry_t part, std::uint64_t i) {
        dax_associate_new_entry(part, mapping, index + i);
      });
      break;
    case Share::null_mapping:
      for_each_folio_entry(entry, [&](entry_t part, std::uint64_t i) {
        associate_by_null(part, mapping, index + i, shared);
      });
      break;
    default:
      if (protocol().pmd_folio && (!shared || dax_to_folio(entry)->mapping.peek() == 0))
        dax_folio_init(entry);
      for_each_associated(entry, [&](folio* page, std::uint64_t i) {
        associate_by_word(page, mapping, index + i, shared);
      });
      break;
  }
  if (protocol().entry_holds_ref && !(shared && protocol().share_skips_ref))
    for_each_associated(entry, [](folio* page, std::uint64_t) { folio_ref_inc(page); });
}

// Port of dax_disassociate_entry(), fs/dax.c, Linux 6.1, 6.12 and 6.16.
// Differs: v1 has deleted it; an entry's reference goes last, if it is to go here at all.
// Yields: in the branches, and in the puts.
void dax_disassociate_entry(entry_t entry, address_space& mapping, bool trunc) {
  if (!dax_is_real_entry(entry)) return;
  Function function("dax_disassociate_entry", mapping.host->i_ino,
                    static_cast<std::int64_t>(dax_to_pfn(entry)), trunc);
  folio* head = dax_to_folio(entry);  // before it may be split
  switch (protocol().share) {
    case Share::none: break;
    case Share::null_mapping:
      if (protocol().pmd_folio)
        dax_folio_put(head);
      else
        for_each_associated(entry, [](folio* page, std::uint64_t) { dax_folio_put(page); });
      break;
    default:
      for_each_associated(entry, [&](folio* page, std::uint64_t) {
        const bool gone = disassociate_by_word(page, entry, mapping, trunc);
        if (gone && protocol().pmd_folio && folio_order(page) != 0) dax_folio_reset_order(page);
      });
      break;
  }
  const bool puts = protocol().entry_put == EntryPut::disassociate ||
                    (protocol().entry_put == EntryPut::zap_or_disassociate && !dax_is_zapped(entry));
  if (!protocol().entry_holds_ref || !puts) return;
  if (protocol().pmd_folio)
    folio_put(head);
  else
    for_each_associated(entry, [](folio* page, std::uint64_t) { folio_put(page); });
}

}  // namespace daxfuzz::kernel
