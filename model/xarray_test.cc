// SPDX-License-Identifier: GPL-2.0-only
// The XArray against a std::map with marks, over random lists of operations, and
// its two ways to run out of memory.
#include "model/xarray.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cerrno>
#include <map>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Recorder;
using Machine = testing::Machine<Recorder>;

constexpr std::uint64_t kMax = trace::kFilePagesMax - 1;

// What the array should be: present entries with their marks.
struct Present {
  entry_t entry;
  unsigned marks;
};
using Model = std::map<std::uint64_t, Present>;

struct Step {
  enum Kind : std::uint8_t { store, erase, load, find, find_marked, next, set, clear, get, kinds };
  Kind kind;
  std::uint64_t index, max;
  entry_t entry;
  xa_mark_t mark;
};

void showValue(const Step& step, std::ostream& out) {
  out << "kind " << int{step.kind} << " index " << step.index << " max " << step.max << " entry "
      << step.entry << " mark " << int{step.mark};
}

rc::Gen<Step> arbitrary_step() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, int{Step::kinds}),
                     rc::gen::inRange<std::uint64_t>(0, kMax + 1),
                     rc::gen::inRange<std::uint64_t>(0, kMax + 1),
                     rc::gen::inRange<std::uint64_t>(0, 64), rc::gen::arbitrary<bool>()),
      [](const auto& t) {
        return Step{static_cast<Step::Kind>(std::get<0>(t)), std::get<1>(t), std::get<2>(t),
                    xa_mk_value(std::get<3>(t)),
                    std::get<4>(t) ? PAGECACHE_TAG_DIRTY : PAGECACHE_TAG_TOWRITE};
      });
}

// The first present entry at or after `index`, up to `max`, that has `marks`.
Model::const_iterator first(const Model& model, std::uint64_t index, std::uint64_t max,
                            unsigned marks) {
  for (auto it = model.lower_bound(index); it != model.end() && it->first <= max; ++it)
    if ((it->second.marks & marks) == marks) return it;
  return model.end();
}

void expect_found(const Model& model, Model::const_iterator it, const xa_state& xas,
                  entry_t found) {
  RC_ASSERT(found == (it == model.end() ? 0 : it->second.entry));
  if (found != 0) RC_ASSERT(xas.xa_index == it->first);
}

void apply(Machine& machine, Model& model, const Step& step) {
  xarray& array = machine.file(0).i_mapping.i_pages;
  xa_state xas(array, step.index);
  const auto at = model.find(step.index);
  const bool present = at != model.end();
  switch (step.kind) {
    case Step::store:
      RC_ASSERT(xas_store(xas, step.entry) == (present ? at->second.entry : 0));
      model[step.index] = {step.entry, present ? at->second.marks : 0};
      break;
    case Step::erase:
      RC_ASSERT(xas_store(xas, 0) == (present ? at->second.entry : 0));
      model.erase(step.index);
      break;
    case Step::load:
      RC_ASSERT(xas_load(xas) == (present ? at->second.entry : 0));
      break;
    case Step::find:
      expect_found(model, first(model, step.index, step.max, 0), xas, xas_find(xas, step.max));
      break;
    case Step::find_marked:
      expect_found(model, first(model, step.index, step.max, step.mark), xas,
                   xas_find_marked(xas, step.max, step.mark));
      break;
    case Step::next:
      expect_found(model, first(model, step.index + 1, step.max, 0), xas,
                   xas_next_entry(xas, step.max));
      break;
    case Step::set:
      xas_set_mark(xas, step.mark);
      if (present) model[step.index].marks |= step.mark;
      break;
    case Step::clear:
      xas_clear_mark(xas, step.mark);
      if (present) model[step.index].marks &= ~unsigned{step.mark};
      break;
    default:
      RC_ASSERT(xas_get_mark(xas, step.mark) == (present && (at->second.marks & step.mark) != 0));
  }
  RC_ASSERT(xas.err == 0);
  RC_ASSERT(xa_empty(array) == model.empty());
  for (std::uint64_t i = 0; i <= kMax; i++) {
    const auto it = model.find(i);
    RC_ASSERT(array.slots[i].entry == (it == model.end() ? 0 : it->second.entry));
    RC_ASSERT(array.slots[i].marks == (it == model.end() ? 0 : it->second.marks));
  }
}

RC_GTEST_PROP(XArray, BehavesAsAMapWithMarks, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(arbitrary_step());
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  Model model;
  for (const Step& step : steps) apply(machine, model, step);
}

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

NoMemory store_into(entry_t before, std::uint8_t fail_nth) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  xarray& array = machine.file(0).i_mapping.i_pages;
  array.slots[3].entry = before;
  NoMemory result;
  with_failure(machine, fail_nth, [&] {
    xa_state xas(array, 3);
    xas_lock_irq(xas);
    (void)xas_store(xas, xa_mk_value(9));
    xas_unlock_irq(xas);
    const sched::HarnessScope scope;
    result.err = xas.err;
    result.retry = xas_nomem(xas);
    result.err_after = xas.err;
  });
  result.left = array.slots[3].entry;
  return result;
}

TEST(XArray, AStoreThatNeedsANodeFailsAndIsRetriedAfterNomem) {
  const NoMemory result = store_into(0, 1);
  EXPECT_EQ(result.err, -ENOMEM);
  EXPECT_EQ(result.left, 0u);
  EXPECT_TRUE(result.retry);
  EXPECT_EQ(result.err_after, 0);
}

// The first allocation is the store's, the second xas_nomem()'s: which one fails is
// counted, and both fail only together.
TEST(XArray, NomemGivesUpWhenItsOwnAllocationFails) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  bool retry = true;
  with_failure(machine, 1, [&] {
    xa_state xas(machine.file(0).i_mapping.i_pages, 0);
    xas.err = -ENOMEM;
    const bool again = xas_nomem(xas);
    const sched::HarnessScope scope;
    retry = again || xas.err != -ENOMEM;
  });
  EXPECT_FALSE(retry);
}

TEST(XArray, AStoreOverAnEntryAllocatesNothing) {
  const NoMemory result = store_into(xa_mk_value(4), 1);
  EXPECT_EQ(result.err, 0);
  EXPECT_EQ(result.left, xa_mk_value(9));
  EXPECT_FALSE(result.retry);
}

// An error sticks to the cursor until it is reset, and stores nothing meanwhile.
TEST(XArray, AStoreWithAnErrorDoesNothing) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  xa_state xas(machine.file(0).i_mapping.i_pages, 1);
  xas.err = -ENOMEM;
  EXPECT_EQ(xas_store(xas, xa_mk_value(2)), 0u);
  EXPECT_EQ(xas_load(xas), 0u);
  xas_reset(xas);
  (void)xas_store(xas, xa_mk_value(2));
  EXPECT_EQ(xas_load(xas), xa_mk_value(2));
  xas.err = -ENOMEM;
  xas_set(xas, 4);
  EXPECT_EQ(xas.err, 0);
  EXPECT_EQ(xas.xa_index, 4u);
}

}  // namespace
}  // namespace daxfuzz::kernel
