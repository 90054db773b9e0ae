// SPDX-License-Identifier: GPL-2.0-only
// For tests: the XArray beside a plain map from first index to entry. The map's cursor knows no
// nodes: what it does is what lib/xarray.c documents for callers. Used by
// xarray_properties_test.cc, which shrinks, and xarray_million_test.cc, which counts.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <map>
#include <ostream>
#include <utility>
#include <vector>

#include "model/testing.h"
#include "model/xarray.h"

namespace daxfuzz::kernel::testing {

struct Present {
  unsigned order;
  entry_t entry;
  unsigned marks;
  bool operator==(const Present&) const = default;
};
using Map = std::map<std::uint64_t, Present>;

struct Step {
  enum Kind : std::uint8_t {
    fresh, reset, load, store, erase, find, next, find_marked, conflict, pause, set, clear, get
  };
  Kind kind;
  std::uint64_t index;
  entry_t entry;
  bool large;
  xa_mark_t mark;
};

inline void showValue(const Step& step, std::ostream& out) {
  out << "kind " << int{step.kind} << " index " << step.index << " entry " << step.entry
      << " large " << step.large << " mark " << int{step.mark};
}

// Builds the map of slots from what the observer is told.
class Told : public testing::Recorder {
 public:
  Map map;
  void entry_stored(FilePage where, std::uint64_t before, std::uint64_t after,
                    std::uint64_t pages) override {
    const auto at = map.find(where.page);
    CHECK(before == (at == map.end() ? 0 : at->second.entry));
    CHECK(before == 0 || std::uint64_t{1} << at->second.order == pages);
    map.erase(where.page);
    if (after != 0)
      map[where.page] = {static_cast<unsigned>(std::countr_zero(pages)), after, 0};
  }
};

// The map and its cursor.
class Plain {
 public:
  // Where the cursor is: not walked; at an entry, at a hole; walked off the end, or to
  // a conflict away from its index, after which only some calls are allowed.
  enum class At : std::uint8_t { fresh, entry, hole, end, astray };
  Map map;
  std::uint64_t first_slot = 1;  // pages of the first slot of a large entry
  std::uint64_t index = 0;
  unsigned order = 0;
  At at = At::fresh;
  std::uint64_t first = 0;  // of the entry it is at

  Map::iterator covering(std::uint64_t i) {
    auto it = map.upper_bound(i);
    if (it == map.begin()) return map.end();
    --it;
    return i < end_of(it) ? it : map.end();
  }
  static std::uint64_t end_of(Map::iterator it) {
    return it->first + (std::uint64_t{1} << it->second.order);
  }
  entry_t arrive(Map::iterator it, At otherwise) {
    at = it == map.end() ? otherwise : At::entry;
    if (at == At::entry) first = it->first;
    return at == At::entry ? it->second.entry : 0;
  }
  entry_t load() { return arrive(covering(index), At::hole); }

  entry_t find(std::uint64_t max, unsigned marks, bool back) {
    if (index > max) return arrive(map.end(), At::end);
    auto it = map.upper_bound(index);
    const auto here = covering(index);
    if (at == At::fresh && here != map.end() && (here->second.marks & marks) == marks) {
      if (back && index - here->first >= first_slot) index = here->first;
      return arrive(here, At::end);
    }
    while (it != map.end() && (it->second.marks & marks) != marks) ++it;
    if (it != map.end() && it->first > max) it = map.end();
    if (it != map.end()) index = it->first;
    return arrive(it, At::end);
  }

  entry_t conflict() {
    if (at == At::fresh && covering(index) != map.end()) {
      const entry_t entry = load();
      if (map.at(first).order < order) at = At::astray;
      return entry;
    }
    const bool walked_into = at == At::entry || at == At::astray;
    if (order == 0 || (walked_into && map.at(first).order >= order)) {
      if (!walked_into) at = At::hole;
      return 0;
    }
    const auto it = map.upper_bound(walked_into ? first : index);
    if (it != map.end() && it->first < index + (std::uint64_t{1} << order)) {
      (void)arrive(it, At::hole);
      at = At::astray;
      return it->second.entry;
    }
    (void)load();
    if (at == At::entry) at = At::end;  // smaller than the range, at its start
    return 0;
  }

  entry_t store(entry_t entry) {
    const auto here = covering(index);
    const entry_t before = here == map.end() ? 0 : here->second.entry;
    if (here != map.end() && here->second.order >= order) {
      here->second.entry = entry;
      if (entry == 0) map.erase(here);
    } else {
      unsigned marks = 0;
      auto it = map.lower_bound(index);
      while (it != map.end() && it->first < index + (std::uint64_t{1} << order)) {
        marks |= it->second.marks;
        it = map.erase(it);
      }
      if (entry != 0) map[index] = {order, entry, marks};
    }
    (void)load();
    return before;
  }
};

class Comparison {
 public:
  explicit Comparison(std::size_t pages, unsigned large) : large_(large) {
    array_.init(0, pages);
    if (large == 9) plain_.first_slot = 64;
  }

  // RC_ASSERTs that both have done the same; a step that no caller may take there is left out.
  void apply(Step step) {
    if (plain_.at == Plain::At::end) step.kind = Step::fresh;
    if (!allowed(step)) return;
    applied_++;
    const auto here = plain_.covering(plain_.index);
    if (step.kind <= Step::reset) erased_inside_ = false;
    if (step.kind == Step::erase)
      erased_inside_ = here != plain_.map.end() && here->first != plain_.index;
    const unsigned order = step.large ? large_ : 0;
    switch (step.kind) {
      case Step::fresh:
        plain_.order = order;
        plain_.index = step.index >> order << order;
        plain_.at = Plain::At::fresh;
        xas_.order = static_cast<std::uint8_t>(order);
        xas_set(xas_, plain_.index);
        break;
      case Step::reset:
        plain_.at = Plain::At::fresh;
        xas_reset(xas_);
        break;
      case Step::load: same(xas_load(xas_), plain_.load()); break;
      case Step::store: same(xas_store(xas_, step.entry), plain_.store(step.entry)); break;
      case Step::erase: same(xas_store(xas_, 0), plain_.store(0)); break;
      case Step::find: same(xas_find(xas_, step.index), plain_.find(step.index, 0, false)); break;
      case Step::next:
        same(xas_next_entry(xas_, step.index), plain_.find(step.index, 0, false));
        break;
      case Step::find_marked:
        same(xas_find_marked(xas_, step.index, step.mark),
             plain_.find(step.index, step.mark, true));
        break;
      case Step::conflict: same(xas_find_conflict(xas_), plain_.conflict()); break;
      case Step::pause:
        if (plain_.at != Plain::At::fresh)
          plain_.index += std::uint64_t{1} << plain_.map.at(plain_.first).order;
        plain_.at = Plain::At::fresh;
        xas_pause(xas_);
        break;
      case Step::set:
        if (at_entry()) plain_.map.at(plain_.first).marks |= step.mark;
        xas_set_mark(xas_, step.mark);
        break;
      case Step::clear:
        if (at_entry()) plain_.map.at(plain_.first).marks &= ~unsigned{step.mark};
        xas_clear_mark(xas_, step.mark);
        break;
      default:
        RC_ASSERT(xas_get_mark(xas_, step.mark) ==
                  (at_entry() && (plain_.map.at(plain_.first).marks & step.mark) != 0));
    }
    check();
  }

  [[nodiscard]] std::uint64_t applied() const { return applied_; }

 private:
  bool at_entry() const {
    return plain_.at == Plain::At::entry || plain_.at == Plain::At::astray;
  }
  // What callers may do with a cursor there; stores stay inside the array.
  bool allowed(const Step& step) const {
    const bool moves = step.kind >= Step::load && step.kind <= Step::pause;
    const bool stores = step.kind == Step::store || step.kind == Step::erase;
    if (plain_.at == Plain::At::astray && moves) return step.kind == Step::conflict;
    if (erased_inside_ && stores) return false;
    if (plain_.at == Plain::At::hole && (step.kind == Step::pause || step.kind == Step::set))
      return false;
    if (stores && plain_.index % (std::uint64_t{1} << plain_.order) != 0) return false;
    if (plain_.order != 0 && step.kind >= Step::load && step.kind <= Step::pause && !stores)
      return step.kind == Step::conflict ? plain_.at != Plain::At::hole
                                         : at_entry() && step.kind == Step::load;
    return !stores || plain_.index < array_.slots.size();
  }
  void same(entry_t found, entry_t wanted) const {
    RC_ASSERT(found == wanted);
    if (plain_.at != Plain::At::end) RC_ASSERT(xas_.xa_index == plain_.index);
  }
  void check() {
    RC_ASSERT(array_.empty() == plain_.map.empty());
    Map slots;
    for (std::uint64_t i = 0; i < array_.slots.size(); i++) {
      const xarray::Slot& slot = array_.slots[i];
      if (slot.entry != 0) slots[i] = {slot.order, slot.entry, slot.marks};
      RC_ASSERT(slot.entry != 0 || (slot.order == 0 && slot.marks == 0));
    }
    RC_ASSERT(slots == plain_.map);
    for (auto& [index, slot] : slots) slot.marks = 0;
    RC_ASSERT(slots == machine_.watch.map);
    std::vector<std::uint64_t> indices(array_.slots.size());
    std::uint64_t start = plain_.index, wanted = plain_.index;
    indices.resize(xa_present(array_, start, UINT64_MAX, indices));
    for (const std::uint64_t index : indices) {
      const auto it = plain_.covering(wanted) != plain_.map.end() ? plain_.covering(wanted)
                                                                  : plain_.map.upper_bound(wanted);
      RC_ASSERT(it != plain_.map.end() && index == std::max(it->first, wanted));
      wanted = Plain::end_of(it);
    }
    RC_ASSERT(plain_.covering(wanted) == plain_.map.end());
    RC_ASSERT(plain_.map.lower_bound(wanted) == plain_.map.end());
  }

  unsigned large_;
  std::uint64_t applied_ = 0;
  bool erased_inside_ = false;  // the cursor has to be reset before a store
  testing::Machine<Told> machine_{protocol_value(trace::ProtocolId::upstream), trace::Geometry{}};
  Plain plain_;
  xarray array_;
  xa_state xas_{array_, 0};
};

// Few erases and many marks, or there is little to find.
inline rc::Gen<Step::Kind> arbitrary_kind() {
  return rc::gen::weightedElement<Step::Kind>(
      {{4, Step::fresh}, {1, Step::reset}, {1, Step::load}, {4, Step::store}, {1, Step::erase},
       {2, Step::find}, {2, Step::next}, {4, Step::find_marked}, {2, Step::conflict},
       {2, Step::pause}, {4, Step::set}, {1, Step::clear}, {2, Step::get}});
}

inline rc::Gen<Step> arbitrary_step(rc::Gen<std::uint64_t> index) {
  return rc::gen::map(
      rc::gen::tuple(arbitrary_kind(), std::move(index),
                     rc::gen::inRange<std::uint64_t>(0, 64), rc::gen::arbitrary<bool>(),
                     rc::gen::arbitrary<bool>()),
      [](const auto& t) {
        return Step{std::get<0>(t), std::get<1>(t),
                    xa_mk_value(std::get<2>(t)), std::get<3>(t),
                    std::get<4>(t) ? PAGECACHE_TAG_DIRTY : PAGECACHE_TAG_TOWRITE};
      });
}

}  // namespace daxfuzz::kernel::testing
