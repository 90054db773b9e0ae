// SPDX-License-Identifier: GPL-2.0-only
// States as rows of numbers, each once, with no hash in place of one: what learn.h goes through.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace daxfuzz::explore {

class States {
 public:
  static constexpr std::uint32_t kOpen = UINT32_MAX;

  void clear(std::size_t width) {
    width_ = width;
    rows_.clear();
    rest_.clear();
    open_.clear();
    slots_.assign(1024, kNone);
  }
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] const std::uint32_t* at(std::uint32_t state) const { return rows_.data() + state * width_; }

  // Its number, and if it is new; it is open then.
  std::pair<std::uint32_t, bool> insert(const std::vector<std::uint32_t>& row) {
    if (size() * 2 >= slots_.size()) grow();
    std::uint32_t& slot = slots_[slot_of(row.data())];
    if (slot != kNone) return {slot, false};
    slot = static_cast<std::uint32_t>(size());
    rows_.insert(rows_.end(), row.begin(), row.end());
    rest_.push_back(0);
    open_.push_back(true);
    return {slot, true};
  }
  // The steps of the longest run from it; kOpen if they are still looked for.
  [[nodiscard]] std::uint32_t rest(std::uint32_t state) const { return open_[state] ? kOpen : rest_[state]; }
  void at_least(std::uint32_t state, std::uint32_t steps) { rest_[state] = std::max(rest_[state], steps); }
  void close(std::uint32_t state) { open_[state] = false; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  [[nodiscard]] std::size_t slot_of(const std::uint32_t* row) const {
    std::uint64_t hash = 0x13198a2e03707345u;
    for (std::size_t i = 0; i < width_; i++) hash = (hash ^ row[i]) * 0x9e3779b97f4a7c15u, hash ^= hash >> 29;
    std::size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != kNone && !std::equal(row, row + width_, at(slots_[slot])))
      slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  void grow() {
    slots_.assign(slots_.size() * 2, kNone);
    for (std::uint32_t state = 0; state < size(); state++) slots_[slot_of(at(state))] = state;
  }

  std::size_t width_ = 0;
  std::vector<std::uint32_t> rows_, rest_, slots_;
  std::vector<bool> open_;
};

}  // namespace daxfuzz::explore
