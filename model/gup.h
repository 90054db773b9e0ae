// SPDX-License-Identifier: GPL-2.0-only
// get_user_pages and pin_user_pages on fs-dax mappings, the lockless fast walk
// and the slow one, and their undo. Source: mm/gup.c, Linux 6.12 and 6.16.
#pragma once

#include <cstdint>

#include "model/mm.h"
#include "model/observer.h"

namespace daxfuzz::kernel {

// FOLL_GET, FOLL_PIN, FOLL_PIN | FOLL_LONGTERM.
enum class Foll : std::uint8_t { get, pin, longterm };

// What a user of GUP holds: a reference to the folio of a page, and what it was asked for
// with. Threads hand it to each other, so it is one word, published with release and
// acquire.
class gup_pin {
 public:
  struct Grant {
    folio* page = nullptr;  // the very page, not its head; null: the slot is free
    bool foll_pin = false;
    bool write = false;
  };
  [[nodiscard]] Grant grant() const {
    const std::uint64_t word = __atomic_load_n(&word_, __ATOMIC_ACQUIRE);
    if (sched::access_watcher != nullptr) sched::report_acquire(&word_);
    if (word == 0) return {};
    return {.page = pfn_page(word >> 2), .foll_pin = (word & 2) != 0, .write = (word & 1) != 0};
  }
  [[nodiscard]] folio* page() const { return grant().page; }
  void set(const Grant& to) {
    const std::uint64_t word =
        to.page == nullptr ? 0 : to.page->pfn << 2 | (to.foll_pin ? 2u : 0u) | (to.write ? 1u : 0u);
    if (sched::access_watcher != nullptr) sched::report_release(&word_);
    __atomic_store_n(&word_, word, __ATOMIC_RELEASE);
  }

 private:
  std::uint64_t word_ = 0;
};

// get_user_pages[_fast]() or pin_user_pages[_fast]() of one page.
// 0, -EINVAL (slot in use, no mapping), -EFAULT, -ENOMEM, -EOPNOTSUPP (long term).
int gup(gup_pin& pin, int slot, vm_area_struct& vma, std::uint64_t page, bool write, Foll foll,
        bool fast);
// put_page() or unpin_user_page(). -EINVAL if nothing is held.
int gup_release(gup_pin& pin, int slot);

}  // namespace daxfuzz::kernel
