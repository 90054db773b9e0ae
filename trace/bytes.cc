// SPDX-License-Identifier: GPL-2.0-only
// The byte form: a total decoder and its canonical inverse. The layout is in
// docs/trace-format.md. A field that counts rows of a .def file is stored as the
// row, so that appended rows leave old bytes as they were. In the geometry zero
// means the default: an empty input is a sensible world.
#include "trace/bytes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace daxfuzz::trace {
namespace {

constexpr std::size_t kOpBytes = 12;
constexpr std::size_t kSeedBytes = 8;
constexpr std::size_t kSegmentBytes = 3;

// Reads past the end are zeros, so that no length is an error.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  std::uint8_t u8() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  std::uint64_t little_endian(std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t{u8()} << (8 * i);
    return value;
  }
  std::uint8_t below(std::size_t count) { return static_cast<std::uint8_t>(u8() % count); }
  [[nodiscard]] std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  std::span<const std::uint8_t> rest_;
};

void put_little_endian(std::vector<std::uint8_t>& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// The fields of a geometry as ranks: 1 is the smallest value, `count` the largest.
// In bytes 0 is the default and n a rank. The last dimension is two: bias, and check_sched
// above it with the default first, so that what bytes said before there was one they still say.
constexpr std::size_t kDimensions = 6;
using Ranks = std::array<std::size_t, kDimensions>;
constexpr Ranks kRankCounts = {
    kFilesMax, kBlocksMax, kPmdOrderMax + 1, kMmsMax, kWaitsMax - kWaitsMin + 1, 4};

Ranks ranks(const Geometry& geometry) {
  const bool real = geometry.pmd_order == kPmdOrderReal;
  return {geometry.files,
          geometry.blocks / blocks_unit(geometry.pmd_order),
          real ? kPmdOrderMax + 1 : geometry.pmd_order,
          geometry.mms,
          geometry.waits - kWaitsMin + 1,
          (geometry.bias == kPinBiasSmall ? 1u : 2u) +
              (geometry.check_sched == kCheckSchedSmall ? 2u : 0u)};
}

Geometry read_geometry(Reader& in) {
  Ranks read = ranks(Geometry{});
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const std::size_t byte = in.u8();
    if (byte != 0) read[i] = 1 + (byte - 1) % kRankCounts[i];
  }
  const auto& [files, blocks, order, mms, waits, counts] = read;
  const std::size_t pmd_order = order > kPmdOrderMax ? kPmdOrderReal : order;
  return {.files = static_cast<std::uint8_t>(files),
          .blocks = static_cast<std::uint16_t>(blocks * blocks_unit(pmd_order)),
          .pmd_order = static_cast<std::uint8_t>(pmd_order),
          .mms = static_cast<std::uint8_t>(mms),
          .waits = static_cast<std::uint8_t>(kWaitsMin + waits - 1),
          .bias = static_cast<std::uint16_t>(counts % 2 == 1 ? kPinBiasSmall : kPinBiasReal),
          .check_sched = static_cast<std::uint16_t>(counts > 2 ? kCheckSchedSmall : kCheckSchedReal)};
}

void put_geometry(std::vector<std::uint8_t>& out, const Geometry& geometry) {
  const Ranks defaults = ranks(Geometry{}), now = ranks(geometry);
  for (std::size_t i = 0; i < kDimensions; ++i)
    out.push_back(static_cast<std::uint8_t>(now[i] == defaults[i] ? 0 : now[i]));
}

// The number in the `width` bits above those that were taken before.
class Bits {
 public:
  explicit Bits(std::uint8_t byte) : rest_(byte) {}
  std::uint8_t take(unsigned width) {
    const unsigned field = rest_ & ((1u << width) - 1);
    rest_ >>= width;
    return static_cast<std::uint8_t>(field);
  }

 private:
  unsigned rest_;
};

// The layout of a record is in bytes.h. Fields are wrapped here; what this op does
// not have is cleared by canonical().
Op read_op(Reader& in, const Geometry& geometry) {
  Op op;
  op.code = static_cast<OpCode>(in.below(op_count()));
  Bits words(in.u8());
  op.thread = words.take(2);
  op.access = static_cast<Access>(words.take(1));
  op.pin_kind = static_cast<PinKind>(words.take(2) % 3);
  op.pin_walk = static_cast<PinWalk>(words.take(1));
  op.mm = static_cast<std::uint8_t>(words.take(2) % geometry.mms);
  Bits files(in.u8());
  op.file = static_cast<std::uint8_t>(files.take(2) % geometry.files);
  op.file2 = static_cast<std::uint8_t>(files.take(2) % geometry.files);
  op.edge = static_cast<Edge>(files.take(2));
  op.map_kind = static_cast<MapKind>(files.take(2) % 3);
  Bits slots(in.u8());
  op.map = slots.take(3);
  op.pin = op.map2 = slots.take(3);
  op.answer = static_cast<Answer>(slots.take(1));
  const std::size_t pages = file_pages(geometry);
  op.page = static_cast<std::uint16_t>(in.little_endian(2) % pages);
  const std::size_t second = in.little_endian(2);
  op.page2 = static_cast<std::uint16_t>(second % pages);
  op.at = static_cast<std::uint16_t>(second % (std::size_t{1} << geometry.pmd_order));
  op.block = static_cast<std::uint16_t>(second % geometry.blocks);
  const std::size_t len = in.little_endian(2);
  op.value = in.u8();
  const std::uint8_t failure = in.below(2 * kFailNthMax + 1);
  op.fail_nth = failure <= kFailNthMax ? failure : 0;
  op.fail_from = failure <= kFailNthMax ? 0 : static_cast<std::uint8_t>(failure - kFailNthMax);

  // A length wraps within the room that its pages leave, known only once
  // operands that this op does not have are cleared.
  op = canonical(op, geometry);
  const std::string_view operands = info(op.code).operands;
  if (operands.contains('s')) op.len = static_cast<std::uint16_t>(len % (pages + 1));
  if (operands.contains('l')) {
    const std::size_t room = pages - std::max(op.page, op.page2);
    op.len = static_cast<std::uint16_t>(1 + len % room);
  }
  return op;
}

// No op has two of the fields that share a place.
void put_op(std::vector<std::uint8_t>& out, const Op& op) {
  const bool sized = info(op.code).operands.contains('s');
  out.push_back(std::to_underlying(op.code));
  out.push_back(static_cast<std::uint8_t>(op.thread | std::to_underlying(op.access) << 2 |
                                          std::to_underlying(op.pin_kind) << 3 |
                                          std::to_underlying(op.pin_walk) << 5 | op.mm << 6));
  out.push_back(static_cast<std::uint8_t>(op.file | op.file2 << 2 |
                                          std::to_underlying(op.edge) << 4 |
                                          std::to_underlying(op.map_kind) << 6));
  out.push_back(static_cast<std::uint8_t>(op.map | (op.pin | op.map2) << 3 |
                                          std::to_underlying(op.answer) << 6));
  put_little_endian(out, op.page, 2);
  put_little_endian(out, op.page2 | op.at | op.block, 2);
  put_little_endian(out, sized || op.len == 0 ? op.len : op.len - 1u, 2);
  out.push_back(op.value);
  out.push_back(op.fail_from == 0 ? op.fail_nth : static_cast<std::uint8_t>(kFailNthMax + op.fail_from));
}

void read_tail(Reader& in, Schedule& schedule) {
  if (schedule.strategy == Strategy::bytes) {
    const auto tail = in.rest().first(std::min(in.rest().size(), kScheduleBytesMax));
    schedule.bytes.assign(tail.begin(), tail.end());
  }
  while (schedule.strategy == Strategy::replay && !in.rest().empty() &&
         schedule.segments.size() < kSwitchesMax) {
    Segment segment;
    segment.thread = in.below(kScheduleTasksMax);
    segment.steps = static_cast<std::uint16_t>(in.little_endian(kSegmentBytes - 1));
    schedule.segments.push_back(std::move(segment));
  }
}

}  // namespace

Program decode(std::span<const std::uint8_t> bytes) {
  Reader in(bytes);
  Program program;
  in.u8();  // the version: there is one, and no input is an error
  program.protocol = static_cast<ProtocolId>(in.below(protocol_count()));
  program.geometry = read_geometry(in);
  const std::size_t ops = in.below(kOpsMax + 1);
  const std::uint8_t how = in.u8();
  program.schedule.strategy = static_cast<Strategy>(how % kStrategies);
  program.schedule.set_up = static_cast<std::uint8_t>(how / kStrategies);
  program.schedule.seed = in.little_endian(kSeedBytes);

  const std::size_t settings = in.below(kSettingsMax + 1);
  for (std::size_t i = 0; i < settings; ++i) {
    Setting setting;
    setting.id = static_cast<SwitchId>(in.below(switch_count()));
    setting.value = in.below(value_count(setting.id));
    program.settings.push_back(setting);
  }
  program.ops.reserve(ops);
  for (std::size_t i = 0; i < ops; ++i) program.ops.push_back(read_op(in, program.geometry));
  read_tail(in, program.schedule);
  return clamped(std::move(program));
}

std::vector<std::uint8_t> encode(const Program& source) {
  const Program program = clamped(source);
  std::vector<std::uint8_t> out;
  out.reserve(32 + program.ops.size() * kOpBytes + program.schedule.bytes.size() +
              program.schedule.segments.size() * kSegmentBytes);
  out.push_back(kBytesVersion);
  out.push_back(std::to_underlying(program.protocol));
  put_geometry(out, program.geometry);
  out.push_back(static_cast<std::uint8_t>(program.ops.size()));
  out.push_back(static_cast<std::uint8_t>(std::to_underlying(program.schedule.strategy) +
                                          kStrategies * program.schedule.set_up));
  put_little_endian(out, program.schedule.seed, kSeedBytes);
  out.push_back(static_cast<std::uint8_t>(program.settings.size()));
  for (const Setting& setting : program.settings) {
    out.push_back(std::to_underlying(setting.id));
    out.push_back(setting.value);
  }
  for (const Op& op : program.ops) put_op(out, op);
  out.insert(out.end(), program.schedule.bytes.begin(), program.schedule.bytes.end());
  for (const Segment& segment : program.schedule.segments) {
    out.push_back(segment.thread);
    put_little_endian(out, segment.steps, kSegmentBytes - 1);
  }
  return out;
}

}  // namespace daxfuzz::trace
