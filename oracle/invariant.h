// SPDX-License-Identifier: GPL-2.0-only
// The table of invariants, and a violation of one. Read next: invariant.def,
// modes.h (under which protocols), judge.h (who finds them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/protocol.h"
#include "sched/event_log.h"

namespace daxfuzz::oracle {

// One bit a checker: a file of oracle/, which can be turned off as a whole.
enum class Checker : std::uint8_t { reference, lifetime, entry_lock, association, data, wakeup, warn, persistence };

struct Invariant {
  Checker checker;
  std::string_view id;
  std::string_view number;  // of the list in docs/invariants.md, one or two; or empty
  std::string_view mode;    // the name of `holds`
  bool (*holds)(const kernel::Protocol&);
  std::string_view rule;
  std::string_view citation;
};

[[nodiscard]] std::span<const Invariant> invariants();
// CHECKs that there is one.
[[nodiscard]] const Invariant& invariant(std::string_view id);

// A broken invariant, with what this execution adds to it.
struct Violation {
  const Invariant* invariant = nullptr;
  std::string function;   // the kernel function that it is attributed to
  std::string value;      // what was expected and found
  std::int64_t pfn = -1;  // the page, -1: none
  std::uint64_t step = 0;
  sched::TaskId task = sched::kNoTask;
};

}  // namespace daxfuzz::oracle
