// SPDX-License-Identifier: GPL-2.0-only
// The XArray beside a plain map from first index to entry, used as fs/dax.c uses it: a fresh
// cursor a call, walks that pause or not. The input is text, so that seeds are readable: a
// letter for the world (a b c: order 1 to 3 of 8 pages; d: order 9 of 1024), then calls of three
// characters: what (kCalls; a capital is of the world's order), index and value from '0' on.
// Read next: model/xarray.h; model/xarray_properties_test.cc, whose cursors live longer.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/digest_line.h"
#include "fuzz/environment.h"
#include "fuzz/fail.h"
#include "model/testing.h"
#include "model/xarray.h"

namespace {

using namespace daxfuzz;
using namespace daxfuzz::kernel;

// store erase load walk walk-and-pause marked-walk conflict mark unmark
constexpr std::string_view kCalls = "sSeElwpmMcCdtxy";

struct Present {
  unsigned order = 0;
  entry_t entry = 0;
  unsigned marks = 0;
  bool operator==(const Present&) const = default;
};
using Map = std::map<std::uint64_t, Present>;

std::uint64_t end_of(Map::const_iterator it) { return it->first + (std::uint64_t{1} << it->second.order); }

Map::const_iterator covering(const Map& map, std::uint64_t index) {
  auto it = map.upper_bound(index);
  if (it == map.begin()) return map.end();
  --it;
  return index < end_of(it) ? it : map.end();
}

void expect(bool good, const char* call, const std::string& calls) {
  if (good) return;
  fuzz::fail(("xarray-is-no-map in " + std::string(call)).c_str(), calls);
}

// Builds the map from what the observer is told, without the marks.
class Told : public kernel::testing::Recorder {
 public:
  Map map;
  void entry_stored(FilePage where, std::uint64_t, std::uint64_t after, std::uint64_t pages) override {
    map.erase(where.page);
    if (after != 0) map[where.page] = {static_cast<unsigned>(std::countr_zero(pages)), after, 0};
  }
};

class Comparison {
 public:
  Comparison(std::uint64_t pages, unsigned large) : pages_(pages), large_(large) { array_.init(0, pages); }

  void call(char what, std::uint8_t at, std::uint8_t value) {
    told_ += {what, static_cast<char>('0' + at), static_cast<char>('0' + value), ' '};
    const bool capital = what >= 'A' && what <= 'Z';
    const unsigned order = capital && what != 'M' ? large_ : 0;
    // At order 9 around the ends of nodes and of PMDs.
    const std::uint64_t spread = pages_ == 8 ? at : (at / 8u) * 64u + (at % 8u) * 9u + (at % 8u == 7);
    const std::uint64_t index = spread % pages_ >> order << order;
    const auto mark = value % 2 == 0 ? PAGECACHE_TAG_DIRTY : PAGECACHE_TAG_TOWRITE;
    switch (what) {
      case 's': case 'S': store(index, order, xa_mk_value(value)); break;
      case 'e': case 'E': store(index, order, 0); break;
      case 'l': load(index); break;
      case 'w': walk(index, value, false); break;
      case 'p': walk(index, value, true); break;
      case 'm': case 'M': walk_marked(index, mark, what == 'M'); break;
      case 'c': case 'C': conflict(index, order); break;
      case 'd': case 't': set_mark(index, what == 'd' ? PAGECACHE_TAG_DIRTY : PAGECACHE_TAG_TOWRITE, true); break;
      default: set_mark(index, what == 'x' ? PAGECACHE_TAG_DIRTY : PAGECACHE_TAG_TOWRITE, false); break;
    }
    check();
  }

  void tell(fuzz::Outcome& outcome) const {
    outcome.add(map_.size());
    for (const auto& [index, here] : map_)
      for (const std::uint64_t number : {index, std::uint64_t{here.order}, here.entry, std::uint64_t{here.marks}})
        outcome.add(number);
  }

 private:
  void store(std::uint64_t index, unsigned order, entry_t entry) {
    const auto here = covering(map_, index);
    const entry_t before = here == map_.end() ? 0 : here->second.entry;
    if (here != map_.end() && here->second.order >= order) {
      map_[here->first].entry = entry;
      if (entry == 0) map_.erase(here);
    } else {
      Present now{order, entry, 0};
      for (auto it = map_.lower_bound(index); it != map_.end() && it->first < index + (std::uint64_t{1} << order);) {
        now.marks |= it->second.marks;
        it = map_.erase(it);
      }
      if (entry != 0) map_[index] = now;
    }
    xa_state xas(array_, index, order);
    expect(xas_store(xas, entry) == before, entry == 0 ? "xas_store of nothing" : "xas_store", told_);
  }
  void load(std::uint64_t index) {
    xa_state xas(array_, index);
    const auto here = covering(map_, index);
    expect(xas_load(xas) == (here == map_.end() ? 0 : here->second.entry), "xas_load", told_);
  }
  // The entry that covers the index, which stays, then each after it; a pause goes on behind an
  // entry by its width, counted from the index.
  void walk(std::uint64_t index, std::uint8_t value, bool pauses) {
    const std::uint64_t max = std::min(pages_ - 1, index + value * pages_ / 64);
    xa_state xas(array_, index);
    auto it = covering(map_, index) != map_.end() ? covering(map_, index) : map_.upper_bound(index);
    bool first = true;
    for (entry_t entry = xas_find(xas, max);; entry = pauses ? xas_find(xas, max) : xas_next_entry(xas, max)) {
      if (it != map_.end() && it->first > max) it = map_.end();
      expect(entry == (it == map_.end() ? 0 : it->second.entry), "xas_find", told_);
      if (entry == 0) return;
      const std::uint64_t at = first ? std::max(index, it->first) : it->first;
      expect(xas.xa_index == at, "xas_find", told_);
      first = !pauses ? false : first;
      if (!pauses) {
        ++it;
        continue;
      }
      xas_pause(xas);
      index = at + (end_of(it) - it->first);
      if (index > max) return;
      it = covering(map_, index) != map_.end() ? covering(map_, index) : map_.upper_bound(index);
    }
  }
  void walk_marked(std::uint64_t index, xa_mark_t mark, bool pauses) {
    xa_state xas(array_, index);
    const auto marked = [mark](Map::const_iterator it) { return (it->second.marks & mark) != 0; };
    auto it = covering(map_, index);
    if (it == map_.end() || !marked(it)) it = map_.upper_bound(index);
    for (;;) {
      while (it != map_.end() && !marked(it)) ++it;
      const entry_t entry = xas_find_marked(xas, pages_ - 1, mark);
      expect(entry == (it == map_.end() ? 0 : it->second.entry), "xas_find_marked", told_);
      if (entry == 0) return;
      // The index goes back to the entry's, but for the pages of its first slot at order 9.
      expect(xas.xa_index == it->first || (pages_ != 8 && xas.xa_index - it->first < 64), "xas_find_marked", told_);
      if (pauses) xas_pause(xas);
      if (pauses && xas.xa_index >= pages_) return;
      if (pauses && xas.xa_index > end_of(it)) {  // as of a pause in the middle of an entry
        it = covering(map_, xas.xa_index);
        if (it == map_.end() || !marked(it)) it = map_.upper_bound(xas.xa_index);
      } else {
        ++it;
      }
    }
  }
  void conflict(std::uint64_t index, unsigned order) {
    auto it = covering(map_, index);
    if (it == map_.end()) it = map_.upper_bound(index);
    if (it != map_.end() && it->first >= index + (std::uint64_t{1} << order)) it = map_.end();
    xa_state xas(array_, index, order);
    expect(xas_find_conflict(xas) == (it == map_.end() ? 0 : it->second.entry), "xas_find_conflict", told_);
  }
  void set_mark(std::uint64_t index, xa_mark_t mark, bool set) {
    const auto here = covering(map_, index);
    xa_state xas(array_, index);
    if (xas_load(xas) == 0) return;
    expect(here != map_.end(), "xas_load", told_);
    unsigned& marks = map_[here->first].marks;
    expect(xas_get_mark(xas, mark) == ((marks & mark) != 0), "xas_get_mark", told_);
    marks = set ? marks | mark : marks & ~unsigned{mark};
    if (set) xas_set_mark(xas, mark);
    else xas_clear_mark(xas, mark);
  }
  void check() {
    Map slots;
    for (std::uint64_t i = 0; i < array_.slots.size(); i++) {
      const xarray::Slot& slot = array_.slots[i];
      if (slot.entry != 0) slots[i] = {slot.order, slot.entry, slot.marks};
    }
    expect(slots == map_, "slots", told_);
    expect(array_.empty() == map_.empty(), "mapping_empty", told_);
    for (auto& [index, slot] : slots) slot.marks = 0;
    expect(slots == machine_.watch.map, "entry_stored", told_);
    std::vector<std::uint64_t> indices(pages_);
    std::uint64_t start = 0;
    indices.resize(xa_present(array_, start, UINT64_MAX, indices));
    expect(std::ranges::equal(indices, map_, {}, {}, [](const auto& pair) { return pair.first; }), "xa_present", told_);
  }

  std::uint64_t pages_;
  unsigned large_;
  std::string told_;  // what was called so far
  kernel::testing::Machine<Told> machine_{protocol_value(trace::ProtocolId::upstream), trace::Geometry{}};
  Map map_;
  xarray array_;
};

constexpr std::size_t kCallsMax = 200;

std::optional<fuzz::Environment> g_environment;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto from_zero = [](std::uint8_t byte) { return static_cast<std::uint8_t>((byte - '0') & 63); };
  const std::uint8_t world = size == 0 ? 0 : data[0] % 4;  // 'a' is 1
  Comparison comparison(world == 0 ? 1024 : 8, world == 0 ? 9 : world);
  fuzz::Outcome outcome;  // what the map held, after each call
  for (std::size_t i = 1; i + 3 <= size && i < 3 * kCallsMax; i += 3) {
    const auto known = kCalls.find(static_cast<char>(data[i]));
    const char what = known != std::string_view::npos ? kCalls[known] : kCalls[data[i] % kCalls.size()];
    comparison.call(what, from_zero(data[i + 1]), from_zero(data[i + 2]));
    if (g_environment->digests_fd) comparison.tell(outcome);
  }
  fuzz::tell_digest(*g_environment, data, size, outcome.digest(), "pass");
  return 0;
}
