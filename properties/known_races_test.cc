// SPDX-License-Identifier: GPL-2.0-only
// Which races of TSan's reports are the kernel's own, by planted stacks.
#include "properties/known_races.h"

#include <gtest/gtest.h>

namespace daxfuzz::properties {
namespace {

sched::TsanRace race(std::vector<std::string> load, std::vector<std::string> write) {
  return {{{.write = false, .functions = std::move(load)}, {.write = true, .functions = std::move(write)}}};
}
sched::TsanRace turned(sched::TsanRace race) {
  std::swap(race.sides[0], race.sides[1]);
  return race;
}

TEST(KnownRaces, AreByBothFunctionsOnTheStacks) {
  const sched::TsanRace one = race({"load", "f", "dax_lock_folio"}, {"store", "dax_associate_entry", "g"});
  EXPECT_TRUE(known(one));
  EXPECT_TRUE(known(turned(one)));
  EXPECT_FALSE(known(race({"load", "f"}, {"store", "dax_associate_entry"})));
  EXPECT_FALSE(known(race({"load", "dax_lock_folio"}, {"store", "xas_store"})));
  // Which of the two writes is not looked at.
  EXPECT_TRUE(known(race({"dax_associate_entry"}, {"dax_lock_folio"})));
}

TEST(KnownRaces, OfHuntsAreAllWithAnAssociation) {
  EXPECT_TRUE(associates(race({"load", "folio_test_anon"}, {"store", "dax_associate_entry"})));
  EXPECT_TRUE(associates(turned(race({"load", "folio_test_anon"}, {"store", "dax_disassociate_entry"}))));
  // The other way round, or of other words, nothing is known.
  EXPECT_FALSE(associates(race({"load", "dax_associate_entry"}, {"store", "folio_set_mapping"})));
  EXPECT_FALSE(associates(race({"load", "dax_writeback_one"}, {"store", "dax_unlock_entry"})));
}

TEST(KnownRaces, OfHuntsAreAllWithAFreedInode) {
  EXPECT_TRUE(of_a_freed_inode(race({"load", "clear_inode", "evict", "iput_final"}, {"store", "grab_mapping_entry"})));
  EXPECT_FALSE(of_a_freed_inode(race({"load", "clear_inode"}, {"store", "grab_mapping_entry"})));
}

TEST(KnownRaces, AreOfTheFunctionThatAccesses) {
  EXPECT_EQ(function_of({.functions = {"load", "read_once", "folio_test_anon", "gup"}}), "folio_test_anon");
  EXPECT_EQ(function_of({.functions = {"load"}}), "?");
  EXPECT_EQ(function_of({}), "?");
}

TEST(KnownRaces, AreTold) {
  EXPECT_EQ(describe(race({"load", "f"}, {"g"})), "loads: load f\nwrites: g\n");
}

}  // namespace
}  // namespace daxfuzz::properties
