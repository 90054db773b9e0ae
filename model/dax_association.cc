// SPDX-License-Identifier: GPL-2.0-only
// From a page back to the file that tracks it: mapping and index while one entry
// does, a share count in the same storage once several may. This is where the
// protocols differ most; each branch names its generation.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

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
void dax_page_share_get(folio* folio) {
  const std::uint64_t mapping = folio->mapping.load("mapping_load");
  if (!dax_folio_is_shared(mapping, 0)) {
    if (mapping != 0) folio_set_index(folio, 1);  // share = 1: it had an index here
    folio_set_mapping(folio, shared_word());
  }
  const std::uint64_t share = folio->share().load("share_load");
  folio_set_index(folio, share + 1);
}

// Port of dax_page_share_put(), fs/dax.c, Linux 6.12; the decrement in
// dax_disassociate_entry(), Linux 6.1, whose result is the count before it.
// Differs: nothing.
// Yields: before the load and the store.
std::uint64_t dax_page_share_put(folio* folio) {
  const std::uint64_t share = folio->share().load("share_load");
  folio_set_index(folio, share - 1);
  return protocol().share == Share::index_0x1 ? share : share - 1;
}

void associate_by_word(folio* folio, address_space& mapping, std::uint64_t index, bool shared) {
  if (shared) {
    dax_page_share_get(folio);
    return;
  }
  WARN_ON_ONCE(folio->mapping.load("mapping_load") != 0, "warn-associate-mapped-page", folio->pfn);
  folio_set_mapping(folio, mapping_word(&mapping));
  folio_set_index(folio, index);
}

void disassociate_by_word(folio* folio, address_space& mapping, bool trunc) {
  if (trunc)
    WARN_ON_ONCE(folio_ref_count(folio) > 1, "warn-truncate-busy-page", folio->pfn);
  const std::uint64_t word = folio->mapping.load("mapping_load");
  if (dax_folio_is_shared(word, 0)) {
    if (dax_page_share_put(folio) > 0) return;
  } else {
    WARN_ON_ONCE(word != 0 && word != mapping_word(&mapping), "warn-disassociate-foreign-page", folio->pfn);
  }
  folio_set_mapping(folio, 0);
  folio_set_index(folio, 0);
}

// --- 6.15..7.0: mapping NULL with a share count ------------------------------------

// Port of dax_folio_make_shared(), fs/dax.c, Linux 6.16.
// Differs: nothing.
// Yields: before each store.
void dax_folio_make_shared(folio* folio) {
  folio_set_mapping(folio, 0);
  folio_set_index(folio, 1);  // share = 1
}

// Port of dax_folio_put(), fs/dax.c, Linux 6.16; with dax_folio_reset_order(),
// 59eb73b98ae0 (7.1).
// Differs: order 0, which returns before share is cleared and the count is looked at;
// since 7.1 it does not.
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
  folio_set_mapping(folio, 0);
  if (!protocol().put_resets_order0) return;
  folio_set_index(folio, 0);  // share = 0
  WARN_ON_ONCE(folio_ref_count(folio) != 0, "warn-put-busy-page", folio->pfn);
}

void associate_by_null(folio* folio, address_space& mapping, std::uint64_t index, bool shared) {
  std::uint64_t word = folio->mapping.load("mapping_load");
  const bool was_shared =
      word == 0 && shared && dax_folio_is_shared(word, folio->share().load("share_load"));
  if (shared && (word != 0 || was_shared)) {
    if (word != 0) dax_folio_make_shared(folio);
    const std::uint64_t share = folio->share().load("share_load");
    WARN_ON_ONCE(share == 0, "warn-shared-without-count", folio->pfn);
    folio_set_index(folio, share + 1);
    return;
  }
  word = folio->mapping.load("mapping_load");
  WARN_ON_ONCE(word != 0, "warn-associate-mapped-page", folio->pfn);
  folio_set_mapping(folio, mapping_word(&mapping));
  folio_set_index(folio, index);
}

// --- v1: no share accounting; association only of entries that are not shared --------

// Port of dax_associate_new_entry(), fs/dax.c, patch 10/12 of 2024-09-10.
// Differs: order 0.
// Yields: before the read of the count and each store.
void dax_associate_new_entry(folio* folio, address_space& mapping, std::uint64_t index) {
  WARN_ON_ONCE(folio_ref_count(folio) != 0, "warn-associate-busy-page", folio->pfn);
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
// Differs: order 0; index is the caller's linear_page_index(); an entry takes its
// reference here where the protocol gives it one (the review's dax_create_folio()).
// Yields: in the branches.
void dax_associate_entry(entry_t entry, address_space& mapping, std::uint64_t index, bool shared) {
  if (!dax_is_real_entry(entry)) return;
  folio* folio = pfn_folio(dax_to_pfn(entry));
  Function function("dax_associate_entry", mapping.host->i_ino, static_cast<std::int64_t>(index),
                    static_cast<std::int64_t>(folio->pfn));
  if (protocol().entry_holds_ref) folio_ref_inc(folio);
  switch (protocol().share) {
    case Share::none:
      if (!shared) dax_associate_new_entry(folio, mapping, index);
      return;
    case Share::null_mapping: return associate_by_null(folio, mapping, index, shared);
    default: return associate_by_word(folio, mapping, index, shared);
  }
}

// Port of dax_disassociate_entry(), fs/dax.c, Linux 6.1, 6.12 and 6.16.
// Differs: order 0; v1 has deleted it; an entry's reference goes last.
// Yields: in the branches.
void dax_disassociate_entry(entry_t entry, address_space& mapping, bool trunc) {
  if (!dax_is_real_entry(entry)) return;
  folio* folio = pfn_folio(dax_to_pfn(entry));
  Function function("dax_disassociate_entry", mapping.host->i_ino,
                    static_cast<std::int64_t>(folio->pfn), trunc);
  switch (protocol().share) {
    case Share::none: break;
    case Share::null_mapping: dax_folio_put(folio); break;
    default: disassociate_by_word(folio, mapping, trunc); break;
  }
  if (protocol().entry_holds_ref) folio_put(folio);
}

}  // namespace daxfuzz::kernel
