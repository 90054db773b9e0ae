// SPDX-License-Identifier: GPL-2.0-only
// Which block the kernel has at a page after a step, and what to do where the log does not say. See
// advice.h.
#include "conformance/advice.h"

#include <algorithm>

#include "conformance/drive.h"

namespace daxfuzz::conformance {
namespace {

bool has(const Extent& extent, std::uint64_t page) {
  return page >= extent.page && page < extent.page + extent.count;
}

}  // namespace

Advice::Advice(const Log& kernel) : kernel_(kernel) { find_base(); }

void Advice::find_base() {
  for (const Step& step : kernel_.steps)
    for (const auto& [at, entry] : step.entries) {
      if (!entry.kind.starts_with("pte") || base_.has_value()) continue;
      const auto file = step.extents.find(at.first);
      if (file == step.extents.end()) continue;
      const auto extent =
          std::ranges::find_if(file->second, [&](const Extent& e) { return has(e, at.second); });
      if (extent != file->second.end())
        base_ = entry.pfn - (extent->block + at.second - extent->page);
    }
}

const std::vector<Extent>* Advice::extents(unsigned file) const {
  for (std::size_t step = step_; step < kernel_.steps.size(); step++) {
    const auto& all = kernel_.steps[step].extents;
    if (const auto found = all.find(file); found != all.end()) return &found->second;
  }
  return nullptr;
}

kernel::Extent Advice::advise(kernel::FilePage where, std::uint64_t wanted) const {
  if (const std::vector<Extent>* all = extents(where.file); all != nullptr)
    for (const Extent& extent : *all)
      if (has(extent, where.page) && extent.block + extent.count <= kBlocks) {
        const std::uint64_t into = where.page - extent.page;
        return {extent.block + into, std::min(wanted, extent.count - into)};
      }
  if (!base_.has_value() || step_ >= kernel_.steps.size()) return {};
  const auto& entries = kernel_.steps[step_].entries;
  const auto entry = entries.find({where.file, where.page});
  if (entry == entries.end() || entry->second.kind != "pte" ||
      entry->second.pfn - *base_ >= kBlocks)
    return {};
  return {entry->second.pfn - *base_, 1};
}

}  // namespace daxfuzz::conformance
