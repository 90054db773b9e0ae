// SPDX-License-Identifier: GPL-2.0-only
// Possible values of the bytes of files. See history.h.
#include "oracle/history.h"

#include <algorithm>
#include <cstdio>

#include "model/pmem.h"
#include "sched/check.h"

namespace daxfuzz::oracle {
namespace {

// Room that is taken at once: bytes of a small world, writes of a usual run.
constexpr std::size_t kBytesAtOnce = trace::kFilesMax * trace::kFilePagesMax * kernel::kPageLines;
constexpr std::size_t kWritesAtOnce = 256;

}  // namespace

void History::append(Byte& byte, Write write) {
  if (writes_.size() == writes_.capacity()) {
    const sched::Bookkeeping scope;
    writes_.reserve(std::max(kWritesAtOnce, 2 * writes_.size()));
  }
  writes_.push_back(write);
  const auto number = static_cast<std::uint32_t>(writes_.size());
  (byte.first == 0 ? byte.first : this->write(byte.last).next) = number;
  byte.last = number;
}

History::Byte& History::of(kernel::FileByte where) {
  const std::size_t at = number(where);
  if (at >= bytes_.size()) {
    const sched::Bookkeeping scope;
    bytes_.resize(std::max(kBytesAtOnce, at + 1));
  }
  Byte& byte = bytes_[at];
  if (byte.first == 0) append(byte, {.value = 0, .begin = 0, .end = 0});
  return byte;
}

// A write that began at `begin` has ended: nothing that ended before that can be read
// any more, but by reads that go on.
void History::ended(const Byte& byte, std::uint64_t begin) {
  each(*this, byte, [&](Write& write) {
    if (write.end < begin && write.gone == UINT64_MAX) write.gone = now_;
  });
}

void History::begin(kernel::FileByte where, std::uint8_t value) {
  append(of(where), {.value = value, .begin = now_++});
}

void History::end(kernel::FileByte where, std::uint8_t value) {
  const Byte& byte = of(where);
  for (std::uint32_t at = byte.first; at != 0; at = write(at).next) {
    Write& write = this->write(at);
    if (write.end != UINT64_MAX || write.value != value) continue;
    write.end = now_++;
    ended(byte, write.begin);
    return;
  }
  CHECK(!"a write that ends has begun");
}

void History::instant(kernel::FileByte where, std::uint8_t value) {
  Byte& byte = of(where);
  const std::uint64_t now = now_++;
  ended(byte, now);
  append(byte, {.value = value, .begin = now, .end = now});
}

void History::clone(kernel::FileByte from, kernel::FileByte to) {
  (void)of(from);
  (void)of(to);  // may move what the call before gave
  const Byte source = of(from), before = of(to);
  now_++;
  // Of the two that may be one byte: what is appended is not copied again, and not gone.
  for (std::uint32_t at = source.first;; at = write(at).next) {
    if (const Write copied = write(at); copied.gone == UINT64_MAX)
      append(of(to), {.value = copied.value, .begin = copied.begin, .end = copied.end});
    if (at == source.last) break;
  }
  for (std::uint32_t at = before.first;; at = write(at).next) {
    if (write(at).gone == UINT64_MAX) write(at).gone = now_;
    if (at == before.last) break;
  }
}

bool History::possible(const Byte& byte, std::uint8_t value, std::uint64_t since) const {
  for (std::uint32_t at = byte.first; at != 0; at = write(at).next)
    if (write(at).value == value && write(at).gone > since) return true;
  return false;
}

bool History::in_progress(kernel::FileByte where) const {
  const Byte* byte = find(where);
  for (std::uint32_t at = byte == nullptr ? 0 : byte->first; at != 0; at = write(at).next)
    if (write(at).end == UINT64_MAX) return true;
  return false;
}

std::string History::values(kernel::FileByte where, std::uint64_t since) const {
  const Byte* byte = find(where);
  if (byte == nullptr) return "0x00";
  std::string text;
  each(*this, *byte, [&](const Write& write) {
    if (write.gone <= since) return;
    char one[8];
    std::snprintf(one, sizeof one, "0x%02x", write.value);
    text += text.empty() ? "" : " or ";
    text += one;
  });
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
