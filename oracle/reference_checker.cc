// SPDX-License-Identifier: GPL-2.0-only
// Reference accounting. Between operations a folio has exactly:
//   base count + entries, where the protocol lets them hold one, until they are zapped
//              + PTEs and PMDs, where the protocol lets them hold one
//              + 1 for each FOLL_GET, and for each FOLL_PIN the bias, or 1 of a large folio,
//                whose pincount says how many
// and a tail page has none. During operations others may hold transient references, so
// only underflow is wrong at any time.
#include "oracle/judge.h"
#include "oracle/modes.h"

namespace daxfuzz::oracle {
namespace {

int expected_count(const kernel::World& machine, const PageRecord& held, int holding) {
  const kernel::Protocol& protocol = machine.protocol;
  return protocol.base_count + (protocol.entry_holds_ref ? holding : 0) +
         (protocol.mapping_holds_ref ? held.mapped : 0) + held.gets + held.large_pins +
         machine.geometry.bias * held.pins;
}

std::string counts(const PageRecord& held, int expected, int found) {
  return "count " + std::to_string(found) + ", expected " + std::to_string(expected) +
         " (entries " + std::to_string(held.tracked) + ", mapped " + std::to_string(held.mapped) +
         ", gets " + std::to_string(held.gets) + ", pins " +
         std::to_string(held.pins + held.large_pins) + ")";
}

// GUP references the zero pages like any other; nobody else may.
bool runs_gup(const Judge& judge) {
  const sched::Label function = judge.machine().function_of(sched::Scheduler::current_task());
  return function == sched::Label("gup_fast_pte_range") ||
         function == sched::Label("__get_user_pages") ||
         function == sched::Label("unpin_user_page");
}

// held: the sums of all of the folio.
void check_counts(Judge& judge, const kernel::folio& folio, const PageRecord& held, const char* counted_in) {
  const auto pfn = static_cast<std::int64_t>(folio.pfn);
  const int found = folio._refcount.peek();
  // Where the pages of a PMD are no folio, its entry holds one reference of each.
  const bool of_each = !judge.machine().protocol.pmd_folio;
  const int holding = of_each ? judge.ledger().holding_entries_of(folio.pfn) : held.holding;
  const int expected = expected_count(judge.machine(), held, holding);
  if (found != expected)
    judge.report("refcount-mismatch", pfn, counts(held, expected, found), counted_in);
  if (folio.head.peek() && folio._pincount.peek() != held.large_pins)
    judge.report("pincount-mismatch", pfn,
                 "pincount " + std::to_string(folio._pincount.peek()) + ", pins " +
                     std::to_string(held.large_pins),
                 counted_in);
  const int mappings = folio._mapcount.peek();
  if (modes::mappings_hold(judge.machine().protocol) && mappings != held.mapped)
    judge.report("mapcount-mismatch", pfn,
                 "mapcount " + std::to_string(mappings) + ", mapped " + std::to_string(held.mapped),
                 counted_in);
}

void check_folio(Judge& judge, const kernel::folio& folio) {
  const PageRecord& own = judge.ledger().page(folio.pfn);
  const char* counted_in = own.counted_in.text();
  if (folio.compound_head.peek() != 0) {
    const int found = folio._refcount.peek();
    if (found != 0)
      judge.report("refcount-mismatch", static_cast<std::int64_t>(folio.pfn),
                   "a tail page has count " + std::to_string(found), counted_in);
    return;
  }
  const unsigned order = kernel::folio_order_peek(&folio);
  if (order == 0) return check_counts(judge, folio, own, counted_in);
  check_counts(judge, folio, judge.ledger().folio(folio.pfn, order), counted_in);
}

// One for being reserved, one for each reference of GUP: FOLL_PIN skips the small one.
void check_zero_page(Judge& judge, const kernel::folio& zero) {
  const PageRecord& held = judge.ledger().page(zero.pfn);
  const int expected = 1 + held.gets + held.large_pins;
  const int found = zero._refcount.peek();
  if (found != expected)
    judge.report("zero-page-counted", static_cast<std::int64_t>(zero.pfn),
                 counts(held, expected, found), held.counted_in.text());
}

// A page of ordinary memory: a private copy that nobody maps or pins is free.
void check_memory(Judge& judge, const kernel::folio& page) {
  const PageRecord& held = judge.ledger().page(page.pfn);
  const int expected = held.mapped + held.gets + judge.machine().geometry.bias * held.pins;
  if (page._refcount.peek() != expected)
    judge.report("refcount-mismatch", static_cast<std::int64_t>(page.pfn),
                 counts(held, expected, page._refcount.peek()), held.counted_in.text());
}

}  // namespace

void check_reference(Judge& judge, std::uint64_t pfn) {
  if (kernel::is_zero_pfn(pfn) || kernel::is_huge_zero_pfn(pfn)) {
    if (!runs_gup(judge))
      judge.report("zero-page-counted", static_cast<std::int64_t>(pfn),
                   "its count changed outside of GUP");
    return;
  }
  const int found = kernel::pfn_page(pfn)->_refcount.peek();
  const int least = kernel::pfn_is_anon(pfn) ? 0 : judge.machine().protocol.base_count;
  if (found < least)
    judge.report("refcount-underflow", static_cast<std::int64_t>(pfn),
                 "count " + std::to_string(found) + ", at least " + std::to_string(least));
}

void check_zero_page_mapped(Judge& judge, const PteRecord& pte) {
  if (!pte.write || !(kernel::is_zero_pfn(pte.pfn) || kernel::is_huge_zero_pfn(pte.pfn))) return;
  judge.report("zero-page-writable", static_cast<std::int64_t>(pte.pfn), name(pte.where) + " may be written");
}

void check_reference_quiescent(Judge& judge) {
  for (const kernel::folio& page : judge.machine().pages) check_folio(judge, page);
  check_zero_page(judge, judge.machine().zero_page);
  check_zero_page(judge, judge.machine().huge_zero_folio);
  for (const kernel::folio& page : judge.machine().anon_pages) check_memory(judge, page);
}

}  // namespace daxfuzz::oracle
