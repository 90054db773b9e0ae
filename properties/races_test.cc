// SPDX-License-Identifier: GPL-2.0-only
// What reports are held to: made by hand, so in every build.
#include "properties/races.h"

#include <gtest/gtest.h>

namespace daxfuzz::properties {
namespace {

sched::TsanRace race(std::vector<std::string> loads, std::vector<std::string> writes) {
  return {.sides = {{.write = false, .functions = std::move(loads)}, {.write = true, .functions = std::move(writes)}}};
}

const sched::TsanRace kOfTheKernel = race({"load", "dax_unlock_folio"}, {"store", "dax_associate_entry"});
const sched::TsanRace kPlanted = race({"load", "xfs_bmapi_read"}, {"store", "xfs_bmap_map"});

TEST(Races, OfTheKernelAreKnown) {
  const Reported reported = judged({kOfTheKernel, race({"dax_associate_entry"}, {"dax_unlock_folio"})}, 2);
  EXPECT_EQ(reported.wrong, "");
  EXPECT_EQ(reported.known, 2u);
  EXPECT_FALSE(reported.planted);
}

// Which pairs of them a run comes to is a matter of luck, and of a freed inode TSan cannot see the lock.
TEST(Races, OfAnAssociationAndOfAFreedInodeAreKnownToo) {
  const Reported reported = judged({race({"load", "folio_test_anon"}, {"store", "dax_associate_entry"}),
                                    race({"load", "clear_inode", "iput_final"}, {"store", "grab_mapping_entry"})},
                                   2);
  EXPECT_EQ(reported.wrong, "");
  EXPECT_EQ(reported.known, 2u);
  // What a patch names is its own first.
  EXPECT_TRUE(judged({race({"load", "f"}, {"store", "dax_associate_entry"})}, 1, {"f"}).planted);
}

TEST(Races, OfAPatchAreThoseThatItNames) {
  EXPECT_TRUE(judged({kPlanted}, 1, {"xfs_bmapi_read"}).planted);
  EXPECT_EQ(judged({kPlanted, kOfTheKernel}, 2, {"xfs_bmapi_read"}).wrong, "");
}

TEST(Races, OthersAreWrongWhateverWasPlanted) {
  for (const auto& planted : {std::vector<std::string>{}, std::vector<std::string>{"__dax_invalidate_entry"}}) {
    const Reported reported = judged({kPlanted}, 1, planted);
    EXPECT_FALSE(reported.planted);
    EXPECT_EQ(reported.wrong, "loads: load xfs_bmapi_read\nwrites: store xfs_bmap_map\n");
  }
}

TEST(Races, ThatWereNotKeptAreTold) {
  EXPECT_EQ(judged({kOfTheKernel}, 65).wrong, "65 reports, of which 1 were kept\n");
}

TEST(Races, ArePartOfAPatchsHeader) {
  EXPECT_EQ(races_of_patch("What it does.\n\nRaces: a b\nRaces: c\n---\nRaces: d\n"),
            (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(races_of_patch("What it does.\n---\n").empty());
}

}  // namespace
}  // namespace daxfuzz::properties
