// SPDX-License-Identifier: GPL-2.0-only
// What is done at which count under which protocol: docs/protocols.md's table, seen from the
// functions that ask: the busy scan, the sleep until a page is idle, the put that wakes or frees,
// who clears folio->mapping, how sharing files are counted, an insert that fails. One row a
// case, one column a protocol. Who holds how much: reference_table_test.cc.
#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using sched::Event;
using sched::EventKind;
using sched::Label;
using testing::Machine;
using testing::Recorder;
using trace::ProtocolId;

constexpr std::size_t kProtocols = 7;
// y or n a protocol, in the order of protocol.def: legacy v1 entry_ref upstream legacy60
// upstream71 zap. '-': its count cannot be that.
using Column = std::string_view;

// File a has four blocks and is mapped, and its page 1 has been read: there is an entry.
struct Bench : Machine<Recorder> {
  explicit Bench(std::size_t protocol)
      : Machine(protocol_value(static_cast<ProtocolId>(protocol)), testing::kNoPmd) {
    CHECK(xfs_file_write(file(0), 0, pos_of(4), 1) == 0);
    map(0, 0);
  }
  folio& of(std::uint64_t index) { return page(file(0).data_fork[index].block); }
  void read_and_unmap() {
    CHECK(load(0, 1) == 1);
    unmap_mapping_pages(file(0).i_mapping, 0, 0, false);
  }
  // The log of these tasks, the lowest first, and how it ended.
  sched::Outcome run(std::vector<std::function<void()>> bodies) {
    testing::InOrder choices;
    sched::EventLog log(true);
    sched::testing::Bodies tasks{std::move(bodies)};
    sched::Scheduler scheduler(choices, log, 10000);
    tasks.spawn(scheduler);
    const sched::Outcome outcome = scheduler.run();
    events = log.events();
    return outcome;
  }
  [[nodiscard]] bool entered(Label function) const {
    for (const Event& e : events)
      if (e.kind == EventKind::enter && e.what == function) return true;
    return false;
  }

  std::vector<Event> events;
};

// Each protocol in turn, with its letter of a column.
template <class Do>
void each(const char* what, Do&& act) {
  for (std::size_t p = 0; p < kProtocols; p++) {
    SCOPED_TRACE(std::string(what) + " under " +
                 std::string(trace::name(static_cast<ProtocolId>(p))));
    act(p);
  }
}
void expect(Column column, std::size_t protocol, bool is, const char* what) {
  ASSERT_EQ(column.size(), kProtocols);
  if (column[protocol] != '-') {
    EXPECT_EQ(column[protocol], is ? 'y' : 'n') << what;
  }
}

TEST(ReferenceRules, BaseCountOfAPageThatNobodyUses) {
  constexpr std::array<int, kProtocols> kBase{1, 0, 0, 0, 1, 0, 0};
  each("base count", [&](std::size_t p) {
    Bench m(p);
    EXPECT_EQ(m.of(1)._refcount.peek(), kBase[p]);
  });
}

// dax_busy_page(), by the scan that asks it, of an entry that is unmapped before. Where an
// entry's reference goes in the scan (zap), the count is without it.
struct BusyRow {
  const char* what;
  int ref, mapcount;
  Column busy;
};
const BusyRow kBusy[] = {
    {"no reference", 0, 0, "nnnnnnn"},
    {"one reference", 1, 0, "nynynyy"},
    {"one reference, of a mapping", 1, 1, "nynnnny"},
    {"two references", 2, 0, "yyyyyyy"},
    {"two references, one of a mapping", 2, 1, "yyyyyyy"},
    {"two references, of mappings", 2, 2, "yyynyny"},
};

TEST(ReferenceRules, WhatTheScanCallsBusy) {
  for (const BusyRow& row : kBusy)
    each(row.what, [&](std::size_t p) {
      Bench m(p);
      m.read_and_unmap();
      m.of(1)._refcount.init(row.ref + (static_cast<ProtocolId>(p) == ProtocolId::zap ? 1 : 0));
      m.of(1)._mapcount.init(row.mapcount);
      const folio* page = dax_layout_busy_page_range(m.file(0).i_mapping, 0, UINT64_MAX);
      EXPECT_TRUE(page == nullptr || page == &m.of(1));
      expect(row.busy, p, page != nullptr, "busy");
    });
}

// A breaker that sleeps is woken at this count: does it go on?
struct IdleRow {
  const char* what;
  int ref;
  Column idle;
};
const IdleRow kIdle[] = {
    {"no reference", 0, "nynynyy"},
    {"one reference", 1, "ynynynn"},
    {"two references", 2, "nnnnnnn"},
};

TEST(ReferenceRules, WhatTheBreakerCallsIdle) {
  for (const IdleRow& row : kIdle)
    each(row.what, [&](std::size_t p) {
      Bench m(p);
      m.read_and_unmap();
      m.of(1)._refcount.init(5);
      bool slept = false;
      const auto outcome = m.run(
          {[&] {
             (void)dax_break_layout(m.file(0), 0, UINT64_MAX,
                                    [](void*, const sched::WaitReason& why) { sched::schedule(why); },
                                    nullptr);
           },
           [&] {
             slept = true;
             m.of(1)._refcount.init(row.ref);
             wake_up_var(&m.of(1));
           }});
      EXPECT_TRUE(slept);
      expect(row.idle, p, outcome == sched::Outcome::finished, "idle");
    });
}

// A put from one count to another, of a page that an entry tracks.
struct PutRow {
  const char* what;
  int from, to;
  Column wakes, frees, clears;  // clears: folio->mapping
};
const PutRow kPuts[] = {
    {"3 to 2", 3, 2, "nnnnnnn", "nnnnnnn", "nnnnnnn"},
    {"2 to 1", 2, 1, "ynynynn", "nnnnnnn", "nnnnnnn"},
    {"1 to 0", 1, 0, "-yny-yy", "-yyy-yy", "-ynn-ny"},
    // Two of one batch: a wake-up on exactly one is missed.
    {"3 to 1 at once", 3, 1, "ynynynn", "nnnnnnn", "nnnnnnn"},
    {"2 to 0 at once", 2, 0, "-yny-yy", "-yyy-yy", "-ynn-ny"},
};

TEST(ReferenceRules, WhichPutWakesFreesAndClears) {
  for (const PutRow& row : kPuts)
    each(row.what, [&](std::size_t p) {
      Bench m(p);
      m.read_and_unmap();
      const std::uint64_t word = mapping_word(&m.file(0).i_mapping);
      m.of(1)._refcount.init(row.from);
      m.of(1).mapping.init(word);
      EXPECT_EQ(m.run({[&] { folio_put_refs(&m.of(1), row.from - row.to); }}),
                sched::Outcome::finished);
      EXPECT_EQ(m.of(1)._refcount.peek(), row.to);
      expect(row.wakes, p, m.entered("wake_up_var"), "wakes");
      expect(row.frees, p, m.entered("free_zone_device_folio"), "comes to the free path");
      EXPECT_TRUE(m.of(1).mapping.peek() == word || m.of(1).mapping.peek() == 0);
      expect(row.clears, p, m.of(1).mapping.peek() == 0, "clears");
    });
}

// Who takes folio->mapping away from a page that one entry tracks.
struct ClearRow {
  const char* what;
  void (*act)(Bench&);
  Column mapped;   // is there before
  Column cleared;  // is gone after
};
const ClearRow kClears[] = {
    {"the last unmap", [](Bench& m) { unmap_mapping_pages(m.file(0).i_mapping, 0, 0, false); },
     "yyyyyyy", "nynnnnn"},
    {"a scan that finds it idle",
     [](Bench& m) {
       unmap_mapping_pages(m.file(0).i_mapping, 0, 0, false);
       m.of(1).mapping.init(mapping_word(&m.file(0).i_mapping));
       EXPECT_EQ(dax_layout_busy_page_range(m.file(0).i_mapping, 0, UINT64_MAX), nullptr);
     },
     "yyyyyyy", "nnnnnny"},
    {"the deletion of its entry, while somebody has a reference",
     [](Bench& m) {
       folio_get(&m.of(1));
       unmap_mapping_pages(m.file(0).i_mapping, 0, 0, false);
       (void)dax_delete_mapping_entry(m.file(0).i_mapping, 1);
     },
     "yyyyyyy", "ynyyyyy"},
};

TEST(ReferenceRules, WhoClearsTheMapping) {
  for (const ClearRow& row : kClears)
    each(row.what, [&](std::size_t p) {
      Bench m(p);
      ASSERT_EQ(m.load(0, 1), 1);
      expect(row.mapped, p, m.of(1).mapping.peek() != 0, "has a mapping");
      row.act(m);
      expect(row.cleared, p, m.of(1).mapping.peek() == 0, "cleared");
    });
}

// What a page's mapping and share or index say when one file has it, when two have it, when one
// has left, and when both have. Both associate it as shared, as write faults of all kernels do.
constexpr std::uint64_t kOwn = ~std::uint64_t{0};  // the file's mapping; the page's index there
struct Said {
  std::uint64_t mapping, share;
};
struct ShareRow {
  ProtocolId protocol;
  std::array<Said, 4> said;
};
const ShareRow kShares[] = {
    {ProtocolId::legacy, {{{0x1, 1}, {0x1, 2}, {0x1, 1}, {0, 0}}}},
    {ProtocolId::v1, {{{0, 0}, {0, 0}, {0, 0}, {0, 0}}}},
    {ProtocolId::entry_ref, {{{0x4, 1}, {0x4, 2}, {0x4, 1}, {0, 0}}}},
    // The first one has it as its own.
    {ProtocolId::upstream, {{{kOwn, kOwn}, {0, 2}, {0, 1}, {0, 0}}}},
    // The count before it went down is asked, so the page stays shared by nobody.
    {ProtocolId::legacy60, {{{0x1, 1}, {0x1, 2}, {0x1, 1}, {0x1, 0}}}},
    {ProtocolId::upstream71, {{{kOwn, kOwn}, {0, 2}, {0, 1}, {0, 0}}}},
    {ProtocolId::zap, {{{0x1, 1}, {0x1, 2}, {0x1, 1}, {0x1, 0}}}},
};

TEST(ReferenceRules, HowSharingFilesAreCounted) {
  ASSERT_EQ(std::size(kShares), kProtocols);
  for (const ShareRow& row : kShares) {
    SCOPED_TRACE(trace::name(row.protocol));
    Bench m(static_cast<std::size_t>(row.protocol));
    address_space &a = m.file(0).i_mapping, &b = m.file(1).i_mapping;
    const entry_t entry = dax_make_entry(block_to_pfn(m.file(0).data_fork[1].block), 0);
    void (*const steps[])(entry_t, address_space&, address_space&) = {
        [](entry_t e, address_space& one, address_space&) { dax_associate_entry(e, one, 1, true); },
        [](entry_t e, address_space&, address_space& two) { dax_associate_entry(e, two, 3, true); },
        [](entry_t e, address_space& one, address_space&) { dax_disassociate_entry(e, one, false); },
        [](entry_t e, address_space&, address_space& two) { dax_disassociate_entry(e, two, false); },
    };
    for (std::size_t i = 0; i < std::size(steps); i++) {
      SCOPED_TRACE("step " + std::to_string(i));
      steps[i](entry, a, b);
      const Said& said = row.said[i];
      EXPECT_EQ(m.of(1).mapping.peek(), said.mapping == kOwn ? mapping_word(&a) : said.mapping);
      EXPECT_EQ(m.of(1).index.peek(), said.share == kOwn ? 1 : said.share);
    }
    EXPECT_EQ(m.watch.facts, std::vector<std::string>{});
  }
}

// The page table of the first fault of a page cannot be had.
struct FailRow {
  const char* what;
  Column is;
  bool (*seen)(Bench&);
};
const FailRow kFails[] = {
    {"its entry stays", "yynyyyy", [](Bench& m) { return m.entry(0, 1) != 0; }},
    {"and is locked no more", "yyyyyyy", [](Bench& m) { return !dax_is_locked(m.entry(0, 1)); }},
    {"the page keeps its mapping", "ynnyyyy", [](Bench& m) { return m.of(1).mapping.peek() != 0; }},
    {"it comes to the free path", "nyyynyn",
     [](Bench& m) { return m.entered("free_zone_device_folio"); }},
    {"a breaker is woken", "nynynyn", [](Bench& m) { return m.entered("wake_up_var"); }},
    {"a reference is left beside the base", "nnnnnny",
     [](Bench& m) { return m.of(1)._refcount.peek() != protocol().base_count; }},
};

TEST(ReferenceRules, WhatAFailedInsertLeaves) {
  for (const FailRow& row : kFails)
    each(row.what, [&](std::size_t p) {
      Bench m(p);
      vm_fault_t ret = 0;
      EXPECT_EQ(m.run({[&] {
                  vm_area_struct& vma = m.world.vmas[0];
                  vm_fault vmf{.vma = &vma, .address = vma.start() + 1, .pgoff = 1, .write = false};
                  std::uint64_t pfn = 0;
                  m.world.fail_from[0] = 2;  // the first one is the entry's node
                  ret = dax_iomap_fault(vmf, 0, &pfn);
                }}),
                sched::Outcome::finished);
      EXPECT_EQ(ret, VM_FAULT_OOM);
      EXPECT_TRUE(m.entered("vmf_insert_page_mkwrite") || m.entered("insert_pfn"));
      expect(row.is, p, row.seen(m), row.what);
    });
}

}  // namespace
}  // namespace daxfuzz::kernel
