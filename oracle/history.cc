// SPDX-License-Identifier: GPL-2.0-only
// Possible values of the bytes of files. See history.h.
#include "oracle/history.h"

#include <algorithm>
#include <cstdio>

#include "model/pmem.h"
#include "sched/check.h"

namespace daxfuzz::oracle {
namespace {

// Room that is taken at once: bytes of a small world, writes of a byte.
constexpr std::size_t kBytesAtOnce = trace::kFilesMax * trace::kFilePagesMax * kernel::kPageLines;
constexpr std::size_t kWritesAtOnce = 8;

}  // namespace

const std::vector<History::Write>& History::writes(kernel::FileByte where) const {
  static const std::vector<Write> none;
  return number(where) < writes_.size() ? writes_[number(where)] : none;
}

std::vector<History::Write>& History::of(kernel::FileByte where) {
  const sched::Bookkeeping scope;
  if (writes_.empty()) writes_.reserve(kBytesAtOnce);
  if (number(where) >= writes_.size()) writes_.resize(number(where) + 1);
  std::vector<Write>& writes = writes_[number(where)];
  if (!writes.empty()) return writes;
  writes.reserve(kWritesAtOnce);
  writes.push_back({.value = 0, .begin = 0, .end = 0});
  return writes;
}

// A write that began at `begin` has ended: nothing that ended before that can be read
// any more, but by reads that go on.
void History::ended(std::vector<Write>& writes, std::uint64_t begin) {
  for (Write& write : writes)
    if (write.end < begin && write.gone == UINT64_MAX) write.gone = now_;
}

void History::begin(kernel::FileByte where, std::uint8_t value) {
  auto& writes = of(where);
  const sched::Bookkeeping scope;
  writes.push_back({.value = value, .begin = now_++});
}

void History::end(kernel::FileByte where, std::uint8_t value) {
  auto& writes = of(where);
  for (Write& write : writes) {
    if (write.end != UINT64_MAX || write.value != value) continue;
    write.end = now_++;
    ended(writes, write.begin);
    return;
  }
  CHECK(!"a write that ends has begun");
}

void History::instant(kernel::FileByte where, std::uint8_t value) {
  auto& writes = of(where);
  const sched::Bookkeeping scope;
  const std::uint64_t now = now_++;
  ended(writes, now);
  writes.push_back({.value = value, .begin = now, .end = now});
}

void History::clone(kernel::FileByte from, kernel::FileByte to) {
  const sched::Bookkeeping scope;
  const std::vector<Write> source = of(from);
  std::vector<Write>& writes = of(to);  // may move what of() gave before
  now_++;
  for (Write& write : writes)
    if (write.gone == UINT64_MAX) write.gone = now_;
  for (const Write& write : source)
    if (write.gone == UINT64_MAX) writes.push_back(write);
}

bool History::possible(const std::vector<Write>& writes, std::uint8_t value, std::uint64_t since) {
  for (const Write& write : writes)
    if (write.value == value && write.gone > since) return true;
  return false;
}

bool History::in_progress(kernel::FileByte where) const {
  for (const Write& write : writes(where))
    if (write.end == UINT64_MAX) return true;
  return false;
}

std::string History::values(kernel::FileByte where, std::uint64_t since) const {
  if (writes(where).empty()) return "0x00";
  std::string text;
  for (const Write& write : writes(where)) {
    if (write.gone <= since) continue;
    char one[8];
    std::snprintf(one, sizeof one, "0x%02x", write.value);
    text += text.empty() ? "" : " or ";
    text += one;
  }
  return text;
}

std::string History::describe(kernel::FileByte where) const { return values(where, kNow); }

std::uint64_t History::promised(kernel::FileByte where) const {
  return number(where) < promised_.size() ? promised_[number(where)] : 0;
}

void History::promise(kernel::FileByte where, std::uint64_t since) {
  const sched::Bookkeeping scope;
  if (number(where) >= promised_.size()) promised_.resize(number(where) + 1);
  promised_[number(where)] = std::max(promised_[number(where)], since);
}

bool History::survives(kernel::FileByte where, std::uint8_t value) const {
  return possible(where, value, promised(where));
}

std::string History::describe_survivors(kernel::FileByte where) const {
  return values(where, promised(where));
}

}  // namespace daxfuzz::oracle
