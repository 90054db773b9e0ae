// SPDX-License-Identifier: GPL-2.0-only
// The XArray rule by rule, a row each with the function of lib/xarray.c that makes it,
// and its two ways to run out of memory. xarray_properties_test.cc does random lists.
#include "model/xarray.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <sstream>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Recorder;
using Machine = testing::Machine<Recorder>;

TEST(XArray, ValuesAndInternalEntriesAreTold) {
  EXPECT_TRUE(xa_is_value(xa_mk_value(5)));
  EXPECT_FALSE(xa_is_internal(xa_mk_value(5)));
  EXPECT_EQ(xa_to_value(xa_mk_value(5)), 5u);
  EXPECT_TRUE(xa_is_internal(xa_mk_internal(5)));
  EXPECT_FALSE(xa_is_value(xa_mk_internal(5)));
  EXPECT_EQ(xa_to_internal(xa_mk_internal(5)), 5u);
  EXPECT_FALSE(xa_is_value(0));
  EXPECT_FALSE(xa_is_internal(0));
}

// Notes each store as "first:before>after/pages".
class Told : public Recorder {
 public:
  std::string text;
  void entry_stored(FilePage where, std::uint64_t before, std::uint64_t after,
                    std::uint64_t pages) override {
    std::ostringstream out;
    out << where.page << ':' << (before >> 1) << '>' << (after >> 1) << '/' << pages;
    text += (text.empty() ? "" : ",") + out.str();
  }
};

// A list of words, each done to one cursor; those that answer leave a word.
//   cORDER@INDEX a new cursor   sVALUE store (0: erase)   l load     x find_conflict
//   fMAX find   nMAX next_entry   mMAX find_marked(DIRTY)   p pause   r reset
//   d, u, g: set, clear, get DIRTY   i its index   t what the observer was told since
class Script {
 public:
  explicit Script(std::size_t pages) { array_.init(0, pages); }

  std::string run(const std::string& words) {
    std::istringstream in(words);
    std::string answers;
    for (std::string word; in >> word;) {
      const std::string answer = apply(word[0], word.substr(1));
      if (!answer.empty()) answers += (answers.empty() ? "" : " ") + answer;
    }
    return answers;
  }

 private:
  std::string apply(char op, const std::string& operand) {
    const std::uint64_t number =
        operand.empty() || op == 'c' ? 0 : std::stoull(operand);
    switch (op) {
      case 'c': {
        const std::size_t at = operand.find('@');
        xas_ = xa_state(array_, std::stoull(operand.substr(at + 1)),
                        static_cast<unsigned>(std::stoul(operand.substr(0, at))));
        return "";
      }
      case 's': return value(xas_store(xas_, number == 0 ? 0 : xa_mk_value(number)));
      case 'l': return value(xas_load(xas_));
      case 'x': return value(xas_find_conflict(xas_));
      case 'f': return value(xas_find(xas_, number));
      case 'n': return value(xas_next_entry(xas_, number));
      case 'm': return value(xas_find_marked(xas_, number, PAGECACHE_TAG_DIRTY));
      case 'p': xas_pause(xas_); return "";
      case 'r': xas_reset(xas_); return "";
      case 'd': xas_set_mark(xas_, PAGECACHE_TAG_DIRTY); return "";
      case 'u': xas_clear_mark(xas_, PAGECACHE_TAG_DIRTY); return "";
      case 'g': return xas_get_mark(xas_, PAGECACHE_TAG_DIRTY) ? "dirty" : "clean";
      case 'i': return std::to_string(xas_.xa_index);
      default: return std::exchange(machine_.watch.text, "");
    }
  }
  static std::string value(entry_t entry) { return std::to_string(xa_to_value(entry)); }

  testing::Machine<Told> machine_{protocol_value(trace::ProtocolId::upstream), trace::Geometry{}};
  xarray array_;
  xa_state xas_{array_, 0};
};

struct Rule {
  const char* name;
  const char* source;  // in lib/xarray.c
  std::size_t pages;
  const char* words;
  const char* answers;
};

const Rule kRules[] = {
    {"a load finds the entry from any index and keeps its own", "xas_descend()", 8,
     "c3@0 s7 c0@5 l i c0@0 l", "0 7 5 7"},
    {"so it does a level higher", "xas_descend()", 1024, "c9@512 s7 c0@700 l i c0@511 l",
     "0 7 700 0"},
    {"a cursor's index is rounded down to its order", "XA_STATE_ORDER()", 1024,
     "c9@700 i s7 c0@512 l", "512 0 7"},
    {"an order-0 store replaces the whole entry", "xas_create(): shift > order, no node", 1024,
     "c9@0 s7 t c0@5 s8 t c0@511 l c0@0 l", "0 0:0>7/512 7 0:7>8/512 8 8"},
    {"also in one leaf", "xas_store(): siblings stay", 8, "c2@4 s7 c0@6 s8 t c0@4 l c0@7 l c0@3 l",
     "0 7 4:0>7/4,4:7>8/4 8 8 0"},
    {"a replacement keeps the marks", "xas_store(): xas_init_marks() only for NULL", 8,
     "c2@4 s7 d c0@6 s8 g r l g", "0 7 dirty 8 dirty"},
    {"storing what is there stores nothing", "xas_store(): first == entry", 8,
     "c0@4 s7 t s7 t", "0 4:0>7/1 7"},
    {"an order-0 erase removes the whole entry and its marks", "xas_store(): sibling loop", 1024,
     "c9@0 s7 d t c0@9 s0 t c0@0 l c0@511 l c9@0 s7 g", "0 0:0>7/512 7 0:7>0/512 0 0 0 clean"},
    {"a larger entry takes the place of several, each told", "xas_free_nodes()", 1024,
     "c0@1 s2 c0@400 s3 c0@512 s4 t c9@0 s7 t c0@400 l c0@512 l",
     "0 0 0 1:0>2/1,400:0>3/1,512:0>4/1 0 1:2>0/1,400:3>0/1,0:0>7/512 7 4"},
    {"and any of their marks", "xas_squash_marks()", 8, "c0@1 s2 d c0@3 s3 c2@0 s7 g c0@1 l g",
     "0 0 0 dirty 7 dirty"},
    {"find stays at an index in the middle", "xas_find(): XAS_RESTART", 8,
     "c2@4 s7 c0@6 f7 i", "0 7 6"},
    {"and goes to the first index of what follows", "xas_find(): siblings", 1024,
     "c9@0 s7 c9@512 s8 c0@200 f9999 i n9999 i n9999", "0 0 7 200 8 512 0"},
    {"find_marked goes back to the first index", "xas_find_marked(): xa_to_sibling()", 1024,
     "c9@512 s7 d c0@700 m9999 i m9999", "0 7 512 0"},
    {"unless it is in the first slot", "xas_find_marked(): get_offset()", 1024,
     "c9@512 s7 d c0@575 m9999 i c0@576 m9999 i", "0 7 575 7 512"},
    {"find ends at max", "xas_find()", 8, "c0@2 s2 c0@5 s5 c0@0 f4 f4 r f4 c0@5 f4",
     "0 0 2 0 0 0"},
    {"find goes on after the slot at which it ended", "xas_find(): xas_next_offset()", 8,
     "c0@2 s2 c0@5 s5 c0@0 f4 f4 i f7", "0 0 2 0 5 0"},
    {"in a leaf too", "xas_find(): xas_next_offset()", 1024,
     "c0@2 s2 c0@5 s5 c0@9 s9 c0@0 f4 f4 i f9", "0 0 0 2 0 5 9"},
    {"an order-0 conflict is the entry that covers it", "xas_find_conflict()", 1024,
     "c9@0 s7 c0@9 x i", "0 7 9"},
    {"walked, it finds none: of order 0", "xas_find_conflict(): xa_sibs", 8,
     "c0@4 s7 c0@5 s8 c0@4 l x r x", "0 0 7 0 7"},
    {"of higher order", "xas_find_conflict(): shift > xa_shift", 1024, "c9@0 s7 c0@9 l x r x",
     "0 7 0 7"},
    {"conflicts of a range come one by one", "xas_find_conflict(): loop", 1024,
     "c0@5 s2 c0@70 s3 c0@512 s4 c9@0 x x x i", "0 0 0 2 3 0 0"},
    {"and leave the cursor at the start of its range", "xas_find_conflict(): -= xa_sibs", 1024,
     "c0@600 s2 t c9@0 x s7 t", "0 600:0>2/1 0 0 0:0>7/512"},
    {"after the last it skips the first leaf", "xas_find_conflict(): ++xa_offset", 1024,
     "c0@575 s2 c0@580 s3 c9@512 x x x x", "0 0 2 3 0 3"},
    {"a larger entry is its own only conflict", "xas_find_conflict(): siblings", 8,
     "c3@0 s7 c3@0 x x", "0 7 0"},
    {"pause goes past the entry", "xas_pause()", 1024, "c9@0 s7 c0@512 s8 c0@0 f9 p i f9999 i",
     "0 0 7 512 8 512"},
    {"from the middle by its whole width", "xas_pause(): xa_index +=", 1024,
     "c9@0 s7 c0@512 s8 c0@5 f9 p i f9999", "0 0 7 517 0"},
    {"a cursor that has not walked does not pause", "xas_pause(): xas_invalid()", 8, "c0@3 p i",
     "3"},
    {"nor has it marks", "xas_get_mark(): xas_invalid()", 8, "c0@3 s7 d g u g d c0@3 g d u l g",
     "0 dirty clean clean 7 dirty"},
    {"after an erase next goes on", "update_node()", 1024, "c0@3 s7 c0@70 s8 c0@900 s9 c0@3 l s0 "
     "n9999 i s0 n9999 i", "0 0 0 7 7 8 70 8 9 900"},
    {"from the leaf that went", "xas_delete_node()", 1024, "c0@70 s7 c0@130 s8 c0@70 l s0 n999 i",
     "0 0 7 7 8 130"},
    {"next of a fresh cursor is find", "xas_next_entry(): xas_not_node()", 8, "c0@3 s7 c0@3 n7",
     "0 7"},
};

TEST(XArray, KeepsTheRulesOfTheKernel) {
  for (const Rule& rule : kRules) {
    Script script(rule.pages);
    EXPECT_EQ(script.run(rule.words), rule.answers) << rule.name << ": " << rule.source;
  }
}

// find_get_entries(), mm/filemap.c.
TEST(XArray, PresentEntriesAreAtTheirFirstIndexOrWhereTheLookBegan) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  xarray array;
  array.init(0, 1024);
  array.put(0, {xa_mk_value(1), 0, 9});
  array.put(513, {xa_mk_value(2), 0, 0});
  array.put(1023, {xa_mk_value(3), 0, 0});
  std::array<std::uint64_t, 2> indices{};
  std::uint64_t start = 100;
  ASSERT_EQ(xa_present(array, start, UINT64_MAX, indices), 2u);
  EXPECT_EQ(indices[0], 100u);
  EXPECT_EQ(indices[1], 513u);
  EXPECT_EQ(start, 514u);
  ASSERT_EQ(xa_present(array, start, 1022, indices), 0u);
  start = 512;
  ASSERT_EQ(xa_present(array, start, 1023, indices), 2u);
  EXPECT_EQ(indices[1], 1023u);
}

// Runs `body` on a task whose `fail_nth`-th allocation fails.
void with_failure(Machine& machine, std::uint8_t fail_nth, std::function<void()> body) {
  machine.world.fail_nth[0] = fail_nth;
  testing::InOrder choices;
  ASSERT_EQ(testing::on_tasks(choices, {std::move(body)}), sched::Outcome::finished);
}

struct NoMemory {
  int err = 0, err_after = 0;
  bool retry = false;
  entry_t left = 0;
};

// Stores at `index`, with an entry at 3 if `before`, and once more if that is to be retried.
NoMemory store_into(std::size_t pages, entry_t before, std::uint64_t index, unsigned order = 0) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  xarray array;
  array.init(0, pages);
  if (before != 0) array.put(3, {before, 0, 0});
  NoMemory result;
  with_failure(machine, 1, [&] {
    xa_state xas(array, index, order);
    xas_lock_irq(xas);
    (void)xas_store(xas, xa_mk_value(9));
    xas_unlock_irq(xas);
    {
      const sched::HarnessScope scope;
      result.err = xas.err;
      result.retry = xas_nomem(xas);
      result.err_after = xas.err;
      result.left = array.slot(index).entry;
    }
    if (!result.retry) return;
    world().fail_nth[0] = 1;  // xas_nomem()'s node is there for this one
    xas_lock_irq(xas);
    (void)xas_store(xas, xa_mk_value(9));
    CHECK(xas.err == 0 && xas_load(xas) == xa_mk_value(9));
    xas_unlock_irq(xas);
  });
  return result;
}

TEST(XArray, AStoreThatNeedsANodeFailsAndIsRetriedAfterNomem) {
  const NoMemory result = store_into(8, 0, 3);
  EXPECT_EQ(result.err, -ENOMEM);
  EXPECT_EQ(result.left, 0u);
  EXPECT_TRUE(result.retry);
  EXPECT_EQ(result.err_after, 0);
}

// xas_create(): an allocation a missing level.
TEST(XArray, AStoreNeedsANodeIfItsLeafOrForALargerEntryTheRootIsNotThere) {
  struct Case {
    std::size_t pages;
    bool before;  // an entry at 3
    std::uint64_t index;
    unsigned order;
    bool fails;
  };
  const Case cases[] = {
      {1024, false, 4, 0, true}, {1024, true, 4, 0, false},  {1024, true, 63, 0, false},
      {1024, true, 64, 0, true}, {1024, true, 512, 9, true}, {1024, false, 0, 9, true},
      {8, true, 4, 0, true},     {8, true, 0, 3, false},     {8, true, 6, 1, false},
      {8, false, 0, 3, true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(store_into(c.pages, c.before ? xa_mk_value(4) : 0, c.index, c.order).err,
              c.fails ? -ENOMEM : 0)
        << c.pages << " pages, " << c.before << ", " << c.index << ", order " << c.order;
}

// The first allocation is the store's, the second xas_nomem()'s: which one fails is
// counted, and both fail only together.
TEST(XArray, NomemGivesUpWhenItsOwnAllocationFails) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  bool retry = true;
  with_failure(machine, 1, [&] {
    xa_state xas(machine.file(0).i_mapping.i_pages, 0);
    xas_set_err(xas, -ENOMEM);
    const bool again = xas_nomem(xas);
    const sched::HarnessScope scope;
    retry = again || xas.err != -ENOMEM;
  });
  EXPECT_FALSE(retry);
}

TEST(XArray, AStoreOverAnEntryAllocatesNothing) {
  const NoMemory result = store_into(8, xa_mk_value(4), 3);
  EXPECT_EQ(result.err, 0);
  EXPECT_EQ(result.left, xa_mk_value(9));
  EXPECT_FALSE(result.retry);
}

// An error sticks to the cursor until it is reset, and stores nothing meanwhile.
TEST(XArray, AStoreWithAnErrorDoesNothing) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  xa_state xas(machine.file(0).i_mapping.i_pages, 1);
  xas_set_err(xas, -ENOMEM);
  EXPECT_EQ(xas_store(xas, xa_mk_value(2)), 0u);
  EXPECT_EQ(xas_load(xas), 0u);
  xas_reset(xas);
  (void)xas_store(xas, xa_mk_value(2));
  EXPECT_EQ(xas_load(xas), xa_mk_value(2));
  xas_set_err(xas, -ENOMEM);
  EXPECT_EQ(xas_load(xas), 0u);
  xas_set(xas, 5);
  EXPECT_EQ(xas.err, 0);
  EXPECT_EQ(xas.xa_index, 5u);
}

}  // namespace
}  // namespace daxfuzz::kernel
