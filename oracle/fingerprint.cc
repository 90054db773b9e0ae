// SPDX-License-Identifier: GPL-2.0-only
// What of the oracle's records decides later verdicts, for a search that looks at no
// state twice (sched/fingerprint.h). Clocks are left out and what is read off them is
// put in: two orders of events that no check can tell apart are one state. Each size
// is asserted, so that a new field is thought of here.
#include <algorithm>
#include <iterator>

#include "model/dax.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

void add(sched::Fingerprint& out, kernel::FilePage where) {
  out.word(std::uint64_t{where.file} << 16 | where.page);
}

void add(sched::Fingerprint& out, const PteRecord& pte) {
  static_assert(sizeof pte == 32);
  out.word(std::uint64_t{pte.write} << 1 | std::uint64_t{pte.present});
  out.word(pte.pfn);
  out.word(pte.pages);
  add(out, pte.where);
}

void add(sched::Fingerprint& out, const PinRecord& pin) {
  static_assert(sizeof pin == 24);
  out.word((pin.held ? 1u : 0u) | (pin.foll_pin ? 2u : 0u) | (pin.large ? 4u : 0u) | (pin.write ? 8u : 0u));
  out.word(pin.pfn);
  add(out, pin.where);
}

void add(sched::Fingerprint& out, const PageRecord& page) {
  static_assert(sizeof page == 80);
  for (const int count : {page.mapped, page.mapped_huge, page.gets, page.pins, page.large_pins,
                          page.tracked, page.tracked_huge, page.holding, page.holding_huge})
    out.word(static_cast<std::uint64_t>(count));
  out.label(page.counted_in);
  out.label(page.associated_in);
}

}  // namespace

// Who acted last, the entry or the page that it names (culprit(), association_checker.cc),
// is all that the clock is asked of the two.
void Ledger::fingerprint(const EntryRecord& record, sched::Fingerprint& out) const {
  static_assert(sizeof record == 64);
  out.word(record.entry);
  out.word(record.pages);
  out.word(record.locked_by);
  out.label(record.locked_in);
  out.label(record.stored_in);
  if (!kernel::dax_is_real_entry(record.entry)) return;
  const std::uint64_t pfn = kernel::dax_to_pfn(record.entry);
  for (std::uint64_t i = 0; i < record.pages && kernel::pfn_is_pmem(pfn + i); i++)
    if (kernel::pfn_to_block(pfn + i) < blocks.size())
      out.word(record.stored_at > page(pfn + i).associated_at ? 1 : 0);
}

// Dirty or not, for who begins an fsync(2) now, and flushed or not, for those that go on.
void Ledger::fingerprint(std::size_t block, sched::Fingerprint& out) const {
  const BlockRecord& b = blocks[block];
  static_assert(sizeof b == 32);
  out.word((b.allocated ? 1u : 0u) | (b.stored_at > b.flushed_at ? 2u : 0u) | std::uint64_t{b.stored_by} << 8);
  out.word(static_cast<std::uint64_t>(b.owners));
  out.word(b.failures);
  for (const FsyncRecord& fsync : fsyncs) {
    const std::uint64_t dirty = block < fsync.stored_at.size() ? fsync.stored_at[block] : 0;
    out.word((dirty != 0 ? 1u : 0u) | (b.flushed_at > dirty ? 2u : 0u));
  }
}

void Ledger::fingerprint(sched::Fingerprint& out) const {
  static_assert(sizeof(Ledger) == 1184 && sizeof(FsyncRecord) == 56 && sizeof(FailureRecord) == 32);
  for (std::size_t i = 0; i < ptes.size(); i++)
    if (ptes[i].present) out.word(i), add(out, ptes[i]);
  for (std::size_t i = 0; i < pins.size(); i++)
    if (pins[i].held) out.word(i), add(out, pins[i]);
  for (const EntryRecord& record : entries) fingerprint(record, out);
  for (const std::uint64_t block : forks) out.word(block);
  for (std::size_t block = 0; block < blocks.size(); block++) fingerprint(block, out);
  for (const PageRecord& page : pages) add(out, page);
  for (const auto& copy : copies) out.bytes(copy.data(), copy.size());
  out.bytes(filled.data(), filled.size());
  for (const FsyncRecord& fsync : fsyncs) out.word(fsync.start), out.word(fsync.last), out.word(fsync.size);
  out.word((failure.running ? 1u : 0u) | std::uint64_t{failure.number} << 1);
  out.word(failure.pfn);
  out.word(std::uint64_t{failure.task} << 32 | failure.unmapped);
  out.word(failure.told);
  for (const std::uint32_t number : failed) out.word(number);
  for (const FaultRecord& fault : faults) {
    if (!fault.running) continue;
    out.word((fault.excused ? 1u : 0u) | std::uint64_t{fault.failures} << 1);
    add(out, fault.where);
  }
  for (const WriteRecord& write : writes)
    out.word(write.failures == 0 ? 0 : write.failures << 16 | std::uint64_t{write.ended.file} << 12 | write.ended.pos);
}

// Every later time is later than all of these, so what is asked of an end, or of when a
// value was gone, is whether it was before those moments that somebody still holds: begins
// of writes that go on, reads, fsyncs (`held`), and what was promised.
void History::fingerprint(std::vector<std::uint64_t> held, sched::Fingerprint& out) const {
  static_assert(sizeof(History) == 80 && sizeof(Write) == 32);
  for (const Write& write : writes_)
    if (write.end == UINT64_MAX) held.push_back(write.begin);
  held.insert(held.end(), promised_.begin(), promised_.end());
  std::ranges::sort(held);
  const auto unique = std::ranges::unique(held);
  held.erase(unique.begin(), unique.end());
  const auto when = [&held, &out](std::uint64_t time) {
    if (time == UINT64_MAX) return out.word(time);
    const auto at = std::ranges::lower_bound(held, time);
    const auto before = static_cast<std::uint64_t>(std::distance(held.begin(), at));
    out.word(before << 1 | (at != held.end() && *at == time ? 1u : 0u));
  };
  for (std::size_t i = 0; i < bytes_.size(); i++) {
    if (bytes_[i].first == 0) continue;
    std::uint64_t writes = 0;
    each(*this, bytes_[i], [&](const Write&) { writes++; });
    out.word(i);
    out.word(writes);
    each(*this, bytes_[i], [&](const Write& write) {
      out.word(write.value);
      when(write.end == UINT64_MAX ? write.begin : write.end);
      out.word(write.end == UINT64_MAX ? 1 : 0);
      when(write.gone);
    });
  }
  out.word(promised_.size());
  for (const std::uint64_t promised : promised_) when(promised);
}

void Judge::fingerprint(sched::Fingerprint& out) const {
  CHECK(!violation_.has_value());
  const sched::Bookkeeping scope;
  ledger_.fingerprint(out);
  std::vector<std::uint64_t> held;
  for (std::size_t task = 0; task < read_since_.size(); task++) {
    held.push_back(read_since_[task]);
    held.push_back(ledger_.fsyncs[task].since);
    out.word(read_since_[task] != 0 ? 1 : 0);
    out.word(ledger_.fsyncs[task].since != 0 ? 1 : 0);
  }
  history_.fingerprint(std::move(held), out);
}

}  // namespace daxfuzz::oracle
