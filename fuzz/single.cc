// SPDX-License-Identifier: GPL-2.0-only
// The projection of single.h: what is out of the shape is drawn into it, op by op.
#include "fuzz/single.h"

#include <algorithm>

#include "sched/check.h"

namespace daxfuzz::fuzz {
namespace {

using trace::Op;
using trace::OpCode;

std::vector<OpCode> listed(Kinds set) {
  std::vector<OpCode> codes;
  for (std::size_t i = 0; i < trace::op_count(); i++)
    if ((set >> i & 1u) != 0) codes.push_back(static_cast<OpCode>(i));
  return codes;
}

Op focused(Op op, const Single& shape, const std::vector<OpCode>& codes) {
  if ((kinds({op.code}) & shape.allowed) == 0) op.code = codes[std::to_underlying(op.code) % codes.size()];
  op.thread = 0;
  op.fail_nth = op.fail_from = 0;
  op.file %= 2;
  op.file2 %= 2;
  op.page %= 3;
  op.page2 %= 3;
  op.len = static_cast<std::uint16_t>(op.code == OpCode::truncate ? op.len % 4 : 1 + (op.len + 2) % 3);
  op.edge = trace::Edge::whole;
  op.map %= 3;
  if (!shape.map_sync || op.map_kind != trace::MapKind::sync) op.map_kind = trace::MapKind::shared;
  op.at = 0;
  op.pin %= 3;
  if (op.pin_kind == trace::PinKind::longterm) op.pin_kind = trace::PinKind::pin;
  // Zero is what a hole reads as.
  if (op.value == 0) op.value = 1;
  return op;
}

}  // namespace

trace::Program single(const trace::Program& program, const Single& shape) {
  const std::vector<OpCode> codes = listed(shape.allowed);
  CHECK(!codes.empty());
  CHECK(!shape.momentary_pins || (shape.allowed & kinds({OpCode::unpin})) == 0);
  trace::Program out;
  out.protocol = program.protocol;
  out.geometry.files = 2;
  out.geometry.blocks = std::clamp(program.geometry.blocks, shape.blocks_min, shape.blocks_max);
  out.geometry.mms = std::min<std::uint8_t>(program.geometry.mms, 2);
  for (const Op& drawn : program.ops) {
    const Op op = trace::canonical(focused(drawn, shape, codes), out.geometry);
    const bool pins = shape.momentary_pins && op.code == OpCode::pin;
    if (out.ops.size() + (pins ? 2 : 1) > trace::kOpsMax) break;
    out.ops.push_back(op);
    if (pins) out.ops.push_back({.code = OpCode::unpin, .pin = op.pin});
  }
  if (out.ops.empty()) out.ops.push_back({.code = codes.front()});
  out = trace::clamped(std::move(out));
  CHECK(out.threads() == 1);
  return out;
}

std::size_t first_difference(const std::vector<std::int64_t>& expected, const std::vector<std::int64_t>& found) {
  CHECK(expected.size() == found.size());
  return static_cast<std::size_t>(std::ranges::mismatch(expected, found).in1 - expected.begin());
}

std::string difference_signature(const char* id, const trace::Program& program, std::size_t op) {
  return std::string(id) + " in " + std::string(trace::info(program.ops[op].code).name);
}

}  // namespace daxfuzz::fuzz
