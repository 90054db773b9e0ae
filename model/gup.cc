// SPDX-License-Identifier: GPL-2.0-only
// GUP: see gup.h. The race that matters is between the reference that the fast
// walk takes and the PTE or PMD that a zap clears: each looks at the other's after its
// own, so one of them sees the other.
#include "model/gup.h"

#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

int pin_bias() { return world().geometry.bias; }  // GUP_PIN_COUNTING_BIAS

// pte_devmap() / pmd_devmap(): a page of DAX where mappings hold no reference.
bool devmap(pte_t entry) { return pte_special(entry) && !is_zero_pfn(pte_pfn(entry)); }

// The page of an address that a leaf maps. One pfn stands for the whole huge zero folio.
folio* page_of_leaf(pmd_t leaf, std::uint64_t address) {
  if (is_huge_zero_pfn(pte_pfn(leaf))) return pfn_page(kHugeZeroPfn);
  return pfn_page(pte_pfn(leaf) + (address & (pmd_pages(world().geometry) - 1)));
}

// Port of gup_put_folio(), mm/gup.c, Linux 6.12.
// Differs: one page.
// Yields: before the pincount goes; in the put.
void gup_put_folio(folio* folio, bool foll_pin) {
  int refs = 1;
  if (foll_pin) {
    if (is_zero_pfn(folio->pfn)) return;
    if (folio_test_large(folio))
      (void)folio->_pincount.sub_return(1, "pincount_sub");
    else
      refs = pin_bias();
  }
  folio_put_refs(folio, refs);
}

// Port of try_get_folio(), mm/gup.c, Linux 6.12.
// Differs: one page.
// Yields: before each look for the head, and before the count changes.
folio* try_get_folio(folio* page) {
  for (;;) {
    folio* folio = page_folio(page);
    if (WARN_ON_ONCE(folio_ref_count(folio) < 0, "warn-grab-of-free-page", folio->pfn))
      return nullptr;
    if (!folio_ref_add_unless_zero(folio, 1)) return nullptr;
    if (page_folio(page) == folio) return folio;
    folio_put(folio);  // split meanwhile: it may have nothing to do with the page any more
  }
}

// Port of try_grab_folio_fast(), mm/gup.c, Linux 6.12.
// Differs: DAX pages are never long-term pinnable.
// Yields: in try_get_folio(), and before the second increment: a pin of a small folio takes
// two, 1 and then the rest of the bias.
folio* try_grab_folio_fast(folio* page, Foll foll) {
  if (foll == Foll::get) return try_get_folio(page);
  if (is_zero_pfn(page->pfn)) return page;
  folio* folio = try_get_folio(page);
  if (folio == nullptr) return nullptr;
  if (foll == Foll::longterm && pfn_is_pmem(folio->pfn)) {
    folio_put(folio);
    return nullptr;
  }
  if (folio_test_large(folio))
    (void)folio->_pincount.add_return(1, "pincount_add");
  else
    folio_ref_add(folio, pin_bias() - 1);
  return folio;
}

// Port of gup_must_unshare(), mm/internal.h, Linux 6.12: may FOLL_PIN for reading not have this
// page, which is mapped read-only, unless a fault has made it exclusive?
// Differs: callers have refused FOLL_WRITE of what is mapped read-only, and FOLL_LONGTERM in VMAs
// that have no anonymous page.
// Yields: nowhere: PageAnon() is taken to be stable, as there. It is not where the mark of a
// shared DAX page is PAGE_MAPPING_ANON.
bool gup_must_unshare(const folio* page, Foll foll) {
  if (foll == Foll::get) return false;
  return (page->mapping.peek() & PAGE_MAPPING_ANON) != 0 && !page->anon_exclusive.peek();
}

// Port of gup_fast_pmd_leaf(), mm/gup.c, Linux 6.12, and gup_fast_devmap_pmd_leaf().
// Differs: one page.
// Yields: in the grab, before the PMD is read again, and in the put.
folio* gup_fast_pmd_leaf(mm_struct& mm, pmd_t orig, std::uint64_t address, bool write, Foll foll) {
  if (write && !pte_write(orig)) return nullptr;
  if (devmap(orig) && foll == Foll::longterm) return nullptr;
  folio* page = page_of_leaf(orig, address);
  folio* folio = try_grab_folio_fast(page, foll);
  if (folio == nullptr) return nullptr;
  const bool unshare = !devmap(orig) && !pte_write(orig) && gup_must_unshare(folio, foll);
  if (mm.pmd(address).read_once("gup_pmd_recheck") == orig && !unshare) return page;
  gup_put_folio(folio, foll != Foll::get);
  return nullptr;
}

// Port of gup_fast_pte_range(), mm/gup.c, Linux 6.12.
// Differs: one PTE; the reference that DAX takes on its dev_pagemap meanwhile is absent. A
// special PTE that is not devmap's (the zero page's) goes the slow way.
// Yields: before each PTE and PMD read and in the grab.
folio* gup_fast_pte_range(mm_struct& mm, pmd_t pmd, std::uint64_t address, bool write, Foll foll) {
  const pte_t pte = mm.ptes[address].read_once("gup_pte_read");
  if (pte_none(pte) || (write && !pte_write(pte))) return nullptr;
  if (pte_special(pte) && !devmap(pte)) return nullptr;
  if (devmap(pte) && foll == Foll::longterm) return nullptr;
  folio* page = pfn_page(pte_pfn(pte));
  folio* folio = try_grab_folio_fast(page, foll);
  if (folio == nullptr) return nullptr;
  if (mm.pmd(address).read_once("gup_pmd_recheck") == pmd &&
      mm.ptes[address].read_once("gup_pte_recheck") == pte &&
      (pte_write(pte) || !gup_must_unshare(page, foll)))
    return page;
  gup_put_folio(folio, foll != Foll::get);
  return nullptr;
}

// Port of sanity_check_pinned_pages(), mm/gup.c, Linux 6.12: what is pinned for good is one process's.
// Differs: one page, and none of DAX, where the mark of a shared page may be PAGE_MAPPING_ANON.
// Yields: nowhere.
void sanity_check_pinned_page(const folio* page) {
  WARN_ON_ONCE(pfn_is_anon(page->pfn) && !page->anon_exclusive.peek(), "warn-pinned-page-shared", page->pfn);
}

// A page with its reference, and what was mapped there then: another mapping may come there while a fault waits.
struct Got {
  folio* page = nullptr;
  FilePage where{};
};

// Port of gup_fast_pmd_range(), mm/gup.c, Linux 6.12: gup_fast() of one page.
// Differs: the levels above always exist.
// Yields: before the PMD is read; in the walks.
Got gup_fast(vm_area_struct& vma, std::uint64_t address, bool write, Foll foll) {
  Function function("gup_fast_pte_range", vma.slot, static_cast<std::int64_t>(address));
  mm_struct* mm = vma.vm_mm.peek();
  CHECK(mm != nullptr);  // gup() has looked
  // A fork makes pages that it shares read-only first, or finds them pinned: not both.
  const std::uint32_t seq = mm->write_protect_seq.peek();
  if (foll != Foll::get && seq % 2 != 0) return {};
  world().irq_state().local_irq_save();  // until the reference is there for good or gone
  const pmd_t pmd = mm->pmd(address).read_once("gup_pmd_read");
  folio* page = pmd_none(pmd) ? nullptr : pmd_leaf(pmd) ? gup_fast_pmd_leaf(*mm, pmd, address, write, foll)
                                                        : gup_fast_pte_range(*mm, pmd, address, write, foll);
  world().irq_state().local_irq_restore();
  if (page == nullptr) return {};
  if (foll != Foll::get && mm->write_protect_seq.peek() != seq) {
    gup_put_folio(page_folio(page), true);
    return {};
  }
  (void)function.ret(static_cast<std::int64_t>(page->pfn));
  return {page, file_page(vma, address)};
}

// What the slow walk finds: a page with a reference, an error, or neither (then it faults);
// unshare: -EMLINK, there is a page that must be unshared first.
struct Followed {
  folio* page = nullptr;
  int error = 0;
  bool unshare = false;
};

// Port of try_grab_folio(), mm/gup.c, Linux 6.12.
// Differs: one page.
// Yields: before each look at a count, and before each change.
int try_grab_folio(folio* folio, bool foll_pin) {
  if (WARN_ON_ONCE(folio_ref_count(folio) <= 0, "warn-grab-of-free-page", folio->pfn))
    return -ENOMEM;
  if (!foll_pin) {
    folio_ref_inc(folio);
    return 0;
  }
  if (is_zero_pfn(folio->pfn)) return 0;
  const bool large = folio_test_large(folio);
  folio_ref_add(folio, large ? 1 : pin_bias());
  if (large) (void)folio->_pincount.add_return(1, "pincount_add");
  return 0;
}

Followed grabbed(folio* page, bool foll_pin) {
  const int error = try_grab_folio(page_folio(page), foll_pin);
  return error == 0 ? Followed{.page = page} : Followed{.error = error};
}

// Port of follow_page_pte(), mm/gup.c, Linux 6.12.
// Differs: the reference on the dev_pagemap is absent.
// Yields: on the page table lock, and in the grab.
Followed follow_page_pte(mm_struct& mm, std::uint64_t address, bool write, Foll foll) {
  mm.page_table_lock.lock();
  Followed found;
  const pte_t pte = pmd_leaf(mm.pmd(address).peek()) ? 0 : mm.ptes[address].peek();
  if (!pte_none(pte) && (!write || pte_write(pte))) {
    folio* page = pfn_page(pte_pfn(pte));
    found.unshare = !pte_write(pte) && gup_must_unshare(page, foll);
    if (!found.unshare) found = grabbed(page, foll != Foll::get);
  }
  mm.page_table_lock.unlock();
  return found;
}

// Port of follow_pmd_mask(), mm/gup.c, Linux 6.12, with follow_devmap_pmd() and
// follow_huge_pmd().
// Differs: one page.
// Yields: before the PMD is read; on the page table lock; in the grab.
Followed follow_pmd_mask(mm_struct& mm, std::uint64_t address, bool write, Foll foll) {
  const pmd_t pmd = mm.pmd(address).read_once("pmd_read");
  if (pmd_none(pmd)) return {};
  if (!pmd_leaf(pmd)) return follow_page_pte(mm, address, write, foll);
  mm.page_table_lock.lock();
  const pmd_t leaf = mm.pmd(address).peek();
  Followed found;
  const bool present = pmd_leaf(leaf);
  if (present && (!write || pte_write(leaf))) {
    folio* page = page_of_leaf(leaf, address);
    found.unshare = !devmap(leaf) && !pte_write(leaf) && gup_must_unshare(page, foll);
    if (!found.unshare) found = grabbed(page, foll != Foll::get);
  }
  mm.page_table_lock.unlock();
  if (!present && !pmd_none(leaf)) return follow_page_pte(mm, address, write, foll);
  return found;
}

// Port of __get_user_pages(), mm/gup.c, Linux 6.1 and 6.12.
// Differs: one page; no signals, so it retries until it has the page or an error.
// Yields: on mmap_lock, in the walk and in the fault.
int get_user_pages_slow(vm_area_struct& vma, std::uint64_t address, bool write, Foll foll,
                        Got& got) {
  Function function("__get_user_pages", vma.slot, static_cast<std::int64_t>(address));
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return function.ret(-EFAULT);
  for (int tries = 0;; tries++) {
    mm->mmap_lock.down_read();
    if (!vma_covers(*mm, vma, address)) {
      mm->mmap_lock.up_read();
      return function.ret(-EFAULT);
    }
    if (foll == Foll::longterm) {  // check_vma_flags(): vma_is_fsdax()
      mm->mmap_lock.up_read();
      return function.ret(-EOPNOTSUPP);
    }
    const Followed found = follow_pmd_mask(*mm, address, write, foll);
    const bool faults = found.page == nullptr && found.error == 0;
    const FaultKind kind = write           ? FaultKind::write
                           : found.unshare ? FaultKind::unshare
                                           : FaultKind::read;
    const vm_fault_t ret = faults ? handle_mm_fault(vma, address, kind) : 0;
    if (found.page != nullptr) got = {found.page, file_page(vma, address)};
    mm->mmap_lock.up_read();
    if (!faults) return function.ret(found.error);
    if ((ret & VM_FAULT_OOM) != 0) return function.ret(-ENOMEM);
    if ((ret & VM_FAULT_ERROR) != 0) return function.ret(-EFAULT);
    if (tries > 0) sched::spin_point("gup_retry");
  }
}

}  // namespace

int gup(gup_pin& pin, int slot, vm_area_struct& vma, std::uint64_t page_nr, bool write, Foll foll,
        bool fast) {
  if (pin.page() != nullptr || vma.vm_mm.peek() == nullptr) return -EINVAL;
  if (should_fail()) return -ENOMEM;  // pages array, or a fault injected into GUP
  const bool foll_pin = foll != Foll::get;
  const std::uint64_t address = vma.start() + page_nr;
  Got got;
  if (fast) got = gup_fast(vma, address, write, foll);
  if (got.page == nullptr) {
    const int err = get_user_pages_slow(vma, address, write, foll, got);
    if (err != 0) return err;
  }
  if (pin.page() != nullptr) {  // another thread filled the slot meanwhile
    Function function("unpin_user_page", slot, static_cast<std::int64_t>(got.page->pfn));
    gup_put_folio(page_folio(got.page), foll_pin);
    return -EINVAL;
  }
  pin.set({.page = got.page, .foll_pin = foll_pin, .write = write});
  world().observer.pin_taken(slot, got.page->pfn, got.where, foll_pin, write);
  return 0;
}

int gup_release(gup_pin& pin, int slot) {
  const gup_pin::Grant grant = pin.grant();
  if (grant.page == nullptr) return -EINVAL;
  Function function("unpin_user_page", slot, static_cast<std::int64_t>(grant.page->pfn));
  pin.set({});
  world().observer.pin_dropped(slot);
  if (grant.foll_pin) sanity_check_pinned_page(grant.page);
  gup_put_folio(page_folio(grant.page), grant.foll_pin);
  return function.ret(0);
}

}  // namespace daxfuzz::kernel
