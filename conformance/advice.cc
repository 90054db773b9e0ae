// SPDX-License-Identifier: GPL-2.0-only
// Which block the kernel has at a page after a step, and what to do where the log does not say. See
// advice.h.
#include "conformance/advice.h"

#include <algorithm>
#include <set>

#include "conformance/drive.h"

namespace daxfuzz::conformance {
namespace {

// The blocks from a page on, as far as they are in a row.
std::optional<kernel::Extent> run_at(const std::vector<Extent>& extents, std::uint64_t page) {
  for (const Extent& extent : extents)
    if (page >= extent.page && page < extent.page + extent.count &&
        extent.block + extent.count <= kBlocks) {
      const std::uint64_t into = page - extent.page;
      return kernel::Extent{extent.block + into, extent.count - into};
    }
  return std::nullopt;
}

}  // namespace

Advice::Advice(const Log& kernel) : kernel_(kernel) { find_base(); }

void Advice::find_base() {
  for (const Step& step : kernel_.steps)
    for (const auto& [at, entry] : step.entries) {
      if (!entry.kind.starts_with("pte") || base_.has_value()) continue;
      const auto file = step.extents.find(at.first);
      if (file == step.extents.end()) continue;
      if (const auto run = run_at(file->second, at.second)) base_ = entry.pfn - run->block;
    }
}

std::optional<kernel::Extent> Advice::in_file(kernel::FilePage where) const {
  for (std::size_t step = std::min(step_ + 1, kernel_.steps.size()); step-- > 0;) {
    const auto& all = kernel_.steps[step].extents;
    if (const auto file = all.find(where.file); file != all.end())
      return run_at(file->second, where.page);
  }
  return std::nullopt;
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
  return kernel::Extent{entry->second.pfn - *base_, 1};
}

bool Advice::in_a_file(std::uint64_t block, std::size_t end) const {
  std::set<unsigned> told;  // by this step or before: what is older holds no more
  for (std::size_t step = end; step-- > 0;)
    for (const auto& [file, extents] : kernel_.steps[step].extents) {
      if (step <= step_ && !told.insert(file).second) continue;
      if (std::ranges::any_of(extents, [=](const Extent& e) {
            return block >= e.block && block < e.block + e.count;
          }))
        return true;
    }
  return false;
}

kernel::Extent Advice::advise(kernel::FilePage where, std::uint64_t wanted,
                              const kernel::BlockAllocator& blocks) const {
  for (const auto& run : {in_file(where), next_of(where), of_entry(where)})
    if (run.has_value() && blocks.is_free(run->block))
      return {run->block, std::min(wanted, run->count)};
  if (std::ranges::none_of(kernel_.steps, [](const Step& step) { return !step.extents.empty(); }))
    return {};  // FIEMAP could never be asked
  for (std::uint64_t block = kBlocks; block-- > 0;)
    if (blocks.is_free(block) && !in_a_file(block, kernel_.steps.size())) return {block, 1};
  return {};
}

}  // namespace daxfuzz::conformance
