// SPDX-License-Identifier: GPL-2.0-only
// The states that a search has been in, by fingerprint: an open hash table that only
// grows. A state is open while the search is below it, and closed with the number of steps
// that the longest run from it makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sched/fingerprint.h"

namespace daxfuzz::explore {

class Table {
 public:
  static constexpr std::uint32_t kOpen = UINT32_MAX;

  struct Entry {
    sched::Fingerprint::Value key{};
    std::uint32_t rest = 0;
    bool used = false;
  };

  Table() : entries_(1024) {}

  struct Found {
    std::uint32_t rest = kOpen;
    bool fresh = false;  // it was not there; it is now, open
  };
  Found insert(const sched::Fingerprint::Value& key) {
    if (size_ * 2 >= entries_.size()) grow();
    Entry& entry = entries_[slot(key)];
    if (entry.used) return {.rest = entry.rest, .fresh = false};
    entry = {.key = key, .rest = kOpen, .used = true};
    size_++;
    return {.rest = kOpen, .fresh = true};
  }
  [[nodiscard]] bool contains(const sched::Fingerprint::Value& key) const { return entries_[slot(key)].used; }
  void close(const sched::Fingerprint::Value& key, std::uint32_t rest) { entries_[slot(key)].rest = rest; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  // Where the key is, or would be.
  [[nodiscard]] std::size_t slot(const sched::Fingerprint::Value& key) const {
    std::size_t at = key[0] & (entries_.size() - 1);
    while (entries_[at].used && entries_[at].key != key) at = (at + 1) & (entries_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Entry> before(entries_.size() * 2);
    before.swap(entries_);
    for (const Entry& entry : before)
      if (entry.used) entries_[slot(entry.key)] = entry;
  }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace daxfuzz::explore
