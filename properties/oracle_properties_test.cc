// SPDX-License-Identifier: GPL-2.0-only
// With all fixes in, the oracle finds nothing: shapes leave out power failures, and what they bias away from,
// large worlds and far pages, is in the last property. What breaks one is a finding, and is shrunk as one, so
// bench/minimize compares with these.
#include <iterator>
#include <tuple>
#include <utility>

#include "properties/programs.h"
#include "properties/shape.h"

namespace daxfuzz::properties {
namespace {

using trace::OpCode;
using trace::ProtocolId;

const Kinds kAllOfThem = (Kinds{1} << trace::op_count()) - 1 - kinds({OpCode::crash});

Shape anything(ProtocolId protocol) {
  return {.protocols = {protocol},
          .allowed = kAllOfThem,
          .threads_max = 4,
          .files_max = 3,
          .blocks_min = 8,
          .blocks_max = 24,
          .failures = true,
          .map_sync = true,
          .edges = true,
          .private_maps = true,
          .large = true};
}

PROPERTY(Oracle, FindsNothingUpstream,
         "no op of any kind, by up to four threads, breaks an invariant or a promise of Linux 6.15..7.0",
         "oracle/invariant.def, a citation each; Linux 6.16: fs/dax.c") {
  expect_passes(trial, anything(ProtocolId::upstream));
}

PROPERTY(Oracle, FindsNothingUpstream71, "the same of Linux 7.1", "Linux 7.1: fs/dax.c: dax_folio_reset_order()") {
  expect_passes(trial, anything(ProtocolId::upstream71));
}

PROPERTY(Oracle, FindsNothingLegacy, "the same of Linux 6.2..6.14", "Linux 6.12: fs/dax.c, mm/memremap.c, mm/gup.c") {
  expect_passes(trial, anything(ProtocolId::legacy));
}

// Whatever trace/limits.h has room for: geometries, four files, 64 ops, any strategy.
rc::Gen<trace::Program> whatever_there_is() {
  return rc::gen::map(
      rc::gen::tuple(trace::arbitrary_program(), swarm(kAllOfThem)),
      [](const std::tuple<trace::Program, Kinds>& drawn) {
        trace::Program program = std::get<0>(drawn);
        // The fixes are of protocols as they are.
        program.settings.clear();
        constexpr ProtocolId kMerged[] = {ProtocolId::legacy, ProtocolId::upstream, ProtocolId::upstream71};
        program.protocol = kMerged[std::to_underlying(program.protocol) % std::size(kMerged)];
        std::erase_if(program.ops, [kept = std::get<1>(drawn)](const trace::Op& op) {
          return (kept >> std::to_underlying(op.code) & 1u) == 0;
        });
        if (program.ops.empty()) program.ops.push_back({.code = OpCode::fsync});
        return trace::clamped(std::move(program));
      });
}

PROPERTY(Oracle, FindsNothingInAnyWorld,
         "nor does any program of any size in any geometry, under Linux 6.2 to 7.1",
         "trace/limits.h; oracle/invariant.def, a citation each") {
  expect_passes(trial, whatever_there_is());
}

}  // namespace
}  // namespace daxfuzz::properties
