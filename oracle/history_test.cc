// SPDX-License-Identifier: GPL-2.0-only
// What a byte may be read as, around writes that begin, end, overlap and are given
// up.
#include "oracle/history.h"

#include <gtest/gtest.h>

namespace daxfuzz::oracle {
namespace {

constexpr kernel::FileByte kByte{0, 0}, kOther{1, 3};

// All values that the page may have, as text: "0 5".
std::string values(const History& history, kernel::FileByte where = kByte) {
  std::string text;
  for (int value = 0; value < 256; value++)
    if (history.possible(where, static_cast<std::uint8_t>(value)))
      text += (text.empty() ? "" : " ") + std::to_string(value);
  return text;
}

TEST(History, IsZeroBeforeAllWrites) {
  const History history;
  EXPECT_EQ(values(history), "0");
  EXPECT_EQ(history.describe(kByte), "0x00");
}

TEST(History, AWriteIsPossibleFromItsBeginAndCertainFromItsEnd) {
  History history;
  history.begin(kByte, 5);
  EXPECT_EQ(values(history), "0 5");
  EXPECT_EQ(history.describe(kByte), "0x00 or 0x05");
  history.end(kByte, 5);
  EXPECT_EQ(values(history), "5");
  EXPECT_EQ(values(history, kOther), "0");
}

TEST(History, AStoreIsCertainAtOnce) {
  History history;
  history.instant(kByte, 7);
  history.instant(kByte, 8);
  EXPECT_EQ(values(history), "8");
}

// A store in the middle of a write: either may be what is there in the end.
TEST(History, AStoreDuringAWriteDoesNotEndIt) {
  History history;
  history.begin(kByte, 5);
  history.instant(kByte, 7);
  EXPECT_EQ(values(history), "5 7");
  history.end(kByte, 5);
  EXPECT_EQ(values(history), "5 7");
  history.instant(kByte, 9);
  EXPECT_EQ(values(history), "9");
}

TEST(History, WritesThatOverlapLeaveBothPossible) {
  History history;
  history.begin(kByte, 1);
  history.begin(kByte, 2);
  EXPECT_EQ(values(history), "0 1 2");
  history.end(kByte, 1);
  EXPECT_EQ(values(history), "1 2");
  history.end(kByte, 2);
  EXPECT_EQ(values(history), "1 2");
}

// A write that began after another had ended leaves nothing of it.
TEST(History, ALaterWriteReplacesAnEarlierOne) {
  History history;
  history.begin(kByte, 1);
  history.end(kByte, 1);
  history.begin(kByte, 2);
  EXPECT_EQ(values(history), "1 2");
  history.end(kByte, 2);
  EXPECT_EQ(values(history), "2");
}

// A write that failed may have changed the page, or may still: no write begins after
// its end, because it has none.
TEST(History, AWriteThatNeverEndsStaysPossible) {
  History history;
  history.begin(kByte, 5);
  history.instant(kByte, 7);
  history.begin(kByte, 8);
  history.end(kByte, 8);
  EXPECT_EQ(values(history), "5 8");
}

TEST(History, TwoWritesOfOneValueEndOneByOne) {
  History history;
  history.begin(kByte, 5);
  history.begin(kByte, 5);
  history.end(kByte, 5);
  EXPECT_EQ(values(history), "5");
  history.instant(kByte, 6);
  EXPECT_EQ(values(history), "5 6");  // the second may come after the store
  history.end(kByte, 5);
  history.instant(kByte, 7);
  EXPECT_EQ(values(history), "7");
}

// A read(2) looks up a hole, a store fills it, the read copies zeroes: it began first.
TEST(History, AReadMayReturnWhatThePageHadWhenItBegan) {
  History history;
  const std::uint64_t since = history.now();
  history.instant(kByte, 0x11);
  EXPECT_TRUE(history.possible(kByte, 0x00, since));
  EXPECT_TRUE(history.possible(kByte, 0x11, since));
  EXPECT_FALSE(history.possible(kByte, 0x00));
  EXPECT_FALSE(history.possible(kByte, 0x00, history.now()));
}

TEST(History, ACloneHasWhatItsSourceHadThen) {
  History history;
  history.instant(kOther, 3);
  history.instant(kByte, 4);
  history.begin(kByte, 5);
  history.clone(kByte, kOther);
  EXPECT_EQ(values(history, kOther), "4 5");
  history.instant(kOther, 6);
  EXPECT_EQ(values(history), "4 5");
  history.end(kByte, 5);
  EXPECT_EQ(values(history), "5");
}

TEST(History, ACloneOfAnUnwrittenPageIsZero) {
  History history;
  history.instant(kOther, 3);
  history.clone(kByte, kOther);
  EXPECT_EQ(values(history, kOther), "0");
}

// A promise begins at an instant: what was replaced for good by then must not come back,
// what was replaced later may.
TEST(History, APromiseKeepsWhatTheByteHadWhenItBeganOrLater) {
  History history;
  history.instant(kByte, 1);
  EXPECT_TRUE(history.survives(kByte, 0));
  history.promise(kByte, history.now());
  EXPECT_FALSE(history.survives(kByte, 0));
  EXPECT_TRUE(history.survives(kByte, 1));
  history.begin(kByte, 2);
  history.instant(kByte, 3);
  EXPECT_TRUE(history.survives(kByte, 1));
  EXPECT_TRUE(history.survives(kByte, 2));
  EXPECT_EQ(history.describe_survivors(kByte), "0x01 or 0x02 or 0x03");
  history.promise(kByte, 0);  // an older one takes nothing back
  EXPECT_FALSE(history.survives(kByte, 0));
}

TEST(History, ACloneRightAfterAPromiseBeganMayBeUndone) {
  History history;
  history.instant(kByte, 1);
  history.instant(kOther, 2);
  const std::uint64_t since = history.now();
  history.clone(kByte, kOther);
  history.promise(kOther, since);
  EXPECT_TRUE(history.survives(kOther, 2));
  EXPECT_TRUE(history.survives(kOther, 1));
}

}  // namespace
}  // namespace daxfuzz::oracle
