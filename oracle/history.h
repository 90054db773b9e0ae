// SPDX-License-Identifier: GPL-2.0-only
// What each file page may hold: the reference that the data checker compares with.
// A read may return a value whose write had begun before the read ended, unless
// another write began after that one had ended and itself ended before the read began
// (the regular-register rule: Lamport 1986, "On Interprocess Communication"). Knows
// nothing of blocks or pages.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "oracle/ledger.h"

namespace daxfuzz::oracle {

class History {
 public:
  void begin(kernel::FilePage where, std::uint8_t value);
  void end(kernel::FilePage where, std::uint8_t value);
  void instant(kernel::FilePage where, std::uint8_t value);
  void clone(kernel::FilePage from, kernel::FilePage to);
  // For a read that began at `since` and ends now; kNow: it is one instant.
  static constexpr std::uint64_t kNow = UINT64_MAX - 1;
  [[nodiscard]] bool possible(kernel::FilePage where, std::uint8_t value,
                              std::uint64_t since = kNow) const;
  [[nodiscard]] std::uint64_t now() const { return now_; }
  // Has a write of the page begun that has not ended?
  [[nodiscard]] bool in_progress(kernel::FilePage where) const;
  [[nodiscard]] std::string describe(kernel::FilePage where) const;  // "0x00 0x5a"

 private:
  struct Write {
    std::uint8_t value = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = UINT64_MAX;   // UINT64_MAX: still going on
    std::uint64_t gone = UINT64_MAX;  // when a later write had replaced it for good
  };
  std::vector<Write>& of(kernel::FilePage where);
  void ended(std::vector<Write>& writes, std::uint64_t begin);

  std::uint64_t now_ = 1;  // counts calls: a clock of its own, finer than steps
  // Empty: zero since the beginning (most pages of most executions).
  std::array<std::vector<Write>, kFilePageCount> writes_;
};

}  // namespace daxfuzz::oracle
