// SPDX-License-Identifier: GPL-2.0-only
// Observations into the ledger, and which checker looks when. See judge.h.
#include "oracle/judge.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/dax.h"

namespace daxfuzz::oracle {
namespace {

std::array<kernel::FileByte, kernel::kPageLines> bytes_of(kernel::FilePage where) {
  std::array<kernel::FileByte, kernel::kPageLines> bytes;
  for (unsigned line = 0; line < kernel::kPageLines; line++)
    bytes[line] = {where.file, static_cast<std::uint32_t>(kernel::pos_of(where.page) + line)};
  return bytes;
}

}  // namespace

Judge::Judge(std::uint32_t enabled, std::int64_t watch) : enabled_(enabled), watch_(watch) {}

void Judge::attach(kernel::World& world) {
  const sched::Bookkeeping scope;
  world_ = &world;
  ledger_.attach(world.geometry);
}

sched::RunVector<int>& Judge::named() {
  const sched::Bookkeeping scope;
  named_.assign(world_->geometry.blocks, 0);
  return named_;
}

void Judge::report(std::string_view id, std::int64_t pfn, std::string value,
                   std::string_view function) {
  const Invariant& row = invariant(id);
  // A WARN is the port's to say, and a patch may say it elsewhere.
  CHECK(row.checker == Checker::warn || row.holds(world_->protocol));
  if (violation_.has_value() || (enabled_ & (1u << static_cast<unsigned>(row.checker))) == 0)
    return;
  const sched::Scheduler* scheduler = sched::Scheduler::current();
  const sched::TaskId task = sched::Scheduler::current_task();
  if (function.empty()) function = world_->function_of(task).text();
  violation_ = {.invariant = &row,
                .function = std::string(function),
                .value = std::move(value),
                .pfn = pfn,
                .step = scheduler != nullptr ? scheduler->steps() : 0,
                .task = task};
}

void Judge::settle() {
  if (violation_.has_value() && sched::Scheduler::current_task() != sched::kNoTask)
    sched::Scheduler::current()->stop();
}

void Judge::sample(std::uint64_t pfn) {
  if (watch_ < 0 || pfn >= kernel::kAnonPfn) return;
  // Of the whole folio that the watched page is in.
  const auto watched = static_cast<std::uint64_t>(watch_);
  if (pfn != watched && kernel::page_folio_peek(kernel::pfn_page(pfn)) !=
                            kernel::page_folio_peek(kernel::pfn_page(watched)))
    return;
  const kernel::folio* folio = kernel::page_folio_peek(kernel::pfn_page(pfn));
  const std::uint64_t word = folio->mapping.peek(), share = folio->share().peek();
  const PageRecord held = ledger_.folio(folio->pfn, kernel::folio_order_peek(folio));
  sched::Scheduler* scheduler = sched::Scheduler::current();
  samples_.push_back({.at = scheduler != nullptr ? scheduler->log().size() : UINT64_MAX,
                      .ref = folio->_refcount.peek(),
                      .map = held.mapped,
                      .pin = held.gets + held.pins + held.large_pins,
                      .share = kernel::dax_folio_is_shared(word, share)
                                   ? static_cast<std::int32_t>(share)
                                   : 0});
}

void Judge::op_ended(sched::TaskId task) {
  read_since_[task] = 0;
  ledger_.fsyncs[task] = {};
  check_entries_unlocked(*this, task);
}

std::size_t Judge::current_row() {
  const sched::TaskId task = sched::Scheduler::current_task();
  return task == sched::kNoTask ? sched::kTasksMax : task;
}

void Judge::quiescent() {
  check_reference_quiescent(*this);
  check_blocks_quiescent(*this);
  check_memory_quiescent(*this);
  check_association_quiescent(*this);
  check_contents_quiescent(*this);
}

std::optional<Violation> Judge::diagnose(const sched::Scheduler& scheduler) {
  if (violation_.has_value()) return std::nullopt;
  check_stuck(*this, scheduler);
  return std::exchange(violation_, std::nullopt);
}

void Judge::stuck(const Violation& diagnosis) {
  if (!violation_.has_value()) violation_ = diagnosis;
}

void Judge::out_of_steps(sched::TaskId task) {
  report("livelock", -1, "the step budget ran out", world_->function_of(task).text());
}

// Each observation: what the harness does is hidden from ThreadSanitizer; settle()
// comes after the scope, because it may never return.

void Judge::pte_set(kernel::PteAt at, std::uint64_t pfn, bool write, std::uint64_t pages) {
  {
    sched::HarnessScope scope;
    check_pte_locked(*this, at);
    PteRecord& pte = ledger_.pte(at);
    const bool fresh = !pte.present || pte.pfn != pfn;
    ledger_.set_pte(
        pte, {.present = true, .write = write, .pfn = pfn, .pages = pages, .where = at.where});
    check_zero_page_mapped(*this, pte);
    if (fresh) check_place(*this, at, pte), check_copy_mapped(*this, pte), check_mapped(*this, pte);
    sample(pfn);
  }
  settle();
}

void Judge::pte_cleared(kernel::PteAt at) {
  {
    sched::HarnessScope scope;
    check_pte_locked(*this, at);
    PteRecord& pte = ledger_.pte(at);
    CHECK(pte.present);
    const std::uint64_t pfn = pte.pfn;
    check_copy_zapped(*this, pte);
    FailureRecord& failure = ledger_.failure;
    if (failure.running && failure.task == sched::Scheduler::current_task() &&
        Ledger::maps(pte, failure.pfn))
      failure.unmapped |= 1u << at.mm;
    ledger_.set_pte(pte, {});
    sample(pfn);
  }
  settle();
}

void Judge::pin_taken(int slot, std::uint64_t pfn, kernel::FilePage where, bool foll_pin,
                      bool write) {
  {
    sched::HarnessScope scope;
    PinRecord& pin = ledger_.pins[static_cast<std::size_t>(slot)];
    CHECK(!pin.held);
    const bool large = kernel::page_folio_peek(kernel::pfn_page(pfn))->head.peek();
    ledger_.set_pin(pin, {.held = true,
                          .foll_pin = foll_pin,
                          .large = large,
                          .write = write,
                          .pfn = pfn,
                          .where = where});
    check_pinned(*this, pin);
    sample(pfn);
  }
  settle();
}

void Judge::pin_dropped(int slot) {
  sched::HarnessScope scope;
  PinRecord& pin = ledger_.pins[static_cast<std::size_t>(slot)];
  CHECK(pin.held);
  const std::uint64_t pfn = pin.pfn;
  ledger_.set_pin(pin, {});
  sample(pfn);
}

void Judge::entry_stored(kernel::FilePage where, std::uint64_t before, std::uint64_t after,
                         std::uint64_t pages) {
  {
    sched::HarnessScope scope;
    EntryRecord& record = ledger_.entries[ledger_.number(where)];
    CHECK(record.entry == before);
    check_entry_locked(*this, where);
    check_entry_stored(*this, where, record, after);
    ledger_.set_entry(record, after, pages);
    constexpr std::uint64_t lock = kernel::xa_mk_value(kernel::DAX_LOCKED) ^ kernel::xa_mk_value(0);
    if ((before & ~lock) != (after & ~lock)) {
      record.stored_in = world_->function_of(sched::Scheduler::current_task());
      record.stored_at = ++ledger_.now;
    }
    const bool locked = after != 0 && kernel::dax_is_locked(after);
    record.locked_by = locked ? sched::Scheduler::current_task() : sched::kNoTask;
    record.locked_in = world_->function_of(sched::Scheduler::current_task());
  }
  settle();
}

void Judge::count_changed(std::uint64_t pfn) {
  {
    sched::HarnessScope scope;
    ledger_.page(pfn).counted_in = world_->function_of(sched::Scheduler::current_task());
    if (kernel::pfn_is_anon(pfn) && kernel::pfn_page(pfn)->_refcount.peek() == 0)
      ledger_.filled[pfn - kernel::kAnonPfn] = 0;  // free: what it held is nobody's
    sample(pfn);
    check_reference(*this, pfn);
  }
  settle();
}

void Judge::association_changed(std::uint64_t pfn) {
  {
    sched::HarnessScope scope;
    ledger_.page(pfn).associated_in = world_->function_of(sched::Scheduler::current_task());
    ledger_.page(pfn).associated_at = ++ledger_.now;
    sample(pfn);
    check_anon(*this, pfn);
  }
  settle();
}

void Judge::write_begin(kernel::FileByte where, std::uint8_t value) {
  sched::HarnessScope scope;
  ledger_.writes[current_row()] = {.failures = world_->pmem.failures()};
  ledger_.excuse_faults([where](const FaultRecord& fault) {
    return fault.where.file == where.file && fault.where.page == kernel::page_of(where.pos);
  });
  history_.begin(where, value);
}

void Judge::write_end(kernel::FileByte where, std::uint8_t value) {
  {
    sched::HarnessScope scope;
    history_.end(where, value);
    check_write_ended(*this, where, ledger_.writes[current_row()]);
    ledger_.writes[current_row()].ended = where;
  }
  settle();
}

void Judge::wrote(kernel::FilePage where, std::uint64_t pfn, std::uint8_t value) {
  {
    sched::HarnessScope scope;
    if (kernel::pfn_is_anon(pfn)) {
      ledger_.copies[pfn - kernel::kAnonPfn].fill(value);
      return;
    }
    check_store(*this, where, pfn);
    for (const kernel::FileByte byte : bytes_of(where)) history_.instant(byte, value);
    if (kernel::pfn_is_pmem(pfn)) {
      BlockRecord& block = ledger_.blocks[kernel::pfn_to_block(pfn)];
      block.stored_at = ++ledger_.now;
      block.stored_by = where.file;
    }
  }
  settle();
}

void Judge::cloned(kernel::FilePage from, kernel::FilePage to) {
  sched::HarnessScope scope;
  for (std::size_t line = 0; line < kernel::kPageLines; line++)
    history_.clone(bytes_of(from)[line], bytes_of(to)[line]);
}

void Judge::copied_privately(kernel::FilePage where, std::uint64_t from, std::uint64_t to) {
  {
    sched::HarnessScope scope;
    // The copy was made some time since read_begin(): what the page held at any moment from there may be in it.
    const std::uint64_t since = read_since_[current_row()];
    CHECK(since != 0);
    auto& copy = ledger_.copies[to - kernel::kAnonPfn];
    ledger_.filled[to - kernel::kAnonPfn] = 1;
    for (unsigned line = 0; line < kernel::kPageLines; line++) {
      copy[line] = world_->pmem.load(to, line);
      const kernel::FileByte byte = bytes_of(where)[line];
      if (!kernel::pfn_is_anon(from)) check_read(*this, byte, from, copy[line], since);
    }
  }
  settle();
}

std::uint64_t Judge::read_begin() {
  const sched::HarnessScope scope;
  return read_since_[current_row()] = history_.now();
}

void Judge::was_read(kernel::FileByte where, std::uint64_t pfn, std::uint8_t value,
                     std::uint64_t since) {
  {
    sched::HarnessScope scope;
    if (kernel::pfn_is_anon(pfn))
      check_copy_read(*this, where, pfn, value);
    else
      check_read(*this, where, pfn, value, since);
  }
  settle();
}

void Judge::dma_wrote(int slot, std::uint8_t value) {
  {
    sched::HarnessScope scope;
    const PinRecord& pin = ledger_.pins[static_cast<std::size_t>(slot)];
    if (kernel::pfn_is_anon(pin.pfn)) {
      ledger_.copies[pin.pfn - kernel::kAnonPfn].fill(value);
      return;
    }
    check_dma(*this, pin);
    for (const kernel::FileByte byte : bytes_of(pin.where)) history_.instant(byte, value);
  }
  settle();
}

void Judge::flushed(std::uint64_t pfn) {
  sched::HarnessScope scope;
  CHECK(kernel::pfn_is_pmem(pfn));
  ledger_.blocks[kernel::pfn_to_block(pfn)].flushed_at = ++ledger_.now;
}

void Judge::warned(sched::Label id, std::uint64_t pfn) {
  {
    sched::HarnessScope scope;
    if (pfn == kNoPage)
      report(id.text(), -1, "WARN_ON_ONCE");
    else
      report(id.text(), static_cast<std::int64_t>(pfn), "WARN_ON_ONCE: " + state_of(pfn));
  }
  settle();
}

void Judge::bug(sched::Label id) {
  {
    sched::HarnessScope scope;
    report(id.text(), -1, "BUG_ON");
  }
  settle();
}

std::string Judge::state_of(std::uint64_t pfn) const {
  const kernel::folio& page = *kernel::page_folio_peek(kernel::pfn_page(pfn));
  const PageRecord held = ledger_.folio(page.pfn, kernel::folio_order_peek(&page));
  return "pfn " + std::to_string(pfn) + " has count " + std::to_string(page._refcount.peek()) +
         ", mapping " + std::to_string(page.mapping.peek()) + ", index or share " +
         std::to_string(page.index.peek()) + "; " + std::to_string(held.tracked) + " entries, " +
         std::to_string(held.mapped) + " mappings, " +
         std::to_string(held.gets + held.pins + held.large_pins) + " pins";
}

std::string name(kernel::FilePage where) {
  return std::string(1, static_cast<char>('a' + where.file)) + "+" + std::to_string(where.page);
}

std::string name(kernel::FileByte where) {
  const auto page = static_cast<std::uint16_t>(kernel::page_of(where.pos));
  return name(kernel::FilePage{where.file, page}) + (where.pos % kernel::PAGE_SIZE == 0 ? "" : ".5");
}

}  // namespace daxfuzz::oracle
