// SPDX-License-Identifier: GPL-2.0-only
// The header of a patch: what is read, and what is refused.
#include "bugs/bug.h"

#include <gtest/gtest.h>

namespace daxfuzz::bugs {
namespace {

constexpr std::string_view kGood = R"(From: Linux 5.13, 0123456789ab
Subject: dax: something is forgotten

It is forgotten when: two do it at once.

So one waits.

Catalogue: B99
Protocols: legacy upstream
Signature: lost-wakeup in dax_lock_folio
Signature: deadlock in dax_lock_folio
Harm: hang
Length: 4
Missed: pct
---
--- a/model/dax_lock.cc
+++ b/model/dax_lock.cc
)";

std::string with(std::string_view old, std::string_view now) {
  std::string text(kGood);
  return text.replace(text.find(old), old.size(), now);
}

TEST(Bug, HasAllThatItsHeaderSays) {
  const auto bug = parse("099-forgotten", kGood);
  ASSERT_TRUE(bug) << bug.error();
  EXPECT_EQ(bug->name, "099-forgotten");
  EXPECT_EQ(bug->from, "Linux 5.13, 0123456789ab");
  EXPECT_EQ(bug->subject, "dax: something is forgotten");
  EXPECT_EQ(bug->text, "It is forgotten when: two do it at once.\n\nSo one waits.\n");
  EXPECT_EQ(bug->catalogue, "B99");
  EXPECT_EQ(bug->protocols, (std::vector{trace::ProtocolId::legacy, trace::ProtocolId::upstream}));
  EXPECT_EQ(bug->harm, "hang");
  EXPECT_EQ(bug->length, 4u);
  EXPECT_TRUE(bug->shows("deadlock in dax_lock_folio"));
  EXPECT_FALSE(bug->shows("deadlock in dax_lock"));
  EXPECT_TRUE(bug->misses("pct"));
  EXPECT_FALSE(bug->misses("random"));
}

struct Bad {
  std::string_view old, now, error;
};

TEST(Bug, SaysWhatIsWrong) {
  const Bad rows[] = {
      {"From: Linux 5.13, 0123456789ab\n", "", "expected From before '---', found none"},
      {"Catalogue: B99\n", "", "expected Catalogue before '---', found none"},
      {"Length: 4\n", "", "expected Length before '---', found none"},
      {"Length: 4", "Length: four", "expected a number of ops, found 'four'"},
      {"Length: 4", "Length: 0", "expected a number of ops, found '0'"},
      {"Harm: hang", "Harm: bad", "expected a harm of bugs/bug.h, found 'bad'"},
      {"legacy upstream", "legacy mainline", "no protocol is called 'mainline'"},
      {"Missed: pct", "Missed: luck", "no engine is called 'luck'"},
      {"Signature: deadlock", "Signature: lost-wakeup", "'lost-wakeup in dax_lock_folio' stands there twice"},
      {"Harm: hang", "Memory: pso\nHarm: hang", "expected tso, found 'pso'"},
      {"Signature: lost", "Signatur: lost", "a key of bugs/README.md is expected, found 'Signatur'"},
      {"\n---\n---", "\n---", "expected a line '---' between header and diff, found none"},
      {"--- a/", "+++ a/", "expected a diff after '---', for `patch -p1`, found none"},
  };
  for (const Bad& row : rows) {
    const auto bug = parse("099-forgotten", with(row.old, row.now));
    ASSERT_FALSE(bug) << row.now;
    EXPECT_TRUE(bug.error().starts_with("099-forgotten.patch: ")) << bug.error();
    EXPECT_TRUE(bug.error().contains(row.error)) << bug.error();
  }
}

TEST(Bug, OfStoreBuffersHasThemInAllItsPrograms) {
  EXPECT_TRUE(parse("099-forgotten", kGood)->settings().empty());
  const auto bug = parse("099-forgotten", with("Harm: hang", "Memory: tso\nHarm: hang"));
  ASSERT_TRUE(bug) << bug.error();
  EXPECT_EQ(bug->settings(), (std::vector<trace::Setting>{{trace::SwitchId::memory, 1}}));
}

TEST(Bug, ConstructedNeedsNoRowOfTheCatalogue) {
  std::string text = with("From: Linux 5.13, 0123456789ab", "From: constructed");
  text.replace(text.find("Catalogue: B99\n"), 15, "");
  const auto bug = parse("299-x", text);
  ASSERT_TRUE(bug) << bug.error();
  EXPECT_EQ(bug->catalogue, "");
}

}  // namespace
}  // namespace daxfuzz::bugs
