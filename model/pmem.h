// SPDX-License-Identifier: GPL-2.0-only
// The persistent memory device: blocks that hold bytes, and the page frame
// numbers that name them. One byte stands for a whole page: every access of this
// slice is of whole pages, so a page's bytes are always alike.
// Read next: fs.h (who owns a block), folio.h (its struct page).
#pragma once

#include <array>
#include <cstdint>

#include "sched/check.h"
#include "trace/limits.h"

namespace daxfuzz::kernel {

// pfn 0 is what EMPTY entries carry, 1 is the zero page; the device comes after.
inline constexpr std::uint64_t kZeroPfn = 1;
inline constexpr std::uint64_t kPmemPfn = 16;

constexpr std::uint64_t block_to_pfn(std::uint64_t block) { return kPmemPfn + block; }
constexpr bool pfn_is_pmem(std::uint64_t pfn) {
  return pfn >= kPmemPfn && pfn < kPmemPfn + trace::kBlocksMax;
}
constexpr bool is_zero_pfn(std::uint64_t pfn) { return pfn == kZeroPfn; }

class Pmem {
 public:
  [[nodiscard]] std::uint8_t load(std::uint64_t pfn) const {
    if (is_zero_pfn(pfn)) return 0;
    CHECK(pfn_is_pmem(pfn));
    return __atomic_load_n(&bytes_[pfn - kPmemPfn], __ATOMIC_RELAXED);
  }
  // Data races between user stores, DMA and the file system's copies are the
  // application's, not the kernel's: relaxed, so that no sanitizer judges them.
  void store(std::uint64_t pfn, std::uint8_t value) {
    CHECK(pfn_is_pmem(pfn));
    __atomic_store_n(&bytes_[pfn - kPmemPfn], value, __ATOMIC_RELAXED);
  }

 private:
  std::array<std::uint8_t, trace::kBlocksMax> bytes_{};
};

inline std::uint64_t pfn_to_block(std::uint64_t pfn) {
  CHECK(pfn_is_pmem(pfn));
  return pfn - kPmemPfn;
}

}  // namespace daxfuzz::kernel
