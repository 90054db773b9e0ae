// SPDX-License-Identifier: GPL-2.0-only
// The persistent memory device: blocks that hold bytes, the CPU caches in front of
// them, and the page frame numbers that name them.
// Read next: fs.h (who owns a block), folio.h (its struct page).
#pragma once

#include <cstdint>
#include <utility>

#include "sched/check.h"
#include "sched/label.h"
#include "sched/run_memory.h"
#include "trace/limits.h"

namespace daxfuzz::kernel {

// pfn 0 is what EMPTY entries carry, 1 the zero page, 2 the huge zero folio. Then comes
// the device, at a multiple of every PMD; then ordinary memory, for private copies.
inline constexpr std::uint64_t kZeroPfn = 1;
inline constexpr std::uint64_t kHugeZeroPfn = 2;
inline constexpr std::uint64_t kPmemPfn = 512;
inline constexpr std::uint64_t kAnonPfn = 1u << 16;

constexpr std::uint64_t block_to_pfn(std::uint64_t block) { return kPmemPfn + block; }
constexpr bool pfn_is_pmem(std::uint64_t pfn) {
  return pfn >= kPmemPfn && pfn < kAnonPfn;
}
inline constexpr std::size_t kAnonPages = 16;
constexpr bool pfn_is_anon(std::uint64_t pfn) { return pfn >= kAnonPfn; }
constexpr bool is_zero_pfn(std::uint64_t pfn) { return pfn == kZeroPfn; }
constexpr bool is_huge_zero_pfn(std::uint64_t pfn) { return pfn == kHugeZeroPfn; }

// A page holds kPageLines bytes, each a cache line of its own: enough for an access that
// begins or ends within a page. The CPU's caches are in front of the medium: a store is
// visible at once and on the medium only after its line was written back.
inline constexpr unsigned kPageLines = 2;
using LineMask = unsigned;  // bit l: line l of a page
inline constexpr LineMask kWholePage = (1u << kPageLines) - 1;

class Pmem {
 public:
  explicit Pmem(std::size_t blocks)
      : lines_(blocks * kPageLines), memory_(kAnonPages * kPageLines), bad_(blocks) {}

  [[nodiscard]] std::uint8_t load(std::uint64_t pfn, unsigned line = 0) const {
    if (is_zero_pfn(pfn) || is_huge_zero_pfn(pfn)) return 0;
    return __atomic_load_n(&at(pfn, line).cached, __ATOMIC_RELAXED);
  }
  // Data races between user stores, DMA and the file system's copies are the
  // application's, not the kernel's: relaxed, so that no sanitizer judges them.
  void store(std::uint64_t pfn, std::uint8_t value, LineMask lines = kWholePage);
  // Writes lines of a page back: clwb of each, then a fence (arch_wb_cache_pmem()).
  void write_back(std::uint64_t pfn, LineMask lines = kWholePage);
  // Power fails: what was not written back is gone. Then the machine is up again.
  void power_fail();
  // For the oracle, after that: the function whose store into a line was lost with it.
  [[nodiscard]] const sched::Label* lost_store(std::uint64_t pfn, unsigned line) const {
    return at(pfn, line).lost ? &at(pfn, line).stored_in : nullptr;
  }
  // Pages with poisoned memory: the driver's list of bad blocks. Who looks at it is
  // dax_device.cc; what a page held stays there, unread, until it is cleared.
  [[nodiscard]] std::uint64_t blocks() const { return bad_.size(); }
  [[nodiscard]] bool bad(std::uint64_t pfn) const {
    return __atomic_load_n(&bad_[block_of(pfn)], __ATOMIC_RELAXED) != 0;
  }
  void set_bad(std::uint64_t pfn, bool bad) {
    if (bad == this->bad(pfn)) return;
    const std::uint32_t failure = bad ? __atomic_add_fetch(&failures_, 1, __ATOMIC_RELAXED) : 0;
    __atomic_store_n(&bad_[block_of(pfn)], failure, __ATOMIC_RELAXED);
  }
  // For the oracle: which failure made it bad, from 1 on; 0: it is good.
  [[nodiscard]] std::uint32_t failure(std::uint64_t pfn) const {
    return __atomic_load_n(&bad_[block_of(pfn)], __ATOMIC_RELAXED);
  }
  // How many there were.
  [[nodiscard]] std::uint32_t failures() const { return __atomic_load_n(&failures_, __ATOMIC_RELAXED); }

 private:
  struct Line {
    std::uint8_t cached = 0, medium = 0;
    bool lost = false;
    sched::Label stored_in;
  };
  [[nodiscard]] std::size_t block_of(std::uint64_t pfn) const {
    CHECK(pfn_is_pmem(pfn) && pfn - kPmemPfn < bad_.size());
    return pfn - kPmemPfn;
  }
  [[nodiscard]] const Line& at(std::uint64_t pfn, unsigned line) const {
    const sched::RunVector<Line>& lines = pfn_is_anon(pfn) ? memory_ : lines_;
    CHECK((pfn_is_anon(pfn) || pfn_is_pmem(pfn)) && line < kPageLines);
    const std::size_t index = (pfn - (pfn_is_anon(pfn) ? kAnonPfn : kPmemPfn)) * kPageLines + line;
    CHECK(index < lines.size());
    return lines[index];
  }
  [[nodiscard]] Line& at(std::uint64_t pfn, unsigned line) {
    return const_cast<Line&>(std::as_const(*this).at(pfn, line));
  }

  sched::RunVector<Line> lines_;
  sched::RunVector<Line> memory_;  // ordinary memory: nothing is ever written back
  sched::RunVector<std::uint32_t> bad_;
  std::uint32_t failures_ = 0;
};

inline std::uint64_t pfn_to_block(std::uint64_t pfn) {
  CHECK(pfn_is_pmem(pfn));
  return pfn - kPmemPfn;
}

}  // namespace daxfuzz::kernel
