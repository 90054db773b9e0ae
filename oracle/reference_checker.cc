// SPDX-License-Identifier: GPL-2.0-only
// Reference accounting. Between operations a page has exactly:
//   base count + entries, where the protocol lets them hold one
//              + PTEs, where the protocol lets them hold one
//              + 1 for each FOLL_GET and 1024 for each FOLL_PIN (order 0)
// During operations others may hold transient references, so only underflow is
// wrong at any time.
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

int expected_count(const Ledger& ledger, const kernel::Protocol& protocol, std::uint64_t pfn) {
  const PageRecord& page = ledger.page(pfn);
  return protocol.base_count + (protocol.entry_holds_ref ? page.tracked : 0) +
         (protocol.mapping_holds_ref ? page.mapped : 0) + page.gets +
         kernel::GUP_PIN_COUNTING_BIAS * page.pins;
}

std::string counts(const Ledger& ledger, std::uint64_t pfn, int expected, int found) {
  const PageRecord& page = ledger.page(pfn);
  return "count " + std::to_string(found) + ", expected " + std::to_string(expected) +
         " (entries " + std::to_string(page.tracked) + ", mapped " + std::to_string(page.mapped) +
         ", gets " + std::to_string(page.gets) + ", pins " + std::to_string(page.pins) + ")";
}

// GUP references the zero page like any other; nobody else may.
bool runs_gup(const Judge& judge) {
  const sched::Label function = judge.machine().function_of(sched::Scheduler::current_task());
  return function == sched::Label("gup_fast_pte_range") ||
         function == sched::Label("__get_user_pages") ||
         function == sched::Label("unpin_user_page");
}

}  // namespace

void check_reference(Judge& judge, std::uint64_t pfn) {
  if (kernel::is_zero_pfn(pfn)) {
    if (!runs_gup(judge))
      judge.report("zero-page-counted", static_cast<std::int64_t>(pfn),
                   "its count changed outside of GUP");
    return;
  }
  const int found = kernel::pfn_folio(pfn)->_refcount.peek();
  const int least = judge.machine().protocol.base_count;
  if (found < least)
    judge.report("refcount-underflow", static_cast<std::int64_t>(pfn),
                 "count " + std::to_string(found) + ", at least " + std::to_string(least));
}

void check_reference_quiescent(Judge& judge) {
  Ledger& ledger = judge.ledger();
  const kernel::Protocol& protocol = judge.machine().protocol;
  for (std::uint64_t block = 0; block < judge.machine().geometry.blocks; block++) {
    const std::uint64_t pfn = kernel::block_to_pfn(block);
    const int expected = expected_count(ledger, protocol, pfn);
    const int found = judge.machine().pages[block]._refcount.peek();
    if (found != expected)
      judge.report("refcount-mismatch", static_cast<std::int64_t>(pfn),
                   counts(ledger, pfn, expected, found), ledger.page(pfn).counted_in.text());
  }
  // One for being reserved, one for each FOLL_GET: FOLL_PIN skips the zero page.
  const int expected = 1 + ledger.page(kernel::kZeroPfn).gets;
  const int found = judge.machine().zero_page._refcount.peek();
  if (found != expected)
    judge.report("zero-page-counted", static_cast<std::int64_t>(kernel::kZeroPfn),
                 counts(ledger, kernel::kZeroPfn, expected, found),
                 ledger.page(kernel::kZeroPfn).counted_in.text());
}

}  // namespace daxfuzz::oracle
