// SPDX-License-Identifier: GPL-2.0-only
// What a later check can tell apart has another fingerprint, and what none can has the
// same: two orders of the same events, each told to a judge of its own.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "model/dax.h"
#include "model/testing.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

using Event = std::function<void(Judge&)>;
constexpr kernel::FileByte kByte{0, 0}, kOther{1, 3};
constexpr kernel::FilePage kPage{0, 0};
constexpr std::uint64_t kPfn = kernel::kPmemPfn;

Event begins(kernel::FileByte where, std::uint8_t value) {
  return [=](Judge& judge) { judge.write_begin(where, value); };
}
Event ends(kernel::FileByte where, std::uint8_t value) {
  return [=](Judge& judge) { judge.write_end(where, value); };
}
const Event kRead = [](Judge& judge) { (void)judge.read_begin(); };
const Event kFlush = [](Judge& judge) { judge.flushed(kPfn); };
const Event kStore = [](Judge& judge) { judge.wrote(kPage, kPfn, 7); };
const Event kFsync = [](Judge& judge) { judge.fsync_begin(0, 0, 0); };
const Event kFsynced = [](Judge& judge) { judge.fsync_end(0); };
const Event kAssociate = [](Judge& judge) { judge.association_changed(kPfn); };
const Event kTrack = [](Judge& judge) {
  judge.entry_stored(kPage, 0, kernel::dax_make_entry(kPfn, 0), 1);
};
const Event kPin = [](Judge& judge) { judge.pin_taken(0, kPfn, kPage, true, false); };
const Event kMap = [](Judge& judge) { judge.pte_set({0, 0, kPage}, kPfn, false, 1); };

sched::Fingerprint::Value after(const std::vector<Event>& events) {
  Judge judge(0, -1);  // no checker: what is told need not be right
  kernel::World world(kernel::protocol_value(trace::ProtocolId::upstream), kernel::testing::kNoPmd, judge);
  kernel::WorldScope scope(world);
  judge.attach(world);
  judge.block_allocated(0);
  judge.block_mapped(0, kPage);
  world.inodes[0].i_size.init(kernel::PAGE_SIZE);
  for (const Event& event : events) event(judge);
  sched::Fingerprint out;
  judge.fingerprint(out);
  return out.value();
}

TEST(Fingerprint, OfWhatNoCheckComparesTheOrderIsNotState) {
  EXPECT_EQ(after({begins(kByte, 5), ends(kByte, 5), begins(kOther, 6), ends(kOther, 6)}),
            after({begins(kOther, 6), begins(kByte, 5), ends(kOther, 6), ends(kByte, 5)}));
  EXPECT_EQ(after({begins(kByte, 5), ends(kByte, 5), kFlush, kAssociate}),
            after({kAssociate, kFlush, begins(kByte, 5), ends(kByte, 5)}));
}

TEST(Fingerprint, WritesThatOverlapAreNotWritesInARow) {
  EXPECT_NE(after({begins(kByte, 5), ends(kByte, 5), begins(kByte, 6), ends(kByte, 6)}),
            after({begins(kByte, 5), begins(kByte, 6), ends(kByte, 5), ends(kByte, 6)}));
  EXPECT_NE(after({begins(kByte, 5)}), after({begins(kByte, 5), ends(kByte, 5)}));
}

TEST(Fingerprint, AReadThatGoesOnKnowsWhatWasThere) {
  EXPECT_NE(after({kRead, begins(kByte, 5), ends(kByte, 5)}), after({begins(kByte, 5), ends(kByte, 5), kRead}));
  EXPECT_NE(after({kRead}), after({}));
}

TEST(Fingerprint, AnFsyncPromisesWhatWasThereWhenItBegan) {
  EXPECT_NE(after({kFsync, begins(kByte, 5), ends(kByte, 5), kFsynced}),
            after({begins(kByte, 5), ends(kByte, 5), kFsync, kFsynced}));
  EXPECT_NE(after({kFsync, kStore, kFlush}), after({kStore, kFsync, kFlush}));
}

TEST(Fingerprint, AStoreIsDirtyUntilItIsFlushed) {
  EXPECT_NE(after({kStore, kFlush}), after({kFlush, kStore}));
}

TEST(Fingerprint, WhoActedLastIsState) {
  EXPECT_NE(after({kTrack, kAssociate}), after({kAssociate, kTrack}));
}

TEST(Fingerprint, WhatIsMappedPinnedAndTrackedIsState) {
  const auto none = after({});
  for (const Event& event : {kPin, kMap, kTrack}) EXPECT_NE(after({event}), none);
}

}  // namespace
}  // namespace daxfuzz::oracle
