// SPDX-License-Identifier: GPL-2.0-only
// Each WARN_ON_ONCE and BUG_ON of the port, fired by the port's own code on a state
// that it does not expect. See cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

using kernel::Function;
using kernel::testing::InOrder;
using kernel::testing::SwitchAt;
using trace::ProtocolId;

kernel::address_space& mapped_a(Bench& b) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  return b.file(0).i_mapping;
}

void unmap_twice(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.page(0)._mapcount.init(0);
  (void)b.unmap(0);
}

// A write fault on a read-only PTE, but the file has another block by now.
void upgrade_other_pfn(Bench& b, bool broken) {
  mapped_a(b);
  (void)kernel::xfs_file_fsync(b.file(0), 0, UINT64_MAX);
  if (broken) b.file(0).data_fork[0].block = 7;
  (void)kernel::handle_mm_fault(b.world.vmas[0], b.world.vmas[0].start(), kernel::FaultKind::write);
}

void grab_free_page(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.page(0)._refcount.init(0);
  InOrder choices;
  (void)b.on_tasks(choices, {[&b] { (void)b.pin(0, 0, 0, true, false); }});
}

// A private copy that is pinned, and another process that has it, too.
void share_pinned(Bench& b, bool broken) {
  (void)kernel::xfs_file_write(b.file(0), 0, kernel::pos_of(1), 1);
  (void)kernel::do_mmap(b.world.mms[0], b.world.vmas[0], b.file(0), 0, 1, 0, 0);
  (void)b.store(0, 0, 2);
  (void)b.pin(0, 0, 0, true, false);
  if (broken) b.world.pins[0].page()->anon_exclusive.init(false);
  (void)kernel::gup_release(b.world.pins[0], 0);
}

void free_page(Bench& b, bool) {
  mapped_a(b);
  (void)b.unmap(0);
}

void find_pointer(Bench& b, bool broken) {
  b.map(0, 0);
  kernel::xa_state xas(b.file(0).i_mapping.i_pages, 0);
  (void)kernel::xas_store(xas, broken ? 0x1000 : kernel::dax_make_entry(0, kernel::DAX_EMPTY));
  b.file(0).i_mapping.nrpages++;
  (void)kernel::dax_invalidate_mapping_entry_sync(b.file(0).i_mapping, 0);
}

void associate_mapped(Bench& b, bool broken) {
  if (broken) b.page(0).mapping.init(kernel::mapping_word(&b.file(2).i_mapping));
  mapped_a(b);
}

void associate_busy(Bench& b, bool broken) {
  if (broken) b.page(0)._refcount.init(1);
  mapped_a(b);
}

// As corpus/findings has it for Linux 6.14: pin, munmap, truncate.
void truncate_busy(Bench& b, bool broken) {
  mapped_a(b);
  (void)b.pin(0, 0, 0, true, true);
  (void)b.unmap(0);
  if (!broken) (void)b.unpin(0);
  (void)kernel::xfs_setattr_size(b.file(0), 0);
}

// Pinned, unmapped, and the entry goes all the same.
void put_busy(Bench& b, bool broken) {
  kernel::address_space& mapping = mapped_a(b);
  (void)b.pin(0, 0, 0, true, true);
  (void)b.unmap(0);
  if (!broken) (void)b.unpin(0);
  (void)kernel::dax_delete_mapping_entry(mapping, 0);
}

void disassociate_foreign(Bench& b, bool broken) {
  kernel::address_space& mapping = mapped_a(b);
  if (broken) b.page(0).mapping.init(kernel::mapping_word(&b.file(2).i_mapping));
  (void)kernel::dax_delete_mapping_entry(mapping, 0);
}

// Two files, two locks: the last other owner goes between two looks at the count.
void share_with_the_last(Bench& b, bool broken) {
  b.page(0).share().init(broken ? 1 : 2);
  constexpr kernel::entry_t kEntry = kernel::dax_make_entry(kernel::block_to_pfn(0), 0);
  const auto associate = [&b] {
    b.file(0).i_mapping.i_pages.xa_lock.lock();
    kernel::dax_associate_entry(kEntry, b.file(0).i_mapping, 0, true);
    b.file(0).i_mapping.i_pages.xa_lock.unlock();
  };
  const auto disassociate = [&b] {
    b.file(1).i_mapping.i_pages.xa_lock.lock();
    kernel::dax_disassociate_entry(kEntry, b.file(1).i_mapping, true);
    b.file(1).i_mapping.i_pages.xa_lock.unlock();
  };
  SwitchAt choices("share_load", "dax_associate_entry", 2);
  (void)b.on_tasks(choices, {associate, disassociate});
  EXPECT_TRUE(choices.went_over());
}

// Task 0 faults; task 1 replaces the entry that task 0 has locked.
void replace_under_fault(Bench& b, bool broken) {
  b.map(0, 0);
  kernel::xarray& pages = b.file(0).i_mapping.i_pages;
  SwitchAt choices("ilock", "xfs_direct_write_iomap_begin");
  (void)b.on_tasks(choices, {[&b] { (void)b.store(0, 0, 1); },
                             [&pages, broken] {
                               if (!broken) return;
                               kernel::xa_state xas(pages, 0);
                               kernel::xas_lock_irq(xas);
                               (void)kernel::dax_lock_entry(xas, kernel::dax_make_entry(kernel::kPmemPfn + 4, 0));
                               kernel::xas_unlock_irq(xas);
                             }});
  EXPECT_TRUE(choices.went_over());
}

// Task 0 truncates and has seen the entry when task 1 drops it.
void delete_what_went(Bench& b, bool broken) {
  mapped_a(b);
  (void)kernel::xfs_file_fsync(b.file(0), 0, UINT64_MAX);
  (void)b.unmap(0);
  kernel::inode& file = b.file(0);
  SwitchAt choices("xa_lock", "__dax_invalidate_entry");
  (void)b.on_tasks(choices, {[&file] { (void)kernel::xfs_setattr_size(file, 0); },
                             [&file, broken] {
                               if (broken)
                                 (void)kernel::dax_invalidate_mapping_entry_sync(file.i_mapping, 0);
                             }});
  EXPECT_TRUE(choices.went_over());
}

void truncate_unbroken(Bench& b, bool broken) {
  mapped_a(b);
  if (!broken) (void)kernel::dax_break_layout_nowait(b.file(0));
  kernel::truncate_pagecache_range(b.file(0), 0, UINT64_MAX);
}

// The port cannot get there: at order 0 the look-up of a locked entry finds nothing, so
// writeback goes on before the test (docs/findings/fsync-skips-locked-entry.md). With
// that mended it can; until then what is shown is that the WARN is told.
void write_back_hole(Bench& b, bool broken) {
  mapped_a(b);
  const kernel::Function function("dax_writeback_one");
  (void)WARN_ON_ONCE(broken, "warn-writeback-of-hole");
}

void unlock_to_locked(Bench& b, bool broken) {
  kernel::xa_state xas(mapped_a(b).i_pages, 0);
  const kernel::entry_t entry = kernel::xas_load(xas);
  const kernel::entry_t locked =
      kernel::xa_mk_value(kernel::xa_to_value(entry) | kernel::DAX_LOCKED);
  (void)kernel::dax_lock_entry(xas, entry);
  kernel::dax_unlock_entry(xas, broken ? locked : entry);
}

void unlock_unlocked(Bench& b, bool broken) {
  kernel::xa_state xas(mapped_a(b).i_pages, 0);
  const kernel::entry_t entry = kernel::xas_load(xas);
  if (!broken) (void)kernel::dax_lock_entry(xas, entry);
  kernel::dax_unlock_entry(xas, entry);
}

// A PMD is inserted after its folio was split.
void map_split_folio(Bench& b, bool broken) {
  mapped_a(b);
  kernel::vm_area_struct& vma = b.world.vmas[0];
  kernel::split_huge_pmd(vma, vma.start());
  if (broken) b.page(0).head.init(false);
  (void)b.store(0, 0, 2);
}

void init_large(Bench& b, bool broken) {
  if (broken) {
    b.page(0).head.init(true);
    b.page(0)._order.init(2);
  }
  mapped_a(b);
}

// The kernel's own, since 6.15: both files own a PMD, but b's mapping has room for a page.
void share_part(Bench& b, bool broken) {
  mapped_a(b);
  (void)kernel::xfs_remap_range(b.file(0), 0, b.file(1), 0, kernel::pos_of(4));
  b.map(1, 1, broken ? 1 : 4);
  (void)b.load(0, 0);
  (void)b.load(1, 0);
}

// A page is inserted although a PMD maps its range.
void pte_under_pmd(Bench& b, bool broken) {
  mapped_a(b);
  kernel::vm_area_struct& vma = b.world.vmas[0];
  if (!broken) kernel::split_huge_pmd(vma, vma.start());
  kernel::folio_get(&b.page(0));
  kernel::vm_fault vmf{.vma = &vma, .address = vma.start(), .pgoff = 0, .write = true};
  InOrder choices;
  (void)b.on_tasks(choices, {[&] {
    vmf.mm().mmap_lock.down_read();
    (void)kernel::vmf_insert_pfn_or_page(vmf, kernel::kPmemPfn, true);
    vmf.mm().mmap_lock.up_read();
  }});
  kernel::folio_put(&b.page(0));
}

// The 2022 series: truncation of an entry that no scan has seen.
void delete_unzapped(Bench& b, bool broken) {
  kernel::address_space& mapping = mapped_a(b);
  if (!broken) (void)kernel::dax_layout_busy_page_range(mapping, 0, UINT64_MAX);
  (void)b.unmap(0);
  (void)kernel::dax_delete_mapping_entry(mapping, 0);
}

// The kernel's own, before 6.15: a shared page's mapping is no mapping.
void lock_shared(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.page(0).mapping.init(kernel::PAGE_MAPPING_DAX_SHARED_6_2);
  const kernel::dax_entry_t cookie = kernel::dax_lock_folio(&b.page(0));
  if (cookie != 0) kernel::dax_unlock_folio(&b.page(0), cookie);
}

// The page becomes shared while its first file's entry is held.
void share_locked(Bench& b, bool broken) {
  mapped_a(b);
  const kernel::dax_entry_t cookie = kernel::dax_lock_folio(&b.page(0));
  if (broken) b.page(0).mapping.init(0);
  kernel::dax_unlock_folio(&b.page(0), cookie);
}

void evict_counted(Bench& b, bool broken) {
  kernel::address_space& mapping = mapped_a(b);
  (void)b.unmap(0);
  if (broken) mapping.nrpages++;
  (void)kernel::iput_final(b.file(0), false);
}

const Case kCases[] = {
    {"bug-evict-with-pages", "clear_inode", ProtocolId::upstream, {}, evict_counted},
    {"warn-truncate-unzapped-entry", "dax_disassociate_entry", ProtocolId::zap, {}, delete_unzapped},
    {"warn-pmd-of-small-folio", "vmf_insert_folio_pmd", ProtocolId::upstream, {}, map_split_folio, kWithPmd},
    {"warn-init-of-large-folio", "dax_associate_entry", ProtocolId::upstream, {}, init_large, kWithPmd},
    {"warn-share-of-other-order", "dax_associate_entry", ProtocolId::upstream, {}, share_part, kWithPmd},
    {"bug-pte-under-huge-pmd", "vmf_insert_page_mkwrite", ProtocolId::upstream, {}, pte_under_pmd, kWithPmd},
    {"warn-mapcount-underflow", "do_munmap", ProtocolId::upstream, {}, unmap_twice},
    {"warn-insert-over-other-pfn", "insert_pfn", ProtocolId::legacy, {}, upgrade_other_pfn},
    {"warn-grab-of-free-page", "__get_user_pages", ProtocolId::upstream, {}, grab_free_page},
    {"warn-pinned-page-shared", "unpin_user_page", ProtocolId::upstream, {}, share_pinned},
    {"warn-entry-not-a-value", "__dax_invalidate_entry", ProtocolId::upstream, {}, find_pointer},
    {"warn-associate-mapped-page",
     "dax_associate_entry",
     ProtocolId::upstream,
     {},
     associate_mapped},
    {"warn-free-without-ops",
     "free_zone_device_folio",
     ProtocolId::v1,
     {{trace::SwitchId::free_needs_ops, 1}},
     free_page},
    {"warn-associate-busy-page", "dax_associate_entry", ProtocolId::v1, {}, associate_busy},
    {"warn-truncate-busy-page", "dax_disassociate_entry", ProtocolId::legacy, {}, truncate_busy},
    {"warn-put-busy-page", "dax_disassociate_entry", ProtocolId::upstream71, {}, put_busy},
    {"warn-disassociate-foreign-page",
     "dax_disassociate_entry",
     ProtocolId::legacy,
     {},
     disassociate_foreign},
    {"warn-shared-without-count",
     "dax_associate_entry",
     ProtocolId::upstream,
     {},
     share_with_the_last},
    {"warn-insert-over-changed-entry",
     "dax_insert_entry",
     ProtocolId::upstream,
     {},
     replace_under_fault},
    {"warn-delete-found-no-entry",
     "truncate_inode_pages_range",
     ProtocolId::legacy,
     {},
     delete_what_went},
    {"warn-truncate-found-entry",
     "truncate_inode_pages_range",
     ProtocolId::upstream,
     {},
     truncate_unbroken},
    {"warn-writeback-of-hole", "dax_writeback_one", ProtocolId::upstream, {}, write_back_hole},
    {"bug-unlock-to-locked", "dax_unlock_entry", ProtocolId::upstream, {}, unlock_to_locked},
    {"bug-magic-mapping-dereferenced", "dax_lock_folio", ProtocolId::legacy, {}, lock_shared},
    {"bug-null-mapping-dereferenced", "dax_unlock_folio", ProtocolId::upstream, {}, share_locked},
    {"bug-unlock-of-unlocked", "dax_unlock_entry", ProtocolId::upstream, {}, unlock_unlocked},
};

}  // namespace

std::span<const Case> warn_cases() { return kCases; }

}  // namespace daxfuzz::oracle
