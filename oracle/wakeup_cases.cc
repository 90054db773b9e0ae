// SPDX-License-Identifier: GPL-2.0-only
// Tasks that never return, for four reasons. See cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

using kernel::Function;
using kernel::testing::InOrder;
using kernel::testing::SwitchAt;
using trace::ProtocolId;

// Task 0 holds the entry while task 1 waits to delete it. The holder unlocks it with
// or without waking anybody.
void unlock_and_tell_nobody(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)b.unmap(0);
  kernel::address_space& mapping = b.file(0).i_mapping;
  const auto holder = [&mapping, broken] {
    kernel::xa_state xas(mapping.i_pages, 0);
    kernel::xas_lock_irq(xas);
    const kernel::entry_t entry = kernel::dax_lock_entry(xas, kernel::xas_load(xas));
    kernel::xas_unlock_irq(xas);
    sched::yield_point("holding");
    if (!broken) return kernel::dax_unlock_entry(xas, entry);
    kernel::xas_lock_irq(xas);
    (void)kernel::xas_store(xas, entry);
    kernel::xas_unlock_irq(xas);
  };
  SwitchAt choices("holding");
  (void)b.on_tasks(choices,
                   {holder, [&mapping] { (void)kernel::dax_delete_mapping_entry(mapping, 0); }});
  EXPECT_TRUE(choices.went_over());
}

// A reference that no pin accounts for: the page never becomes idle.
void wait_for_leaked(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  if (broken) kernel::folio_get(&b.page(0));
  InOrder choices;
  kernel::inode& file = b.file(0);
  (void)b.on_tasks(choices, {[&file] { (void)kernel::xfs_break_layouts_whole(file); }});
}

void lock_in_a_circle(Bench& b, bool broken) {
  const auto both = [](kernel::inode& first, kernel::inode& second) {
    Function function("xfs_lock_two_inodes");
    first.i_rwsem.down_write();
    sched::yield_point("one_locked");
    second.i_rwsem.down_write();
    second.i_rwsem.up_write();
    first.i_rwsem.up_write();
  };
  kernel::inode &a = b.file(0), &c = b.file(1);
  SwitchAt choices("one_locked");
  (void)b.on_tasks(choices, {[both, &a, &c] { both(a, c); },
                             [both, &a, &c, broken] { broken ? both(c, a) : both(a, c); }});
  EXPECT_TRUE(choices.went_over());
}

void retry_for_ever(Bench& b, bool broken) {
  InOrder choices;
  (void)b.on_tasks(choices, {[broken] {
                     Function function("dax_break_layout");
                     do sched::spin_point("retry");
                     while (broken);
                   }});
}

const Case kCases[] = {
    {"lost-wakeup", "__dax_invalidate_entry", ProtocolId::upstream, {}, unlock_and_tell_nobody},
    {"idle-never-reached", "dax_break_layout", ProtocolId::upstream, {}, wait_for_leaked},
    {"deadlock", "xfs_lock_two_inodes", ProtocolId::upstream, {}, lock_in_a_circle},
    {"livelock", "dax_break_layout", ProtocolId::upstream, {}, retry_for_ever},
};

}  // namespace

std::span<const Case> wakeup_cases() { return kCases; }

}  // namespace daxfuzz::oracle
