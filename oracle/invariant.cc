// SPDX-License-Identifier: GPL-2.0-only
// The rows of invariant.def. See invariant.h.
#include "oracle/invariant.h"

#include "oracle/modes.h"
#include "sched/check.h"

namespace daxfuzz::oracle {
namespace {

constexpr Invariant kInvariants[] = {
#define INVARIANT(checker, id, number, mode, rule, citation) \
  {Checker::checker, id, number, #mode, modes::mode, rule, citation},
#include "oracle/invariant.def"
};

}  // namespace

std::span<const Invariant> invariants() { return kInvariants; }

const Invariant& invariant(std::string_view id) {
  for (const Invariant& row : kInvariants)
    if (row.id == id) return row;
  CHECK(!"every id that the port or a checker names has a row in invariant.def");
  return kInvariants[0];
}

}  // namespace daxfuzz::oracle
