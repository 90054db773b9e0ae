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
#include "sched/run_memory.h"
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
    const Byte* byte = find(where);
    return byte == nullptr ? value == 0 : possible(*byte, value, since);
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
    std::uint32_t next = 0;           // of the same byte, the one that began after this: its number; 0: none
    std::uint64_t begin = 0;
    std::uint64_t end = UINT64_MAX;   // UINT64_MAX: still going on
    std::uint64_t gone = UINT64_MAX;  // when a later write had replaced it for good
  };
  struct Byte {  // numbers of its first and its last write; 0: none, it is zero since the beginning
    std::uint32_t first = 0, last = 0;
  };
  static std::size_t number(kernel::FileByte where) { return where.pos * trace::kFilesMax + where.file; }
  // Null if nothing was ever written there.
  [[nodiscard]] const Byte* find(kernel::FileByte where) const {
    const std::size_t at = number(where);
    return at < bytes_.size() && bytes_[at].first != 0 ? &bytes_[at] : nullptr;
  }
  Byte& of(kernel::FileByte where);
  void append(Byte& byte, Write write);
  [[nodiscard]] Write& write(std::uint32_t number) { return writes_[number - 1]; }
  [[nodiscard]] const Write& write(std::uint32_t number) const { return writes_[number - 1]; }
  // Of one byte, in the order in which they began.
  template <class Self, class Do>
  static void each(Self& self, const Byte& byte, Do with) {
    for (std::uint32_t at = byte.first; at != 0; at = self.write(at).next) with(self.write(at));
  }
  [[nodiscard]] bool possible(const Byte& byte, std::uint8_t value, std::uint64_t since) const;
  void ended(const Byte& byte, std::uint64_t begin);
  // Values that were not gone by `since`.
  [[nodiscard]] std::string values(kernel::FileByte where, std::uint64_t since) const;

  std::uint64_t now_ = 1;  // counts calls: a clock of its own, finer than steps
  // By position, then file; as far as anything was written.
  sched::RunVector<Byte> bytes_;
  sched::RunVector<Write> writes_;            // of all bytes, as they began; numbered from 1 on
  sched::RunVector<std::uint64_t> promised_;  // as bytes_; 0: never
  [[nodiscard]] std::uint64_t promised(kernel::FileByte where) const;
};

}  // namespace daxfuzz::oracle
