// SPDX-License-Identifier: GPL-2.0-only
// Who holds how many references under which protocol: docs/protocols.md's table, seen from
// the count of a page. One row a situation, one column a protocol; the number is added to
// the count of a page that nobody uses. What is done at which count: reference_rules_test.cc.
#include <gtest/gtest.h>

#include <array>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Machine;
using testing::Recorder;
using trace::ProtocolId;

constexpr std::size_t kProtocols = 7;
constexpr int kBias = 1024;
using Counts = std::array<int, kProtocols>;  // legacy v1 entry_ref upstream legacy60 upstream71 zap

struct Bench : Machine<Recorder> {
  explicit Bench(std::size_t protocol, const trace::Geometry& geometry)
      : Machine(protocol_value(static_cast<ProtocolId>(protocol)), geometry) {}
  // Counts of a page of the file, beyond that of a page that nobody uses.
  int held(std::uint64_t index) {
    folio* page = pfn_page(block_to_pfn(file(0).data_fork[index].block));
    return page_folio_peek(page)->_refcount.peek() - protocol().base_count;
  }
};

void allocated(Bench& m) { ASSERT_EQ(xfs_file_write(m.file(0), 0, pos_of(4), 1), 0); }
void mapped(Bench& m) {
  allocated(m);
  m.map(0, 0);
  ASSERT_EQ(m.load(0, 1), 1);
}
void mapped_twice(Bench& m) {
  mapped(m);
  m.map(0, 1);
  ASSERT_EQ(m.load(1, 1), 1);
}
void unmapped(Bench& m) {
  mapped(m);
  ASSERT_EQ(m.unmap(0), 0);
}
void got(Bench& m) {
  mapped(m);
  ASSERT_EQ(m.pin(0, 0, 1, false, true, false), 0);
}
void pinned(Bench& m) {
  mapped(m);
  ASSERT_EQ(m.pin(0, 0, 1, true, true, false), 0);
}
void pinned_then_unmapped(Bench& m) {
  pinned(m);
  ASSERT_EQ(m.unmap(0), 0);
}
void cleaned_and_invalidated(Bench& m) {
  unmapped(m);
  ASSERT_EQ(xfs_file_fsync(m.file(0), 0, UINT64_MAX), 0);
  (void)xfs_invalidate_range(m.file(0), 0, 4);
}

struct Row {
  const char* what;
  void (*prepare)(Bench&);
  bool pmd;
  Counts held;  // of a+1
};
const Row kTable[] = {
    {"allocated, never faulted", allocated, false, {0, 0, 0, 0, 0, 0, 0}},
    {"one entry, one PTE", mapped, false, {0, 1, 2, 1, 0, 1, 1}},
    {"one entry, two PTEs", mapped_twice, false, {0, 2, 3, 2, 0, 2, 1}},
    {"one entry, unmapped", unmapped, false, {0, 0, 1, 0, 0, 0, 1}},
    {"FOLL_GET", got, false, {1, 2, 3, 2, 1, 2, 2}},
    {"FOLL_PIN", pinned, false,
     {kBias, 1 + kBias, 2 + kBias, 1 + kBias, kBias, 1 + kBias, 1 + kBias}},
    {"FOLL_PIN outlives munmap(2)", pinned_then_unmapped, false,
     {kBias, kBias, 1 + kBias, kBias, kBias, kBias, 1 + kBias}},
    {"a PMD", mapped, true, {0, 1, 2, 1, 0, 1, 1}},
    {"a PMD, unmapped", unmapped, true, {0, 0, 1, 0, 0, 0, 1}},
    {"FOLL_GET within a PMD", got, true, {1, 2, 3, 2, 1, 2, 2}},
    // A large folio counts pins beside its references, one each.
    {"FOLL_PIN within a PMD", pinned, true, {kBias, 2, 3, 2, kBias, 2, 1 + kBias}},
    // 6.0, 6.1: read faults dirty, so invalidation refuses; fsync came first.
    {"invalidated", cleaned_and_invalidated, false, {0, 0, 0, 0, 0, 0, 1}},
};

TEST(ReferenceTable, EachSituationUnderEachProtocol) {
  ASSERT_EQ(trace::protocol_count(), kProtocols);
  for (const Row& row : kTable)
    for (std::size_t p = 0; p < kProtocols; p++) {
      SCOPED_TRACE(std::string(row.what) + " under " +
                   std::string(trace::name(static_cast<ProtocolId>(p))));
      Bench m(p, row.pmd ? trace::Geometry{} : testing::kNoPmd);
      row.prepare(m);
      EXPECT_EQ(dax_is_pmd_entry(m.entry(0, 1)), row.pmd);
      EXPECT_EQ(m.held(1), row.held[p]);
    }
}

// Where a PMD's pages are a folio, the tails have no count, and the pins are the head's.
TEST(ReferenceTable, TailsOfAFolioHaveNoCount) {
  for (const auto id : {ProtocolId::v1, ProtocolId::entry_ref, ProtocolId::upstream}) {
    Bench m(static_cast<std::size_t>(id), trace::Geometry{});
    pinned(m);
    EXPECT_TRUE(m.page(0).head.peek());
    EXPECT_EQ(m.page(0)._pincount.peek(), 1);
    EXPECT_EQ(m.page(0)._mapcount.peek(), 1);
    for (std::uint64_t tail = 1; tail < 4; tail++) {
      EXPECT_EQ(m.page(tail)._refcount.peek(), 0);
      EXPECT_EQ(page_folio_peek(&m.page(tail)), &m.page(0));
    }
    ASSERT_EQ(m.unpin(0), 0);
    EXPECT_EQ(m.page(0)._pincount.peek(), 0);
  }
}

// The bias is the geometry's.
TEST(ReferenceTable, APinOfASmallFolioIsTheBias) {
  for (const std::uint16_t bias : {std::uint16_t{4}, std::uint16_t{1024}}) {
    trace::Geometry geometry = testing::kNoPmd;
    geometry.bias = bias;
    Bench m(static_cast<std::size_t>(ProtocolId::upstream), geometry);
    pinned(m);
    EXPECT_EQ(m.held(1), 1 + bias);
  }
}

}  // namespace
}  // namespace daxfuzz::kernel
