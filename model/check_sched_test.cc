// SPDX-License-Identifier: GPL-2.0-only
// Every XA_CHECK_SCHED entries a walk gives up xa_lock: another task gets in, sees what the
// walk has done so far, and what it does is seen by the rest of the walk.
#include <gtest/gtest.h>

#include <atomic>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::SwitchAt;
using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

constexpr std::uint64_t kPages = 4;

// Four entries of a page, each dirty.
class CheckSched : public ::testing::TestWithParam<ProtocolId> {
 protected:
  explicit CheckSched(std::uint16_t check_sched = trace::kCheckSchedSmall)
      : machine(protocol_value(GetParam()), {.pmd_order = 3, .check_sched = check_sched}) {}

  Machine machine;
  inode& a = machine.file(0);

  void SetUp() override {
    machine.map(0, 0, kPages);
    for (std::uint64_t page = 0; page < kPages; page++) ASSERT_EQ(machine.store(0, page, 1), 0);
  }

  // A letter a page: both marks, DIRTY, TOWRITE, none.
  std::string marks() {
    std::string text;
    for (std::uint64_t page = 0; page < kPages; page++) {
      xa_state xas(a.i_mapping.i_pages, page);
      xas_lock_irq(xas);
      (void)xas_load(xas);
      const bool dirty = xas_get_mark(xas, PAGECACHE_TAG_DIRTY);
      const bool towrite = xas_get_mark(xas, PAGECACHE_TAG_TOWRITE);
      xas_unlock_irq(xas);
      const sched::HarnessScope scope;
      text += dirty ? (towrite ? 'B' : 'D') : (towrite ? 'T' : '-');
    }
    return text;
  }

  // What task 1 sees where `walk` pauses for the nth time; "" if it does not.
  std::string at_pause(int nth, std::function<void()> walk, std::function<void()> then = [] {}) {
    std::string seen;
    std::atomic<bool> ended = false;  // the tasks take no lock in common
    bool within = false;
    SwitchAt at("cond_resched", {}, nth);
    const sched::Outcome outcome = testing::on_tasks(at, {[&] {
                                                            walk();
                                                            ended = true;
                                                          },
                                                          [&] {
                                                            within = !ended;
                                                            seen = marks();
                                                            then();
                                                          }});
    EXPECT_EQ(outcome, sched::Outcome::finished);
    return at.went_over() && within ? seen : "";
  }
  void fsync() { EXPECT_EQ(xfs_file_fsync(a, 0, UINT64_MAX), 0); }
};

TEST_P(CheckSched, TaggingForWriteback) {
  EXPECT_EQ(at_pause(1, [&] { fsync(); }), "BBDD");
  EXPECT_EQ(marks(), "----");
}

// The tags were set in two pauses; what is dirtied in the third is not of this writeback.
TEST_P(CheckSched, Writeback) {
  EXPECT_EQ(at_pause(3, [&] { fsync(); }, [&] { (void)machine.store(0, 0, 2); }), "--BB");
  EXPECT_EQ(marks(), "D---");
}

TEST_P(CheckSched, ClearingOfMarks) {
  EXPECT_EQ(at_pause(1, [&] { dax_clear_dirty_range(a.i_mapping, 0, kPages); }), "--DD");
  EXPECT_EQ(marks(), "----");
}

// A page that becomes busy in the pause: behind the cursor it is missed, before it it is found.
TEST_P(CheckSched, ScanForBusyPages) {
  for (const std::uint64_t page : {0, 3}) {
    folio& busy = machine.page(machine.world.inodes[0].data_fork[page].block);
    const folio* found = nullptr;
    const std::string seen = at_pause(
        1, [&] { found = dax_layout_busy_page_range(a.i_mapping, 0, UINT64_MAX); },
        [&] { folio_ref_add(&busy, 1); });
    EXPECT_EQ(seen, "DDDD");
    EXPECT_EQ(found, page == 3 ? &busy : nullptr);
    folio_ref_add(&busy, -1);
  }
}

class TheKernelsOwn : public CheckSched {
 protected:
  TheKernelsOwn() : CheckSched(trace::kCheckSchedReal) {}
};
TEST_P(TheKernelsOwn, IsMoreThanAFileHas) { EXPECT_EQ(at_pause(1, [&] { fsync(); }), ""); }

const auto kProtocols = ::testing::Values(ProtocolId::legacy, ProtocolId::upstream);
std::string name_of(const ::testing::TestParamInfo<ProtocolId>& each) {
  return std::string(trace::name(each.param));
}
INSTANTIATE_TEST_SUITE_P(Protocols, CheckSched, kProtocols, name_of);
INSTANTIATE_TEST_SUITE_P(Protocols, TheKernelsOwn, kProtocols, name_of);

}  // namespace
}  // namespace daxfuzz::kernel
