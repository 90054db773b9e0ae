// SPDX-License-Identifier: GPL-2.0-only
// Possible values of file pages. See history.h.
#include "oracle/history.h"

#include <cstdio>

#include "sched/check.h"

namespace daxfuzz::oracle {

std::vector<History::Write>& History::of(kernel::FilePage where) {
  std::vector<Write>& writes = writes_[number(where)];
  if (writes.empty()) writes.push_back({.value = 0, .begin = 0, .end = 0});
  return writes;
}

// Everything that ended before `begin` cannot be read any more.
void History::ended(std::vector<Write>& writes, std::uint64_t begin) {
  std::erase_if(writes, [begin](const Write& write) { return write.end < begin; });
}

void History::begin(kernel::FilePage where, std::uint8_t value) {
  of(where).push_back({.value = value, .begin = now_++});
}

void History::end(kernel::FilePage where, std::uint8_t value) {
  auto& writes = of(where);
  for (Write& write : writes) {
    if (write.end != UINT64_MAX || write.value != value) continue;
    write.end = now_++;
    ended(writes, write.begin);
    return;
  }
  CHECK(!"a write that ends has begun");
}

void History::instant(kernel::FilePage where, std::uint8_t value) {
  auto& writes = of(where);
  const std::uint64_t now = now_++;
  ended(writes, now);
  writes.push_back({.value = value, .begin = now, .end = now});
}

void History::clone(kernel::FilePage from, kernel::FilePage to) {
  writes_[number(to)] = writes_[number(from)];
}

bool History::possible(kernel::FilePage where, std::uint8_t value) const {
  const std::vector<Write>& writes = writes_[number(where)];
  if (writes.empty()) return value == 0;
  for (const Write& write : writes)
    if (write.value == value) return true;
  return false;
}

std::string History::describe(kernel::FilePage where) const {
  if (writes_[number(where)].empty()) return "0x00";
  std::string text;
  for (const Write& write : writes_[number(where)]) {
    char one[8];
    std::snprintf(one, sizeof one, "0x%02x", write.value);
    text += text.empty() ? "" : " or ";
    text += one;
  }
  return text;
}

}  // namespace daxfuzz::oracle
