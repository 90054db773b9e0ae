// SPDX-License-Identifier: GPL-2.0-only
// What the header of a bug's patch promises, held against the model that has the bug. Each
// appends to `told` a line for each thing that it looked at. Read next: check.cc.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "bugs/bug.h"
#include "bugs/hunt.h"
#include "trace/text.h"

namespace daxfuzz::bugs {

inline constexpr std::size_t kTraceOpsMax = 10;

// The trace, replayed strictly, fails with the first signature and has kTraceOpsMax ops at most;
// every engine finds the bug in kCheckExecutions, by one of its signatures, but for engines that
// the header says miss it, which do in kMissedExecutions; what random finds minimises to the header's length.
[[nodiscard]] bool check(const Bug& bug, const std::string& trace_path, std::string& told);

// With one checker off (its word in `daxfuzz replay --without`) the trace passes: no other has it.
[[nodiscard]] bool escapes(const Bug& bug, const std::string& trace_path, std::string_view checker,
                           std::string& told);

// The file's trace, or why there is none, in one line.
[[nodiscard]] std::expected<trace::Trace, std::string> read_trace(const std::string& path);

// The shortest trace that a hunt for the signature and the minimiser come to.
[[nodiscard]] std::expected<trace::Trace, std::string> shortest(const Hunt& hunt, std::string_view signature);

// That for the bug's first signature, as text with its headers.
[[nodiscard]] std::expected<std::string, std::string> recorded(const Bug& bug, const Hunt& hunt);

// The same trace, its headers too, with a schedule that shows the bug in the port as it is now.
[[nodiscard]] std::expected<std::string, std::string> rerecorded(const Bug& bug,
                                                                 const trace::Trace& trace);

}  // namespace daxfuzz::bugs
