// SPDX-License-Identifier: GPL-2.0-only
// What each byte of a file may hold: the reference that the data checker compares with.
// A read may return a value whose write had begun before the read ended, unless
// another write began after that one had ended and itself ended before the read began
// (the regular-register rule: Lamport 1986, "On Interprocess Communication"). Knows
// nothing of blocks or pages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/observer.h"
#include "sched/fingerprint.h"
#include "trace/limits.h"

namespace daxfuzz::oracle {

class History {
 public:
  void begin(kernel::FileByte where, std::uint8_t value);
  void end(kernel::FileByte where, std::uint8_t value);
  void instant(kernel::FileByte where, std::uint8_t value);
  void clone(kernel::FileByte from, kernel::FileByte to);
  // For a read that began at `since` and ends now; kNow: it is one instant.
  static constexpr std::uint64_t kNow = UINT64_MAX - 1;
  [[nodiscard]] bool possible(kernel::FileByte where, std::uint8_t value,
                              std::uint64_t since = kNow) const {
    const std::size_t at = number(where);
    if (at >= writes_.size() || writes_[at].empty()) return value == 0;
    return possible(writes_[at], value, since);
  }
  // What the byte had at `since` is promised to survive: nothing that was gone by then.
  void promise(kernel::FileByte where, std::uint64_t since);
  // After a crash: a value that the byte had at the last promise, or later.
  [[nodiscard]] bool survives(kernel::FileByte where, std::uint8_t value) const;
  [[nodiscard]] std::string describe_survivors(kernel::FileByte where) const;
  [[nodiscard]] std::uint64_t now() const { return now_; }
  // Has a write of the byte begun that has not ended?
  [[nodiscard]] bool in_progress(kernel::FileByte where) const;
  [[nodiscard]] std::string describe(kernel::FileByte where) const;  // "0x00 0x5a"
  // What of it decides later verdicts. held: moments that reads and fsyncs began at;
  // fingerprint.cc.
  void fingerprint(std::vector<std::uint64_t> held, sched::Fingerprint& out) const;

 private:
  struct Write {
    std::uint8_t value = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = UINT64_MAX;   // UINT64_MAX: still going on
    std::uint64_t gone = UINT64_MAX;  // when a later write had replaced it for good
  };
  static std::size_t number(kernel::FileByte where) { return where.pos * trace::kFilesMax + where.file; }
  static bool possible(const std::vector<Write>& writes, std::uint8_t value, std::uint64_t since);
  std::vector<Write>& of(kernel::FileByte where);
  // Empty if nothing was ever written there.
  [[nodiscard]] const std::vector<Write>& writes(kernel::FileByte where) const;
  void ended(std::vector<Write>& writes, std::uint64_t begin);
  // Values that were not gone by `since`.
  [[nodiscard]] std::string values(kernel::FileByte where, std::uint64_t since) const;

  std::uint64_t now_ = 1;  // counts calls: a clock of its own, finer than steps
  // By position, then file; as far as anything was written. Empty: zero since the beginning
  // (most bytes of most executions).
  std::vector<std::vector<Write>> writes_;
  std::vector<std::uint64_t> promised_;  // likewise; 0: never
  [[nodiscard]] std::uint64_t promised(kernel::FileByte where) const;
};

}  // namespace daxfuzz::oracle
