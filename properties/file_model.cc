// SPDX-License-Identifier: GPL-2.0-only
// The model of file_model.h: an array a file, a file and a range a mapping.
#include "properties/file_model.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "sched/check.h"

namespace daxfuzz::properties {
namespace {

using trace::Access;
using trace::Op;
using trace::OpCode;

constexpr std::size_t kFilePages = trace::file_pages(trace::Geometry{});

struct File {
  std::array<std::uint8_t, kFilePages> bytes{};  // one a page
  std::size_t size = 0;                        // in pages
};

struct Mapping {
  std::size_t file = 0, page = 0, len = 0;
};

class FileModel {
 public:
  std::int64_t run(const Op& op) {
    File& file = files_[op.file];
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
        return read(file, op);
      case OpCode::write:
        std::fill_n(file.bytes.begin() + op.page, op.len, op.value);
        file.size = std::max<std::size_t>(file.size, op.page + op.len);
        return 0;
      case OpCode::truncate:
        std::fill(file.bytes.begin() + op.len, file.bytes.end(), 0);
        file.size = op.len;
        return 0;
      case OpCode::punch:
        std::fill_n(file.bytes.begin() + op.page, op.len, 0);
        return 0;
      case OpCode::zero:
        std::fill_n(file.bytes.begin() + op.page, op.len, 0);
        [[fallthrough]];
      case OpCode::alloc:
      case OpCode::unshare:
        file.size = std::max<std::size_t>(file.size, op.page + op.len);
        return 0;
      case OpCode::collapse:
        return collapse(file, op);
      case OpCode::evict:
        return in_use(op) ? -EBUSY : 0;
      case OpCode::unlink:
        if (in_use(op)) return -EBUSY;
        file = {};
        return 0;
      case OpCode::reflink:
        return reflink(file, op);
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

 private:
  static std::int64_t read(const File& file, const Op& op) {
    std::int64_t last = 0;
    for (std::size_t page = op.page; page < std::min<std::size_t>(op.page + op.len, file.size);
         page++)
      last = file.bytes[page];
    return last;
  }

  // The byte behind an address; null: SIGSEGV or SIGBUS.
  std::uint8_t* byte_at(const Op& op) {
    const Mapping& map = *maps_[op.map];
    const std::size_t page = map.page + op.page;
    if (op.page >= map.len || page >= files_[map.file].size) return nullptr;
    return &files_[map.file].bytes[page];
  }

  std::int64_t access(const Op& op) {
    if (!maps_[op.map].has_value()) return -EINVAL;
    std::uint8_t* byte = byte_at(op);
    if (byte == nullptr) return -EFAULT;
    if (op.access == Access::read) return *byte;
    *byte = op.value;
    return 0;
  }

  std::int64_t pin(const Op& op) {
    if (pins_[op.pin] || !maps_[op.map].has_value()) return -EINVAL;
    if (byte_at(op) == nullptr) return -EFAULT;
    pins_[op.pin] = true;
    return 0;
  }

  static std::int64_t collapse(File& file, const Op& op) {
    const std::size_t end = op.page + op.len;
    if (end >= file.size) return -EINVAL;
    std::copy(file.bytes.begin() + static_cast<std::ptrdiff_t>(end), file.bytes.end(),
              file.bytes.begin() + op.page);
    std::fill_n(file.bytes.end() - op.len, op.len, 0);
    file.size -= op.len;
    return 0;
  }

  bool in_use(const Op& op) const {
    return std::ranges::any_of(maps_, [&op](const std::optional<Mapping>& map) {
      return map.has_value() && map->file == op.file;
    });
  }

  std::int64_t reflink(const File& source, const Op& op) {
    const bool overlap =
        op.file == op.file2 && op.page < op.page2 + op.len && op.page2 < op.page + op.len;
    if (overlap || op.page + op.len > static_cast<int>(source.size)) return -EINVAL;
    File& dest = files_[op.file2];
    std::copy_n(source.bytes.begin() + op.page, op.len, dest.bytes.begin() + op.page2);
    dest.size = std::max<std::size_t>(dest.size, op.page2 + op.len);
    return 0;
  }

  std::array<File, trace::kFilesMax> files_;
  std::array<std::optional<Mapping>, trace::kMapsMax> maps_;
  std::array<bool, trace::kPinsMax> pins_{};
};

}  // namespace

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
