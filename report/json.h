// SPDX-License-Identifier: GPL-2.0-only
// An execution as strict JSON, for scripts: schema "daxfuzz.execution/1". Members
// are only ever added. Numbers that need 64 bits are hex strings, because
// many readers keep numbers as doubles. Members: docs/reports.md. Read next: json_writer.h.
#pragma once

#include <string>

#include "exec/execution.h"
#include "trace/text.h"

namespace daxfuzz::report {

// One object, no line feed at its end. Events if the execution kept them.
[[nodiscard]] std::string json(const trace::Trace& trace, const exec::Execution& execution);

}  // namespace daxfuzz::report
