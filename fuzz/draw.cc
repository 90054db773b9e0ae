// SPDX-License-Identifier: GPL-2.0-only
// The geometry, and one op after the other, or a program of one page. See draw.h.
#include "fuzz/draw.h"

#include <utility>

#include "fuzz/focus.h"
#include "fuzz/new_op.h"
#include "sched/check.h"

namespace daxfuzz::fuzz {
namespace {

constexpr std::size_t kFocusedOneIn = 2;

}  // namespace

trace::Program drawn(const Draw& draw, Random& random) {
  CHECK(draw.threads >= 1 && draw.threads <= trace::kThreadsMax);
  CHECK(draw.ops >= 1 && draw.ops <= trace::kOpsMax);
  trace::Program program;
  program.protocol =
      draw.protocol.value_or(random.number_below<trace::ProtocolId>(trace::protocol_count()));
  program.geometry = {.files = static_cast<std::uint8_t>(1 + random.below(3)),
                      .blocks = static_cast<std::uint16_t>(4 + random.below(21)),
                      .pmd_order = static_cast<std::uint8_t>(1 + random.below(3)),
                      .mms = static_cast<std::uint8_t>(1 + random.below(2)),
                      .waits = static_cast<std::uint8_t>(2 + random.below(7))};
  const std::size_t counts = random.below(16);  // one draw for both: older seeds keep the rest
  program.geometry.bias = counts % 4 == 0 ? 4 : 1024;
  program.geometry.check_sched = counts < 4 ? 2 : 4096;
  if (draw.pmd_order != 0)
    program.geometry.pmd_order = static_cast<std::uint8_t>(draw.pmd_order);
  if (draw.pmd_order == trace::kPmdOrderReal) program.geometry.blocks = 2048;
  // Of one thread nothing more is drawn: seeds of such campaigns keep their programs.
  if (draw.focused && draw.threads > 1 && random.one_in(kFocusedOneIn)) {
    focus(program, draw.threads, random);
  } else {
    for (std::uint64_t i = 0; i < draw.ops; i++) {
      trace::Op op = new_op(program, program.ops.size(), random);
      op.thread = random.number_below<std::uint8_t>(draw.threads);
      program.ops.push_back(op);
    }
  }
  program.schedule.seed = random.next();
  if (draw.tso) program.settings.push_back({trace::SwitchId::memory, 1});
  return trace::clamped(std::move(program));
}

}  // namespace daxfuzz::fuzz
