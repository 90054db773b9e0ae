// SPDX-License-Identifier: GPL-2.0-only
// A block goes bad: who loses it, who is told, what is answered; then what faults, read(2)
// and write(2) make of it, and what makes it good again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Machine;
using testing::Recorder;
using testing::SwitchAt;
using trace::ProtocolId;

constexpr bool kHolder = true, kGeneric = false;

struct Failure : Machine<Recorder> {
  explicit Failure(ProtocolId id = ProtocolId::upstream,
                   const trace::Geometry& geometry = testing::kNoPmd)
      : Machine(protocol_value(id), geometry) {}
  void tracked(int pages = 1) {
    map(0, 0);
    for (int page = 0; page < pages; page++)
      ASSERT_EQ(store(0, static_cast<std::uint64_t>(page), 1), 0);
  }
  // a+0 and b+0 are one block, both mapped.
  void shared() {
    tracked();
    ASSERT_EQ(xfs_remap_range(file(0), 0, file(1), 0, pos_of(1)), 0);
    map(1, 1, 1);
    ASSERT_EQ(load(0, 0), 1);
    ASSERT_EQ(load(1, 0), 1);
  }
  std::ptrdiff_t told(const std::string& fact) {
    return std::count(watch.facts.begin(), watch.facts.end(), fact);
  }
  bool bad(std::uint64_t block) { return world.pmem.bad(block_to_pfn(block)); }
};

class MemoryFailure : public ::testing::TestWithParam<ProtocolId> {};

TEST_P(MemoryFailure, TakesThePageFromWhoMapsItAndTells) {
  for (const bool way : {kHolder, kGeneric}) {
    Failure m(GetParam());
    m.tracked(2);
    EXPECT_EQ(memory_failure(0, way), 0);
    EXPECT_TRUE(pte_none(m.pte(0, 0)));
    EXPECT_FALSE(pte_none(m.pte(0, 1)));
    EXPECT_EQ(m.told("killed:0:a+0"), 1);
    EXPECT_EQ(m.told("killed:0:a+1"), 0);
    EXPECT_FALSE(dax_is_locked(m.entry(0, 0)));
    EXPECT_EQ(m.load(0, 0), -EFAULT);
    EXPECT_EQ(m.load(0, 1), 1);
  }
}

TEST_P(MemoryFailure, TheHolderKnowsAllFilesOfABlock) {
  Failure m(GetParam());
  m.shared();
  EXPECT_EQ(memory_failure(0, kHolder), 0);
  EXPECT_TRUE(pte_none(m.pte(0, 0)));
  EXPECT_TRUE(pte_none(m.pte(1, 0)));
  EXPECT_EQ(m.told("killed:0:a+0"), 1);
  EXPECT_EQ(m.told("killed:0:b+0"), 1);
}

TEST_P(MemoryFailure, AMappedPmdGoesAsAWhole) {
  for (const bool way : {kHolder, kGeneric}) {
    Failure m(GetParam(), {});
    m.tracked();
    ASSERT_TRUE(pmd_leaf(m.world.mms[0].pmds[0].peek()));
    EXPECT_EQ(memory_failure(2, way), 0);
    EXPECT_FALSE(pmd_leaf(m.world.mms[0].pmds[0].peek()));
    EXPECT_EQ(m.watch.facts.size(), 1u);
    EXPECT_EQ(m.load(0, 2), -EFAULT);
    EXPECT_EQ(m.load(0, 1), 1 - 1);  // by a PTE now; it was never stored to
  }
}

TEST_P(MemoryFailure, AFreeBlockIsNobodysAndAnUntrackedOneCannotBeLocked) {
  Failure m(GetParam());
  EXPECT_EQ(memory_failure(0, kHolder), 0);
  EXPECT_EQ(memory_failure(0, kGeneric), -EBUSY);
  EXPECT_TRUE(m.bad(0));
}

TEST_P(MemoryFailure, ReadFailsAndWholePagesRecover) {
  Failure m(GetParam());
  m.tracked(2);
  ASSERT_EQ(memory_failure(1, kHolder), 0);
  EXPECT_EQ(xfs_file_read(m.file(0), 0, PAGE_SIZE), 1);
  EXPECT_EQ(xfs_file_read(m.file(0), 0, pos_of(2)), -EIO);  // all of it is asked for at once
  EXPECT_EQ(xfs_file_write(m.file(0), pos_of(1), 1, 9), -EFAULT);
  EXPECT_TRUE(m.bad(1));
  EXPECT_EQ(xfs_file_write(m.file(0), 0, pos_of(2), 9), 0);
  EXPECT_FALSE(m.bad(1));
  EXPECT_EQ(m.load(0, 0), 9);
  EXPECT_EQ(m.load(0, 1), 9);
}

// Two pages and the half of a bad one: the good ones are written.
TEST_P(MemoryFailure, AWriteThatEndsWithinABadPageIsShort) {
  Failure m(GetParam());
  m.tracked(3);
  ASSERT_EQ(memory_failure(2, kHolder), 0);
  EXPECT_EQ(xfs_file_write(m.file(0), 0, pos_of(2) + 1, 9), -ENOSPC);  // short
  EXPECT_EQ(m.load(0, 0), 9);
  EXPECT_EQ(m.load(0, 1), 9);
  EXPECT_TRUE(m.bad(2));
}

TEST_P(MemoryFailure, ZeroingAPageRecoversItAndAPartDoesNot) {
  Failure m(GetParam());
  m.tracked();
  ASSERT_EQ(memory_failure(0, kHolder), 0);
  EXPECT_EQ(dax_zero_range(m.file(0), 0, 1, nullptr), -EIO);
  EXPECT_EQ(dax_truncate_page(m.file(0), 1, nullptr), -EIO);
  EXPECT_TRUE(m.bad(0));
  EXPECT_EQ(dax_zero_range(m.file(0), 0, PAGE_SIZE, nullptr), 0);
  EXPECT_FALSE(m.bad(0));
  EXPECT_EQ(m.load(0, 0), 0);
}

TEST_P(MemoryFailure, AnAllocationZeroesAndSoRecovers) {
  Failure m(GetParam());
  ASSERT_EQ(memory_failure(0, kHolder), 0);
  m.tracked();
  EXPECT_FALSE(m.bad(0));
}

TEST_P(MemoryFailure, ABadSourceCannotBeCopied) {
  Failure m(GetParam());
  m.shared();
  ASSERT_EQ(memory_failure(0, kHolder), 0);
  EXPECT_EQ(m.store(0, 0, 7), -EFAULT);
  EXPECT_EQ(xfs_file_write(m.file(0), 0, 1, 7), -EIO);
  EXPECT_EQ(m.file(1).data_fork[0].block, 0u);
}

TEST_P(MemoryFailure, NorInAPrivateMapping) {
  Failure m(GetParam());
  m.tracked();
  ASSERT_EQ(do_mmap(m.world.mms[0], m.world.vmas[1], m.file(0), 0, 1, 0, 0), 0);
  ASSERT_EQ(memory_failure(0, kHolder), 0);
  EXPECT_EQ(m.store(1, 0, 7), -EFAULT);
}

// The destination of a copy is no file's data until that is made.
TEST_P(MemoryFailure, ABlockBeingCopiedToIsNotTheHoldersToHandle) {
  Failure m(GetParam());
  m.shared();
  int ret = 0;
  SwitchAt choices("copy_around");
  EXPECT_EQ(testing::on_tasks(choices, {[&] { (void)m.store(0, 0, 7); },
                                        [&] { ret = memory_failure(1, kHolder); }}),
            sched::Outcome::finished);
  EXPECT_TRUE(choices.went_over());
  EXPECT_EQ(ret, -EFSCORRUPTED);
}

// A fault that has asked the device before the block went bad still inserts it; the entry's
// lock keeps the failure from looking before that is done.
TEST_P(MemoryFailure, WaitsForAFaultThatWillMapThePage) {
  for (const bool way : {kHolder, kGeneric}) {
    Failure m(GetParam());
    m.tracked();
    ASSERT_EQ(m.unmap(0), 0);
    m.map(0, 0);
    ASSERT_EQ(m.load(0, 0), 1);
    int ret = -1;
    SwitchAt choices("xa_lock", "dax_insert_entry");
    EXPECT_EQ(testing::on_tasks(choices, {[&] { (void)m.store(0, 0, 7); },
                                          [&] { ret = memory_failure(0, way); }}),
              sched::Outcome::finished);
    EXPECT_TRUE(choices.went_over());
    EXPECT_EQ(ret, 0);
    EXPECT_TRUE(pte_none(m.pte(0, 0)));
    EXPECT_GE(m.told("killed:0:a+0"), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Generations, MemoryFailure,
                         ::testing::Values(ProtocolId::legacy, ProtocolId::zap,
                                           ProtocolId::entry_ref, ProtocolId::upstream));

TEST(MemoryFailureOfAShared, PageIsBusyWithoutAHolderSince615) {
  Failure m;
  m.shared();
  EXPECT_EQ(memory_failure(0, kGeneric), -EBUSY);
  EXPECT_FALSE(pte_none(m.pte(0, 0)));
}

TEST(MemoryFailureOfAShared, PageIsABugWithoutAHolderBefore) {
  Failure m(ProtocolId::legacy);
  m.shared();
  EXPECT_EQ(memory_failure(0, kGeneric), -EBUSY);
  EXPECT_EQ(m.told("bug-magic-mapping-dereferenced"), 1);
}

// Task 1 up to a label in a function, then task 0 up to a label, then 1, then 0.
class ThereAndBack final : public sched::ChoiceSource {
 public:
  ThereAndBack(sched::Label first, sched::Label function, sched::Label second)
      : first_(first), function_(function), second_(second) {}
  sched::TaskId next(const sched::Choice& choice) override {
    const sched::HarnessScope scope;
    if (leg == 0 && choice.current == 1 && choice.at == first_ && world().function_of(1) == function_)
      leg = 1;
    if (leg == 1 && choice.current == 0 && choice.at == second_) leg = 2;
    const sched::TaskId wanted = leg == 1 ? 0 : 1;
    return (choice.runnable >> wanted & 1u) != 0 ? wanted : sched::nth_task(choice.runnable, 0);
  }
  int leg = 0;

 private:
  sched::Label first_, function_, second_;
};

// The kernel's own: a fault of a second file, which asked the device before the block went
// bad, makes the page a shared one while the first file's entry is held. The unlock asks the
// page where that is.
TEST(MemoryFailureOfAShared, PageLosesItsMappingUnderTheLock) {
  const testing::KernelRaces races;  // the index becomes a share count under its reader
  Failure m;
  m.tracked();
  ASSERT_EQ(xfs_remap_range(m.file(0), 0, m.file(1), 0, pos_of(1)), 0);
  m.map(1, 1, 1);
  ASSERT_EQ(m.load(0, 0), 1);
  ThereAndBack choices("xa_lock", "dax_insert_entry", "kill_proc");
  (void)testing::on_tasks(choices, {[&] { (void)memory_failure(0, kGeneric); },
                                    [&] { (void)m.load(1, 0); }});
  EXPECT_EQ(choices.leg, 2);
  EXPECT_EQ(m.told("bug-null-mapping-dereferenced"), 1);
  EXPECT_TRUE(dax_is_locked(m.entry(0, 0)));  // for ever
}

// The kernel's own, since a PMD's pages are a folio: whichever of them is bad, the first one
// is unmapped, if PTEs map them.
TEST(MemoryFailureOfALargeFolio, TakesTheFirstPageOfPtesForAnyOther) {
  Failure m(ProtocolId::upstream, {});
  m.tracked();
  ASSERT_EQ(m.unmap(0), 0);
  // Addresses of another colour: the entry is a PMD's, what maps it are PTEs.
  ASSERT_EQ(do_mmap(m.world.mms[0], m.world.vmas[0], m.file(0), 0, 4, VM_SHARED, 1), 0);
  for (std::uint64_t page = 0; page < 4; page++) ASSERT_EQ(m.load(0, page), page == 0 ? 1 : 0);
  ASSERT_TRUE(dax_is_pmd_entry(m.entry(0, 0)));
  EXPECT_EQ(memory_failure(2, kGeneric), 0);
  EXPECT_TRUE(pte_none(m.pte(0, 0)));
  EXPECT_FALSE(pte_none(m.pte(0, 2)));
  EXPECT_EQ(m.told("killed:0:a+0"), 1);
  EXPECT_EQ(m.told("killed:0:a+2"), 0);
}

// The kernel's own: what a PMD fault could not copy counts as written.
TEST(MemoryFailureOfAShared, PmdLosesItsContentsToAFaultThatCannotCopy) {
  Failure m(ProtocolId::upstream, {});
  m.tracked();
  ASSERT_EQ(xfs_remap_range(m.file(0), 0, m.file(1), 0, pos_of(4)), 0);
  ASSERT_EQ(memory_failure(1, kHolder), 0);
  EXPECT_EQ(m.store(0, 2, 7), -EFAULT);
  EXPECT_NE(m.file(0).data_fork[0].block, 0u);
  EXPECT_EQ(m.world.pmem.load(block_to_pfn(m.file(0).data_fork[0].block)), 0);  // it was 1
}

// The kernel's own: the failure holds the AGF and waits for the entry, the fault holds the
// entry and needs the AGF.
TEST(MemoryFailureByTheHolder, LocksInAnotherOrderThanFaults) {
  Failure m;
  m.shared();
  SwitchAt choices("ag_lock");
  EXPECT_EQ(testing::on_tasks(choices, {[&] { (void)m.store(0, 0, 7); },
                                        [&] { (void)memory_failure(0, kHolder); }}),
            sched::Outcome::stuck);
  EXPECT_TRUE(choices.went_over());
}

}  // namespace
}  // namespace daxfuzz::kernel
