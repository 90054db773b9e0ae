// SPDX-License-Identifier: GPL-2.0-only
// Somebody stores to a locked entry who has not locked it, or forgets one. See cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

// Task 0 holds the entry; task 1 deletes it, with or without waiting for the lock.
void delete_locked(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  kernel::xarray& pages = b.file(0).i_mapping.i_pages;
  const auto holder = [&pages] {
    kernel::xa_state xas(pages, 0);
    kernel::xas_lock_irq(xas);
    const kernel::entry_t entry = kernel::dax_lock_entry(xas, kernel::get_unlocked_entry(xas, 0));
    kernel::xas_unlock_irq(xas);
    sched::yield_point("holding");
    kernel::dax_unlock_entry(xas, entry);
  };
  const auto deleter = [&pages, broken] {
    kernel::Function function("__dax_invalidate_entry");
    kernel::xa_state xas(pages, 0);
    kernel::xas_lock_irq(xas);
    if (!broken) (void)kernel::get_unlocked_entry(xas, 0);
    (void)kernel::xas_store(xas, 0);
    kernel::xas_unlock_irq(xas);
  };
  kernel::testing::SwitchAt choices("holding");
  (void)b.on_tasks(choices, {holder, deleter});
  EXPECT_TRUE(choices.went_over());
}

// An error path that returns with the entry locked.
void leak_lock(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  kernel::testing::InOrder choices;
  const auto op = [&] {
    kernel::Function function("dax_iomap_fault");
    kernel::xa_state xas(b.file(0).i_mapping.i_pages, 0);
    kernel::xas_lock_irq(xas);
    const kernel::entry_t entry = kernel::dax_lock_entry(xas, kernel::get_unlocked_entry(xas, 0));
    kernel::xas_unlock_irq(xas);
    if (!broken) kernel::dax_unlock_entry(xas, entry);
  };
  (void)b.on_tasks(choices, {op});
  b.judge().op_ended(0);
}

// A page that says that a file tracks it, which it does or not.
void lock_folio(Bench& b, bool broken) {
  b.map(0, 0);
  if (!broken) (void)b.store(0, 0, 1);
  b.page(0).mapping.init(kernel::mapping_word(&b.file(0).i_mapping));
  const kernel::dax_entry_t cookie = kernel::dax_lock_folio(&b.page(0));
  if (cookie != 0) kernel::dax_unlock_folio(&b.page(0), cookie);
}

const Case kCases[] = {
    {"entry-lock-leaked", "dax_iomap_fault", trace::ProtocolId::upstream, {}, leak_lock},
    {"entry-lock-stolen", "__dax_invalidate_entry", trace::ProtocolId::upstream, {}, delete_locked},
    {"entry-lock-of-nothing", "dax_lock_folio", trace::ProtocolId::upstream, {}, lock_folio},
};

}  // namespace

std::span<const Case> entry_lock_cases() { return kCases; }

}  // namespace daxfuzz::oracle
