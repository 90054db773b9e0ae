// SPDX-License-Identifier: GPL-2.0-only
// The model of file_model.h: an array a file, a file and a range a mapping. What a file's
// last page holds beyond the end can be stored through a mapping, and is zeroed when the
// file grows (mmap(2): what is beyond the end is not written out).
#include "properties/file_model.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sched/check.h"

namespace daxfuzz::properties {
namespace {

using trace::Access;
using trace::Op;
using trace::OpCode;

constexpr std::size_t kPageBytes = FileModel::kPageBytes;

struct Range {
  std::size_t pos = 0, end = 0;
};

Range range_of(const Op& op) {
  return {.pos = op.page * kPageBytes + (trace::starts_late(op.edge) ? 1 : 0),
          .end = (op.page + op.len) * kPageBytes - (trace::ends_early(op.edge) ? 1 : 0)};
}

std::size_t size_of(const Op& op) {
  return op.len == 0 ? 0 : op.len * kPageBytes - (trace::ends_early(op.edge) ? 1 : 0);
}

void fill(FileModel::File& file, const Range& range, std::uint8_t value) {
  std::fill(file.bytes.begin() + static_cast<std::ptrdiff_t>(range.pos),
            file.bytes.begin() + static_cast<std::ptrdiff_t>(range.end), value);
}

// Beyond the end only whole pages go.
void clear(FileModel::File& file, const Range& range) {
  for (std::size_t pos = range.pos; pos < range.end; pos++) {
    const std::size_t page = pos / kPageBytes * kPageBytes;
    if (pos < file.size || (page >= range.pos && page + kPageBytes <= range.end)) file.bytes[pos] = 0;
  }
}

std::int64_t read(const FileModel::File& file, const Range& range) {
  const std::size_t end = std::min(range.end, file.size);
  return range.pos < end ? file.bytes[end - 1] : 0;  // the last byte, or none
}

std::int64_t collapse(FileModel::File& file, const Range& range) {
  if (range.end >= file.size) return -EINVAL;
  const std::size_t len = range.end - range.pos;
  std::copy(file.bytes.begin() + static_cast<std::ptrdiff_t>(range.end), file.bytes.end(),
            file.bytes.begin() + static_cast<std::ptrdiff_t>(range.pos));
  file.size -= len;
  fill(file, {.pos = file.size, .end = file.bytes.size()}, 0);
  return 0;
}

}  // namespace

void FileModel::grow(File& file, std::size_t size) const {
  if (size <= file.size) return;
  fill(file, {.pos = file.size, .end = file.bytes.size()}, 0);
  file.size = size;
}

std::int64_t FileModel::run(const Op& op) {
  File& file = files_[op.file];
  const Range range = range_of(op);
  switch (op.code) {
    case OpCode::mmap:
      if (maps_[op.map].has_value()) return -EINVAL;
      maps_[op.map] = {.file = op.file, .page = op.page, .len = op.len};
      return 0;
    case OpCode::munmap:
      if (!maps_[op.map].has_value()) return -EINVAL;
      maps_[op.map].reset();
      return 0;
    case OpCode::fault:
      return access(op);
    case OpCode::read:
      return read(file, range);
    case OpCode::write:
      if (range.pos == range.end) return 0;
      grow(file, std::max(file.size, range.end));
      fill(file, range, op.value);
      return 0;
    case OpCode::truncate:
      grow(file, size_of(op));
      file.size = size_of(op);
      fill(file, {.pos = file.size, .end = file.bytes.size()}, 0);
      return 0;
    case OpCode::punch:
      if (range.pos == range.end) return -EINVAL;
      clear(file, range);
      return 0;
    case OpCode::zero:
    case OpCode::alloc:
    case OpCode::unshare:
      if (range.pos == range.end) return -EINVAL;
      if (op.code == OpCode::zero) clear(file, range);
      grow(file, range.end);
      return 0;
    case OpCode::collapse:
      return collapse(file, range);
    case OpCode::evict:
      return in_use(op) ? -EBUSY : 0;
    case OpCode::unlink:
      if (in_use(op)) return -EBUSY;
      file = {};
      return 0;
    case OpCode::reflink:
      return reflink(op);
    case OpCode::pin:
      return pin(op);
    case OpCode::unpin:
      return std::exchange(pins_[op.pin], false) ? 0 : -EINVAL;
    case OpCode::break_layout:
    case OpCode::writeback:
    case OpCode::fsync:
      return 0;
    default:
      break;
  }
  CHECK(!"an op that the model knows");
  return 0;
}

// The first byte of the page behind an address; null: SIGSEGV or SIGBUS.
std::uint8_t* FileModel::page_at(const Op& op) {
  const Mapping& map = *maps_[op.map];
  const std::size_t pos = (map.page + op.page) * kPageBytes;
  if (op.page >= map.len || pos >= files_[map.file].size) return nullptr;
  return &files_[map.file].bytes[pos];
}

// A user store writes the whole page, a load ends at its last byte.
std::int64_t FileModel::access(const Op& op) {
  if (!maps_[op.map].has_value()) return -EINVAL;
  std::uint8_t* page = page_at(op);
  if (page == nullptr) return -EFAULT;
  if (op.access == Access::read) return page[kPageBytes - 1];
  std::fill_n(page, kPageBytes, op.value);
  return 0;
}

std::int64_t FileModel::pin(const Op& op) {
  if (pins_[op.pin] || !maps_[op.map].has_value()) return -EINVAL;
  if (page_at(op) == nullptr) return -EFAULT;
  pins_[op.pin] = true;
  return 0;
}

bool FileModel::in_use(const Op& op) const {
  return std::ranges::any_of(
      maps_, [&op](const std::optional<Mapping>& map) { return map.has_value() && map->file == op.file; });
}

std::int64_t FileModel::reflink(const Op& op) {
  const Range from = range_of(op);
  const std::size_t to = op.page2 * kPageBytes, len = from.end - from.pos;
  const bool overlap = op.file == op.file2 && from.pos < to + len && to < from.end;
  if (overlap || from.end > files_[op.file].size) return -EINVAL;
  File& dest = files_[op.file2];
  grow(dest, std::max(dest.size, to + len));
  const File& source = files_[op.file];
  std::copy_n(source.bytes.begin() + static_cast<std::ptrdiff_t>(from.pos), len,
              dest.bytes.begin() + static_cast<std::ptrdiff_t>(to));
  return 0;
}

std::vector<std::int64_t> file_model_results(const trace::Program& program) {
  FileModel model;
  std::vector<std::int64_t> results;
  for (const Op& op : program.ops) results.push_back(model.run(op));
  return results;
}

// A page of two files is busy for ever to whoever breaks its layout: under entry_ref by
// its entries (corpus/claims/idle-count-of-shared-page.daxt), under v1 while the other
// file maps it (corpus/claims/shared-page-mapped-elsewhere.daxt). zap is out: a pin of a page that a
// scan has zapped fails (docs/claims.md, D2). Under legacy a FOLL_PIN for reading of one never
// returns (docs/findings/read-pin-of-shared-page-spins.md).
std::vector<trace::ProtocolId> file_system_protocols(const trace::Program& program) {
  using trace::ProtocolId;
  std::vector<ProtocolId> protocols = {ProtocolId::upstream};
  const auto reflinks = [](const Op& op) { return op.code == OpCode::reflink; };
  const auto pins_to_read = [](const Op& op) {
    return op.code == OpCode::pin && op.pin_kind == trace::PinKind::pin && op.access == Access::read;
  };
  const bool shares = std::ranges::any_of(program.ops, reflinks);
  if (!shares || std::ranges::none_of(program.ops, pins_to_read)) protocols.push_back(ProtocolId::legacy);
  if (!shares)
    protocols.insert(protocols.end(), {ProtocolId::v1, ProtocolId::entry_ref, ProtocolId::legacy60,
                                       ProtocolId::upstream71});
  return protocols;
}

trace::ProtocolId nearest_file_system_protocol(const trace::Program& program) {
  const std::vector<trace::ProtocolId> protocols = file_system_protocols(program);
  if (std::ranges::find(protocols, program.protocol) != protocols.end()) return program.protocol;
  return protocols[std::to_underlying(program.protocol) % protocols.size()];
}

}  // namespace daxfuzz::properties
