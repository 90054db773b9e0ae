// SPDX-License-Identifier: GPL-2.0-only
// The table of entries beside a map from indices to states: what grab_mapping_entry() makes of what it
// finds, what is taken away, and the marks. One file, calls of fs/dax.c, no faults.
#include <algorithm>
#include <array>
#include <utility>

#include "model/dax.h"
#include "model/testing.h"
#include "properties/branches.h"
#include "properties/calls.h"

namespace daxfuzz::properties {
namespace {

using kernel::testing::Machine;
using kernel::testing::Recorder;
using trace::ProtocolId;

constexpr std::uint8_t kPages = kFilePages;
constexpr std::uint8_t kPmd = 1u << kPmdOrder;

enum class Kind : std::uint8_t { none, empty, zero, real };
constexpr std::int64_t kNotGrabbed = -1;  // returned locked, or left unlocked
struct Cell {
  Kind kind = Kind::none;
  std::uint8_t first = 0, pages = 1;
  bool dirty = false;
  bool operator==(const Cell&) const = default;
};

enum EntryCall : std::uint8_t { kPut, kGrab, kDelete, kInvalidate, kMark, kClean };
const std::vector<CallKind> kEntryCalls = {
    {"put", 3, 2, kPages},      // kind, order, page: where nothing is
    {"grab", 2, kPages},        // order, page; unlocked again
    {"delete", kPages},         // where something is
    {"invalidate", kPages}, {"mark", kPages}, {"clean", kPages, kPages},
};

class EntryTable final : public Copied<EntryTable, BranchModel> {
 public:
  std::array<Cell, kPages> cells;

  std::int64_t returned() const override { return returned_; }
  bool same(const BranchModel& other) const override {
    return cells == dynamic_cast<const EntryTable&>(other).cells;
  }

  bool allows(const Call& call) const override {
    switch (call.kind) {
      case kPut: return std::ranges::all_of(range(call.b, call.c), [](Kind k) { return k == Kind::none; });
      case kDelete: return cells[call.a].kind != Kind::none;
      case kMark: return cells[call.a].kind == Kind::real;
      case kClean: return call.a <= call.b;
      default: return true;
    }
  }

  void apply(const Call& call) override {
    returned_ = 0;
    switch (call.kind) {
      case kPut: put(static_cast<Kind>(call.a + 1), call.b, call.c); break;
      case kGrab: grab(call.a, call.b); break;
      case kDelete:
        take(call.a);
        returned_ = 1;
        break;
      case kInvalidate:
        returned_ = cells[call.a].kind != Kind::none && !cells[call.a].dirty ? 1 : 0;
        if (returned_ != 0) take(call.a);
        break;
      case kMark: mark(call.a, true); break;
      case kClean:
        for (std::uint8_t page = call.a; page <= call.b; page++) mark(page, false);
        break;
      default: break;
    }
  }

  static std::uint8_t begin(std::uint8_t large, std::uint8_t page) {
    return static_cast<std::uint8_t>(large != 0 ? page / kPmd * kPmd : page);
  }

 private:
  std::vector<Kind> range(std::uint8_t large, std::uint8_t page) const {
    std::vector<Kind> kinds;
    for (int i = 0; i < (large != 0 ? kPmd : 1); i++)
      kinds.push_back(cells[static_cast<std::size_t>(begin(large, page) + i)].kind);
    return kinds;
  }
  void put(Kind kind, std::uint8_t large, std::uint8_t page) {
    const Cell cell{kind, begin(large, page), static_cast<std::uint8_t>(large != 0 ? kPmd : 1), false};
    for (int i = 0; i < cell.pages; i++) cells[static_cast<std::size_t>(cell.first + i)] = cell;
  }
  void take(std::uint8_t page) {
    const Cell was = cells[page];
    for (int i = 0; i < was.pages; i++) cells[static_cast<std::size_t>(was.first + i)] = {};
  }
  void mark(std::uint8_t page, bool dirty) {
    const Cell at = cells[page];
    for (int i = 0; i < at.pages && at.kind != Kind::none; i++)
      cells[static_cast<std::size_t>(at.first + i)].dirty = dirty;
  }
  // A PTE always wins over a PMD that names no block; a PMD request never over a PTE.
  void grab(std::uint8_t large, std::uint8_t page) {
    if (large == 0) {
      const Cell at = cells[page];
      if (at.pages > 1 && at.kind != Kind::real) take(page);
      if (cells[page].kind == Kind::none) put(Kind::empty, 0, page);
      returned_ = std::to_underlying(cells[page].kind);
      return;
    }
    const std::uint8_t at = begin(1, page);
    for (int i = 0; i < kPmd; i++) {
      const Cell& cell = cells[static_cast<std::size_t>(at + i)];
      if (cell.kind == Kind::none) continue;
      returned_ = std::to_underlying(cell.pages > 1 ? cell.kind : Kind::none);  // none: FALLBACK
      return;
    }
    put(Kind::empty, 1, page);
    returned_ = std::to_underlying(Kind::empty);
  }

  std::int64_t returned_ = 0;
};

class EntryPart final : public Part, public SharedPart {
 public:
  explicit EntryPart(ProtocolId protocol)
      : machine_(kernel::protocol_value(protocol), trace::Geometry{.blocks = 8}) {}

  std::string run(const Call& one, const PureModel<Call>&, const PureModel<Call>& after) override {
    const auto& table = dynamic_cast<const EntryTable&>(after);
    const std::string why = differs(kEntryCalls[one.kind].name, call(one), table.returned());
    return why.empty() ? differs_from(table) : why;
  }

  std::string differs_from(const BranchModel& model) override {
    const auto& table = dynamic_cast<const EntryTable&>(model);
    std::string why;
    for (std::uint8_t page = 0; page < kPages && why.empty(); page++) why = looked_at(page, table.cells[page]);
    std::uint64_t covered = 0;
    for (const Cell& cell : table.cells) covered += cell.kind != Kind::none ? 1 : 0;
    if (why.empty()) why = differs("nrpages", mapping().nrpages, covered);
    if (why.empty() && !machine_.watch.facts.empty()) why = machine_.watch.facts.front();
    return why;
  }

  std::int64_t call(const Call& call) override {
    switch (call.kind) {
      case kPut: put(static_cast<Kind>(call.a + 1), call.b, call.c); return 0;
      case kGrab: return grab(call.a, call.b);
      case kDelete: return kernel::dax_delete_mapping_entry(mapping(), call.a);
      case kInvalidate: return kernel::dax_invalidate_mapping_entry_sync(mapping(), call.a);
      case kMark: {
        kernel::xa_state xas(mapping().i_pages, call.a);
        (void)kernel::xas_load(xas);
        kernel::xas_set_mark(xas, kernel::PAGECACHE_TAG_DIRTY);
        return 0;
      }
      default: kernel::dax_clear_dirty_range(mapping(), call.a, call.b); return 0;
    }
  }

 private:
  kernel::address_space& mapping() { return machine_.file(0).i_mapping; }

  // The block of a page has its number, so that a PMD's are aligned.
  void put(Kind kind, std::uint8_t large, std::uint8_t page) {
    const std::uint8_t at = EntryTable::begin(large, page);
    std::uint64_t flags = large != 0 ? kernel::DAX_PMD : 0;
    std::uint64_t pfn = 0;
    if (kind == Kind::empty) flags |= kernel::DAX_EMPTY;
    if (kind == Kind::zero) flags |= kernel::DAX_ZERO_PAGE, pfn = large != 0 ? kernel::kHugeZeroPfn : kernel::kZeroPfn;
    if (kind == Kind::real) pfn = kernel::block_to_pfn(at);
    const kernel::entry_t entry = kernel::dax_make_entry(pfn, flags);
    kernel::dax_associate_entry(entry, mapping(), at, false);
    kernel::xa_state xas(mapping().i_pages, at, large != 0 ? kPmdOrder : 0);
    (void)kernel::xas_store(xas, entry);
    mapping().nrpages += large != 0 ? kPmd : 1;
  }

  // The kind of the entry; none if it fell back; what no entry is if it is not as it is to be.
  std::int64_t grab(std::uint8_t large, std::uint8_t page) {
    kernel::xa_state xas(mapping().i_pages, page, large != 0 ? kPmdOrder : 0);
    const kernel::entry_t entry = kernel::grab_mapping_entry(xas, mapping(), large != 0 ? kPmdOrder : 0);
    if (kernel::xa_is_internal(entry)) return std::to_underlying(Kind::none);
    if (kernel::dax_is_locked(entry) || !kernel::dax_is_locked(machine_.entry(0, page))) return kNotGrabbed;
    kernel::dax_unlock_entry(xas, entry);
    return std::to_underlying(kind_of(entry));
  }

  static Kind kind_of(kernel::entry_t entry) {
    if (entry == 0) return Kind::none;
    if (kernel::dax_is_empty_entry(entry)) return Kind::empty;
    return kernel::dax_is_zero_entry(entry) ? Kind::zero : Kind::real;
  }

  std::string looked_at(std::uint8_t page, const Cell& cell) {
    const kernel::entry_t entry = machine_.entry(0, page);
    const std::string where = "the slot of page " + std::to_string(page);
    if (kind_of(entry) != cell.kind) return where + " has another kind of entry";
    if (cell.kind == Kind::none) return "";
    if (kernel::dax_is_locked(entry)) return where + " is locked";
    if (kernel::dax_is_pmd_entry(entry) != (cell.pages > 1)) return where + " has another size";
    const bool dirty = (machine_.marks(0, page) & kernel::PAGECACHE_TAG_DIRTY) != 0;
    return dirty != cell.dirty ? where + (dirty ? " is dirty" : " is clean") : "";
  }

  Machine<Recorder> machine_;
};

void expect_table(Trial& trial, ProtocolId protocol) {
  expect_follows(trial,
                 CallSuite{.kinds = kEntryCalls,
                           .model = [] { return std::make_unique<EntryTable>(); },
                           .part = [protocol] { return std::make_unique<EntryPart>(protocol); }},
                 25);
}

// Two to four threads at once. Who deletes, marks or cleans holds locks of the file system, which nobody has here.
void expect_shared_table(Trial& trial, ProtocolId protocol) {
  expect_in_branches(trial,
                     {.kinds = kEntryCalls,
                      .side_by_side = {kGrab, kInvalidate},
                      .model = [] { return std::make_unique<EntryTable>(); },
                      .part = [protocol] { return std::make_unique<EntryPart>(protocol); }},
                     100);
}

PROPERTY(EntryTable, IsAMapToThreadsUpstream,
         "threads that grab, unlock and invalidate entries do what they do one after another, and none waits for ever",
         "fs/dax.c: get_next_unlocked_entry(), dax_lock_entry(), dax_unlock_entry(), dax_wake_entry()") {
  expect_shared_table(trial, ProtocolId::upstream);
}

PROPERTY(EntryTable, IsAMapToThreadsLegacy, "the same where pages of a PMD stay apart",
         "fs/dax.c, Linux 6.12: get_unlocked_entry(), dax_lock_entry(), dax_unlock_entry(), dax_wake_entry()") {
  expect_shared_table(trial, ProtocolId::legacy);
}

PROPERTY(EntryTable, IsAMapOfStatesUpstream,
         "grab, unlock, delete, invalidate and marks do to the slots what they do to a map of states",
         "fs/dax.c: grab_mapping_entry(), its comment on PTEs and PMDs; __dax_invalidate_entry()") {
  expect_table(trial, ProtocolId::upstream);
}

PROPERTY(EntryTable, IsAMapOfStatesLegacy, "the same where pages of a PMD stay apart",
         "fs/dax.c, Linux 6.12: grab_mapping_entry(), __dax_invalidate_entry()") {
  expect_table(trial, ProtocolId::legacy);
}

}  // namespace
}  // namespace daxfuzz::properties
