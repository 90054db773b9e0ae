// SPDX-License-Identifier: GPL-2.0-only
// Which block the kernel has at a page after a step, what to do where the log does not say, and
// which transactions had no space. See advice.h.
#include "conformance/advice.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "conformance/drive.h"

namespace daxfuzz::conformance {
namespace {

// The guest has twice as many blocks as the model, but uses them from the beginning on. When those are
// taken one from beyond the model's end is as one that is as well aligned, and taken by others.
std::uint64_t block_of(std::uint64_t block) { return block % kBlocks; }

// The blocks from a page on, as far as they are in a row.
std::optional<kernel::Extent> run_at(const std::vector<Extent>& extents, std::uint64_t page) {
  for (const Extent& extent : extents) {
    const std::uint64_t first = block_of(extent.block);
    if (page >= extent.page && page < extent.page + extent.count && first + extent.count <= kBlocks) {
      const std::uint64_t into = page - extent.page;
      return kernel::Extent{first + into, extent.count - into};
    }
  }
  return std::nullopt;
}

constexpr std::uint64_t kFallback = 0x800;  // VM_FAULT_FALLBACK

}  // namespace

Advice::Advice(const Log& kernel, const std::vector<trace::Op>& ops) : kernel_(kernel), ops_(ops) {
  find_base();
}

void Advice::find_base() {
  for (const Step& step : kernel_.steps)
    for (const auto& [at, entry] : step.entries) {
      if (!entry.kind.starts_with("pte") || base_.has_value()) continue;
      const auto file = step.extents.find(at.first);
      if (file == step.extents.end()) continue;
      for (const Extent& extent : file->second)
        if (at.second >= extent.page && at.second < extent.page + extent.count)
          base_ = entry.pfn - (extent.block + at.second - extent.page);
    }
}

const Step& Advice::step(std::size_t number) const {
  return number < kernel_.steps.size() ? kernel_.steps[number] : kernel_.end;
}

const std::vector<Extent>* Advice::told(unsigned file, std::size_t steps) const {
  for (std::size_t number = steps; number-- > 0;) {
    const auto& all = step(number).extents;
    if (const auto at = all.find(file); at != all.end()) return &at->second;
  }
  return nullptr;
}

std::optional<kernel::Extent> Advice::in_file(kernel::FilePage where) const {
  const std::vector<Extent>* extents = told(where.file, step_ + 1);
  return extents == nullptr ? std::nullopt : run_at(*extents, where.page);
}

std::optional<kernel::Extent> Advice::next_of(kernel::FilePage where) const {
  for (std::size_t step = step_ + 1; step < kernel_.steps.size(); step++) {
    const auto& all = kernel_.steps[step].extents;
    const auto file = all.find(where.file);
    if (file == all.end()) continue;
    const auto run = run_at(file->second, where.page);
    if (run.has_value() && !in_a_file(run->block, step)) return run;
  }
  return std::nullopt;
}

std::optional<kernel::Extent> Advice::of_entry(kernel::FilePage where) const {
  if (!base_.has_value() || step_ >= kernel_.steps.size()) return std::nullopt;
  const auto& entries = kernel_.steps[step_].entries;
  const auto entry = entries.find({where.file, where.page});
  if (entry == entries.end() || entry->second.kind != "pte") return std::nullopt;
  return kernel::Extent{block_of(entry->second.pfn - *base_), 1};
}

bool Advice::in_a_file(std::uint64_t block, std::size_t end) const {
  std::set<unsigned> told;  // by this step or before: what is older holds no more
  for (std::size_t step = end; step-- > 0;)
    for (const auto& [file, extents] : kernel_.steps[step].extents) {
      if (step <= step_ && !told.insert(file).second) continue;
      if (std::ranges::any_of(extents, [=](const Extent& e) {
            return block >= block_of(e.block) && block < block_of(e.block) + e.count;
          }))
        return true;
    }
  return false;
}

bool Advice::lacked_space(std::size_t op) const {
  const auto says = [&](const Step& step) {
    const auto result = step.results.find(op);
    if (result == step.results.end()) return false;
    const bool faults = ops_[op].code == trace::OpCode::fault, pins = ops_[op].code == trace::OpCode::pin;
    const auto& [kind, value] = result->second;
    return faults ? kind == Result::Kind::sig
                  : kind == Result::Kind::err && value == (pins ? EFAULT : ENOSPC);
  };
  return std::ranges::any_of(kernel_.steps, says) || says(kernel_.end);
}

bool Advice::fell_back(std::size_t op) const {
  return std::ranges::any_of(step(step_).events, [op](const Event& event) {
    const auto ret = event.fields.find("ret");
    return event.step == static_cast<std::int64_t>(op) && event.name == "dax_pmd_fault_done" &&
           ret != event.fields.end() && (ret->second & kFallback) != 0;
  });
}

std::uint64_t Advice::changed(kernel::FilePage where, std::uint64_t pages) const {
  const std::vector<Extent>*const before = told(where.file, step_), *const after = told(where.file, step_ + 1);
  if (before == after) return 0;
  const auto at = [](const std::vector<Extent>* extents, std::uint64_t page) {
    std::pair<std::uint64_t, bool> found{kernel::xfs_bmbt_irec::kHole, false};
    for (const Extent& extent : extents == nullptr ? std::vector<Extent>{} : *extents)
      if (page >= extent.page && page < extent.page + extent.count)
        found = {extent.block + page - extent.page, extent.kind.contains('u')};
    return found;
  };
  std::uint64_t count = 0;
  for (std::uint64_t page = where.page; page < where.page + pages; page++)
    if (at(before, page) != at(after, page)) count++;
  return count;
}

// What the op has not done although it ended for want of space is what it had no space for. A PMD fault
// that had none falls back to a page, which may get its block. Blocks are preallocated in order, so
// there was space for them if the first hole is none any more.
bool Advice::refuses(const kernel::Reservation& wanted, const kernel::BlockAllocator&) const {
  const std::size_t op = begun_[sched::Scheduler::current_task()];
  const kernel::FilePage where = wanted.where;
  const bool is_block = wanted.what == kernel::Reserve::direct || wanted.what == kernel::Reserve::cow;
  if (is_block && wanted.pages > 1 && fell_back(op)) return changed(where, wanted.pages) <= 1;
  if (!lacked_space(op)) return false;
  const auto& fork = kernel::world().inodes[where.file].data_fork;
  const auto first = fork.begin() + where.page, last = first + static_cast<std::ptrdiff_t>(wanted.pages);
  const Run now = in_file(where);
  switch (wanted.what) {
    case kernel::Reserve::direct:
    case kernel::Reserve::cow:
      return !now.has_value() || now->block == first->block || changed(where, 1) == 0;
    case kernel::Reserve::prealloc: {
      const auto hole = std::ranges::find_if(first, last, &kernel::xfs_bmbt_irec::hole);
      const auto page = static_cast<std::uint16_t>(hole - fork.begin());
      return hole == last || !in_file({where.file, page}).has_value();
    }
    case kernel::Reserve::unmap:  // of holes, too; but what is zeroed is preallocated then
      return changed(where, wanted.pages) == 0 &&
             (ops_[op].code != trace::OpCode::zero ||
              !std::all_of(first, last, [](const auto& at) { return at.hole(); }));
    case kernel::Reserve::remap:
      return changed(where, wanted.pages) == 0;
  }
  return false;
}

kernel::Extent Advice::advise(kernel::FilePage where, std::uint64_t wanted,
                              const kernel::BlockAllocator& blocks) const {
  for (const auto& run : {in_file(where), of_entry(where), next_of(where)})
    if (run.has_value() && blocks.is_free(run->block))
      return {run->block, std::min(wanted, run->count)};
  if (std::ranges::none_of(kernel_.steps, [](const Step& step) { return !step.extents.empty(); }))
    return {};  // FIEMAP could never be asked
  for (std::uint64_t block = kBlocks; block-- > 0;)
    if (blocks.is_free(block) && !in_a_file(block, kernel_.steps.size())) return {block, 1};
  return {};
}

}  // namespace daxfuzz::conformance
