// SPDX-License-Identifier: GPL-2.0-only
// The XArray as fs/dax.c uses it beside a map from first indices to entries: each call with a cursor of its own.
// What a cursor does from call to call is in model/xarray_properties_test.cc. Read first: stateful.h.
#include "model/xarray.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "model/testing.h"
#include "properties/calls.h"

namespace daxfuzz::properties {
namespace {

using kernel::entry_t;
using kernel::xa_state;
using kernel::testing::Machine;
using kernel::testing::Recorder;

constexpr std::uint8_t kPages = kFilePages;

enum ArrayCall : std::uint8_t { kStore, kErase, kLoad, kFind, kFindMarked, kConflict, kSet, kClear };
const std::vector<CallKind> kArrayCalls = {
    {"store", kPages, 2, 60},  // index, of a PMD's order, value
    {"erase", kPages},
    {"load", kPages},
    {"find", kPages, kPages},            // from, up to
    {"find_marked", kPages, kPages, 2},  // and which mark
    {"conflict", kPages},                // the PMD of the index
    {"set", kPages, 2},
    {"clear", kPages, 2},
};

kernel::xa_mark_t mark_of(std::uint8_t number) {
  return number == 0 ? kernel::PAGECACHE_TAG_DIRTY : kernel::PAGECACHE_TAG_TOWRITE;
}

struct Present {
  unsigned order = 0;
  entry_t entry = 0;
  unsigned marks = 0;
  [[nodiscard]] std::uint64_t pages() const { return std::uint64_t{1} << order; }
};

class Ranges final : public Copied<Ranges> {
 public:
  std::map<std::uint64_t, Present> entries;  // by first index
  entry_t returned = 0;                      // by the last call
  std::uint64_t index = 0;                   // its cursor's, if it returned an entry

  [[nodiscard]] std::uint64_t covering(std::uint64_t at) const {
    auto next = entries.upper_bound(at);
    if (next == entries.begin()) return kPages;
    --next;
    return at < next->first + next->second.pages() ? next->first : kPages;
  }

  void apply(const Call& call) override {
    const std::uint64_t at = covering(call.a);
    const bool there = at != kPages;
    index = call.a;
    returned = there ? entries.at(at).entry : 0;
    switch (call.kind) {
      case kStore: store(call); break;
      case kErase: entries.erase(at); break;
      case kFind: find(call, 0); break;
      case kFindMarked: find(call, mark_of(call.c)); break;
      case kConflict: conflict(call.a); break;
      case kSet:
        if (there) entries.at(at).marks |= mark_of(call.b);
        break;
      case kClear:
        if (there) entries.at(at).marks &= ~unsigned{mark_of(call.b)};
        break;
      default: break;
    }
  }

 private:
  // A larger entry takes the value, as it is; smaller ones give way and leave their marks.
  void store(const Call& call) {
    const unsigned order = call.b != 0 ? kPmdOrder : 0;
    index = std::uint64_t{call.a} >> order << order;
    const entry_t entry = kernel::xa_mk_value(call.c);
    const std::uint64_t at = covering(index);
    returned = at != kPages ? entries.at(at).entry : 0;
    if (at != kPages && entries.at(at).order >= order) {
      entries.at(at).entry = entry;
      return;
    }
    Present now{.order = order, .entry = entry};
    for (std::uint64_t i = index; i < index + now.pages(); i++) {
      if (!entries.contains(i)) continue;
      now.marks |= entries.at(i).marks;
      entries.erase(i);
    }
    entries[index] = now;
  }
  // The entry that covers where it begins, else the next; one that is found by its mark has its first index.
  void find(const Call& call, unsigned marks) {
    returned = 0;
    if (call.a > call.b) return;
    for (std::uint64_t i = call.a; i <= call.b; i++) {
      const std::uint64_t at = covering(i);
      if (at == kPages || (entries.at(at).marks & marks) != marks) continue;
      returned = entries.at(at).entry;
      index = marks != 0 ? at : i;
      return;
    }
  }
  void conflict(std::uint64_t page) {
    index = page >> kPmdOrder << kPmdOrder;
    returned = 0;
    for (std::uint64_t i = index; i < index + (1u << kPmdOrder) && returned == 0; i++)
      if (const std::uint64_t at = covering(i); at != kPages) returned = entries.at(at).entry;
  }
};

class ArrayPart final : public Part {
 public:
  ArrayPart() : machine_(kernel::protocol_value(trace::ProtocolId::upstream), trace::Geometry{}) {}

  std::string run(const Call& call, const PureModel<Call>&, const PureModel<Call>& after) override {
    const auto& ranges = dynamic_cast<const Ranges&>(after);
    const bool large = call.kind == kConflict || (call.kind == kStore && call.b != 0);
    xa_state xas(array(), call.a, large ? kPmdOrder : 0);
    kernel::xas_lock_irq(xas);
    const entry_t found = made(call, xas);
    kernel::xas_unlock_irq(xas);
    std::string why = differs("what it returned", found, ranges.returned);
    if (why.empty() && found != 0) why = differs("the cursor's index", xas.xa_index, ranges.index);
    for (std::uint64_t i = 0; i < kPages && why.empty(); i++) why = looked_at(i, ranges);
    return why.empty() && array().empty() != ranges.entries.empty() ? "it takes itself for empty, or not" : why;
  }

 private:
  kernel::xarray& array() { return machine_.file(0).i_mapping.i_pages; }

  static entry_t made(const Call& call, xa_state& xas) {
    switch (call.kind) {
      case kStore: return kernel::xas_store(xas, kernel::xa_mk_value(call.c));
      case kErase: return kernel::xas_store(xas, 0);
      case kFind: return kernel::xas_find(xas, call.b);
      case kFindMarked: return kernel::xas_find_marked(xas, call.b, mark_of(call.c));
      case kConflict: return kernel::xas_find_conflict(xas);
      default: break;
    }
    const entry_t entry = kernel::xas_load(xas);
    if (call.kind == kSet && entry != 0) kernel::xas_set_mark(xas, mark_of(call.b));
    if (call.kind == kClear) kernel::xas_clear_mark(xas, mark_of(call.b));
    return entry;
  }

  std::string looked_at(std::uint64_t page, const Ranges& ranges) {
    const std::uint64_t at = ranges.covering(page);
    const Present expected = at != kPages ? ranges.entries.at(at) : Present{};
    const kernel::xarray::Slot& slot = array().slot(page);
    const std::string of = " of index " + std::to_string(page);
    std::string why = differs<std::uint64_t>("the entry" + of, slot.entry, expected.entry);
    if (why.empty()) why = differs<unsigned>("the order" + of, slot.order, expected.order);
    return why.empty() ? differs<unsigned>("the marks" + of, slot.marks, expected.marks) : why;
  }

  Machine<Recorder> machine_;
};

PROPERTY(XArray, IsAMapOfRanges, "stores, marks and walks do to the array what they do to a map of ranges",
         "lib/xarray.c: xas_store(), xas_find(), xas_find_marked(), xas_find_conflict(), xas_set_mark()") {
  expect_follows(trial,
                 CallSuite{.kinds = kArrayCalls,
                           .model = [] { return std::make_unique<Ranges>(); },
                           .part = [] { return std::make_unique<ArrayPart>(); }},
                 50);
}

}  // namespace
}  // namespace daxfuzz::properties
