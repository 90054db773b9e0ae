// SPDX-License-Identifier: GPL-2.0-only
// Wrong counts: a reference that nobody accounts for, one too few, and the zero
// page's. See cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

using kernel::Function;
using trace::ProtocolId;

void leak(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  Function function("dax_insert_entry");
  kernel::folio_get(&b.page(0));
  if (!broken) kernel::folio_put(&b.page(0));
  b.judge().quiescent();
}

// A put without a get, and for the right machine a get before it.
void underflow(Bench& b, bool broken) {
  Function function("tlb_finish_mmu");
  if (!broken) kernel::folio_get(&b.page(3));
  kernel::folio_put(&b.page(3));
}

void load_of_hole(Bench& b, bool /*broken*/) {
  b.map(0, 0);
  (void)b.load(0, 0);
  b.judge().quiescent();
}

// A PMD of a+0..3, pinned once; the broken machine forgets the pin or the mapping.
void pinned_pmd(Bench& b) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)b.pin(0, 0, 1, true, true);
  EXPECT_TRUE(b.page(0).head.peek());
}

void forget_pincount(Bench& b, bool broken) {
  pinned_pmd(b);
  if (broken) b.page(0)._pincount.init(0);
  b.judge().quiescent();
}

void forget_mapcount(Bench& b, bool broken) {
  pinned_pmd(b);
  if (broken) b.page(0)._mapcount.init(0);
  b.judge().quiescent();
}

// A hole's page that could be stored to.
void let_zero_page_be_written(Bench& b, bool broken) {
  b.map(0, 0);
  Function function("dax_load_hole");
  b.judge().pte_set({.mm = 0, .address = 0, .where = {0, 0}}, b.world.zero_page.pfn, broken, 1);
}

const Case kCases[] = {
    {"pincount-mismatch", "gup_fast_pte_range", ProtocolId::upstream, {}, forget_pincount, kWithPmd},
    {"mapcount-mismatch", "gup_fast_pte_range", ProtocolId::upstream, {}, forget_mapcount, kWithPmd},
    {"refcount-mismatch", "dax_insert_entry", ProtocolId::upstream, {}, leak},
    {"refcount-underflow", "tlb_finish_mmu", ProtocolId::legacy, {}, underflow},
    {"zero-page-counted",
     "dax_load_hole",
     ProtocolId::upstream,
     {{trace::SwitchId::zero_page_counted, 1}},
     load_of_hole},
    {"zero-page-writable", "dax_load_hole", ProtocolId::upstream, {}, let_zero_page_be_written},
};

}  // namespace

std::span<const Case> reference_cases() { return kCases; }

}  // namespace daxfuzz::oracle
