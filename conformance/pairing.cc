// SPDX-License-Identifier: GPL-2.0-only
// Pairs made and forgotten, and where each side has a page. See pairing.h.
#include "conformance/pairing.h"

#include <charconv>

namespace daxfuzz::conformance {
namespace {

std::set<std::uint64_t> pages_of(const Step& step) {
  std::set<std::uint64_t> pages;
  for (const auto& [where, entry] : step.entries)
    if (entry.kind.starts_with("pte") || entry.kind == "pmd" || entry.kind.starts_with("pmd,"))
      for (unsigned sub = 0; sub < 1u << entry.order; sub++) pages.insert(entry.pfn + sub);
  for (const auto& [pfn, state] : step.pages) pages.insert(pfn);
  for (const auto& [slot, pfn] : step.pins)
    if (pfn != 0) pages.insert(pfn);
  for (const auto& [where, pte] : step.ptes)
    if (pte.pfn != 0) pages.insert(pte.pfn);
  return pages;
}

}  // namespace

void Pairing::begin(const Step& model, const Step& kernel) {
  const std::set<std::uint64_t> models = pages_of(model), kernels = pages_of(kernel);
  for (auto at = kernel_of_.begin(); at != kernel_of_.end();) {
    if (models.contains(at->first) && kernels.contains(at->second)) {
      ++at;
      continue;
    }
    model_of_.erase(at->second);
    at = kernel_of_.erase(at);
  }
}

bool Pairing::pair(std::uint64_t model, std::uint64_t kernel) {
  const auto m = kernel_of_.find(model);
  const auto k = model_of_.find(kernel);
  if (m == kernel_of_.end() && k == model_of_.end()) {
    kernel_of_[model] = kernel;
    model_of_[kernel] = model;
    return true;
  }
  return m != kernel_of_.end() && m->second == kernel;
}

std::optional<std::uint64_t> Pairing::find(std::uint64_t kernel) const {
  const auto at = model_of_.find(kernel);
  return at == model_of_.end() ? std::nullopt : std::optional(at->second);
}

std::string Pairing::model_of(std::uint64_t kernel) const {
  const auto at = model_of_.find(kernel);
  if (at == model_of_.end()) return "none";
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, at->second, 16).ptr;
  return "0x" + std::string(text, end);
}

}  // namespace daxfuzz::conformance
