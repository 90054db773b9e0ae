// SPDX-License-Identifier: GPL-2.0-only
// With all fixes in, the oracle finds nothing: no shape leaves anything out but power failures. What
// breaks this is a finding, and is shrunk as one, so bench/minimize compares with these.
#include "properties/shape.h"

namespace daxfuzz::properties {
namespace {

using trace::OpCode;
using trace::ProtocolId;

Shape anything(ProtocolId protocol) {
  return {.protocols = {protocol},
          .allowed = (Kinds{1} << trace::op_count()) - 1 - kinds({OpCode::crash}),
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

}  // namespace
}  // namespace daxfuzz::properties
