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

// A write that began at `begin` has ended: nothing that ended before that can be read
// any more, but by reads that go on.
void History::ended(std::vector<Write>& writes, std::uint64_t begin) {
  for (Write& write : writes)
    if (write.end < begin && write.gone == UINT64_MAX) write.gone = now_;
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
  const std::vector<Write> source = of(from);
  std::vector<Write>& writes = of(to);
  const std::uint64_t now = now_++;
  for (Write& write : writes)
    if (write.gone == UINT64_MAX) write.gone = now;
  for (const Write& write : source)
    if (write.gone == UINT64_MAX) writes.push_back(write);
}

bool History::possible(kernel::FilePage where, std::uint8_t value, std::uint64_t since) const {
  const std::vector<Write>& writes = writes_[number(where)];
  if (writes.empty()) return value == 0;
  for (const Write& write : writes)
    if (write.value == value && write.gone > since) return true;
  return false;
}

bool History::in_progress(kernel::FilePage where) const {
  for (const Write& write : writes_[number(where)])
    if (write.end == UINT64_MAX) return true;
  return false;
}

std::string History::describe(kernel::FilePage where) const {
  if (writes_[number(where)].empty()) return "0x00";
  std::string text;
  for (const Write& write : writes_[number(where)]) {
    if (write.gone != UINT64_MAX) continue;
    char one[8];
    std::snprintf(one, sizeof one, "0x%02x", write.value);
    text += text.empty() ? "" : " or ";
    text += one;
  }
  return text;
}

}  // namespace daxfuzz::oracle
