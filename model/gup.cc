// SPDX-License-Identifier: GPL-2.0-only
// GUP: see gup.h. The race that matters is between the reference that the fast
// walk takes and the PTE that a zap clears: each looks at the other's after its
// own, so one of them sees the other.
#include "model/gup.h"

#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

int refs_of(bool foll_pin, const folio* folio) {
  // try_grab_folio(): the zero page is never pinned, only referenced.
  return foll_pin && !is_zero_pfn(folio->pfn) ? GUP_PIN_COUNTING_BIAS : 1;
}

// Port of gup_put_folio(), mm/gup.c, Linux 6.12.
// Differs: order 0 only.
// Yields: in the put.
void gup_put_folio(folio* folio, bool foll_pin) {
  if (foll_pin && is_zero_pfn(folio->pfn)) return;
  folio_put_refs(folio, refs_of(foll_pin, folio));
}

// Port of try_grab_folio_fast(), mm/gup.c, Linux 6.12.
// Differs: order 0: a folio is never split under the walk.
// Yields: before each increment; a pin takes two, 1 and then the rest of the bias.
folio* try_grab_folio_fast(std::uint64_t pfn, bool foll_pin) {
  folio* folio = pfn_folio(pfn);
  if (foll_pin && is_zero_pfn(pfn)) return folio;
  if (!folio_ref_add_unless_zero(folio, 1)) return nullptr;
  if (foll_pin) folio_ref_add(folio, GUP_PIN_COUNTING_BIAS - 1);
  return folio;
}

// Port of gup_fast_pte_range(), mm/gup.c, Linux 6.12.
// Differs: one PTE; dev_pagemap references and FOLL_LONGTERM are absent. A special
// PTE that is not devmap's (the zero page's) goes the slow way.
// Yields: before each PTE read and at the grab.
folio* gup_fast_pte_range(vm_area_struct& vma, std::uint64_t address, bool write, bool foll_pin) {
  Function function("gup_fast_pte_range", vma.slot, static_cast<std::int64_t>(address));
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return nullptr;
  const pte_t pte = mm->ptes[address].read_once("gup_pte_read");
  if (pte_none(pte) || (write && !pte_write(pte))) return nullptr;
  if (pte_special(pte) && is_zero_pfn(pte_pfn(pte))) return nullptr;
  folio* folio = try_grab_folio_fast(pte_pfn(pte), foll_pin);
  if (folio == nullptr) return nullptr;
  if (mm->ptes[address].read_once("gup_pte_recheck") != pte) {
    gup_put_folio(folio, foll_pin);
    return nullptr;
  }
  function.ret(static_cast<std::int64_t>(folio->pfn));
  return folio;
}

// Port of follow_page_pte(), mm/gup.c, Linux 6.12.
// Differs: order 0; under the page table lock the PTE's reference (or the base
// count) keeps the page, so the grab cannot fail.
// Yields: on the page table lock, and before the increment.
folio* follow_page_pte(vm_area_struct& vma, std::uint64_t address, bool write, bool foll_pin) {
  mm_struct& mm = *vma.vm_mm.peek();
  mm.page_table_lock.lock();
  const pte_t pte = mm.ptes[address].peek();
  folio* folio = nullptr;
  if (!pte_none(pte) && (!write || pte_write(pte))) {
    folio = pfn_folio(pte_pfn(pte));
    const bool counted = !(foll_pin && is_zero_pfn(folio->pfn));
    if (counted && !folio_ref_add_unless_zero(folio, refs_of(foll_pin, folio))) {
      // try_grab_folio(): folio_ref_count <= 0
      WARN_ON_ONCE(true, "warn-grab-of-free-page", folio->pfn);
      folio = nullptr;
    }
  }
  mm.page_table_lock.unlock();
  return folio;
}

// Port of __get_user_pages(), mm/gup.c, Linux 6.12.
// Differs: one page; no signals, so it retries until it has the page or an error.
// Yields: on mmap_lock, in the walk and in the fault.
int get_user_pages_slow(vm_area_struct& vma, std::uint64_t address, bool write, bool foll_pin,
                        folio** page) {
  Function function("__get_user_pages", vma.slot, static_cast<std::int64_t>(address));
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return function.ret(-EFAULT);
  for (int tries = 0;; tries++) {
    mm->mmap_lock.down_read();
    if (!vma_covers(*mm, vma, address - vma.vm_start())) {
      mm->mmap_lock.up_read();
      return function.ret(-EFAULT);
    }
    *page = follow_page_pte(vma, address, write, foll_pin);
    const vm_fault_t ret = *page != nullptr ? 0 : handle_mm_fault(vma, address, write);
    mm->mmap_lock.up_read();
    if (*page != nullptr) return function.ret(0);
    if ((ret & VM_FAULT_OOM) != 0) return function.ret(-ENOMEM);
    if ((ret & VM_FAULT_ERROR) != 0) return function.ret(-EFAULT);
    if (tries > 0) sched::spin_point("gup_retry");
  }
}

}  // namespace

int gup(gup_pin& pin, int slot, vm_area_struct& vma, std::uint64_t page, bool write, bool foll_pin,
        bool fast) {
  if (pin.page() != nullptr || vma.vm_mm.peek() == nullptr) return -EINVAL;
  if (should_fail()) return -ENOMEM;  // pages array, or a fault injected into GUP
  const std::uint64_t address = vma.vm_start() + page;
  const FilePage where = file_page(vma, address);
  folio* folio = fast ? gup_fast_pte_range(vma, address, write, foll_pin) : nullptr;
  if (folio == nullptr) {
    const int err = get_user_pages_slow(vma, address, write, foll_pin, &folio);
    if (err != 0) return err;
  }
  if (pin.page() != nullptr) {  // another thread filled the slot meanwhile
    Function function("unpin_user_page", slot, static_cast<std::int64_t>(folio->pfn));
    gup_put_folio(folio, foll_pin);
    return -EINVAL;
  }
  pin.set({.page = folio, .foll_pin = foll_pin, .write = write});
  world().observer.pin_taken(slot, folio->pfn, where, foll_pin, write);
  return 0;
}

int gup_release(gup_pin& pin, int slot) {
  const gup_pin::Grant grant = pin.grant();
  if (grant.page == nullptr) return -EINVAL;
  Function function("unpin_user_page", slot, static_cast<std::int64_t>(grant.page->pfn));
  pin.set({});
  world().observer.pin_dropped(slot);
  gup_put_folio(grant.page, grant.foll_pin);
  return function.ret(0);
}

}  // namespace daxfuzz::kernel
