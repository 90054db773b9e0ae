// SPDX-License-Identifier: GPL-2.0-only
// The default report: 80 columns of plain ASCII in the shape of lockdep's, to be
// pasted into a mail. Identity, rule, evidence, next command. The first line
// after the bar holds nothing that varies between runs or builds.
// Legend of every column: docs/reports.md. Read next: rows.h (the table).
#pragma once

#include <string>

#include "exec/execution.h"
#include "trace/text.h"

namespace daxfuzz::report {

struct SplatOptions {
  bool full = false;  // every event a row, nothing folded
  // The closing lines, each left out if empty. The caller knows them.
  std::string reproduce;  // a command
  std::string reliable;   // "20/20 replays, identical digest"
  std::string found_by;
  std::string tool;
};

// `execution` is a run of trace.program with Options::keep_events; without events
// the report has no table.
[[nodiscard]] std::string splat(const trace::Trace& trace, const exec::Execution& execution,
                                const SplatOptions& options = {});

// "v1" or "v1, share=none, busy_test=ref_nonzero": the protocol that a program
// runs under.
[[nodiscard]] std::string protocol_name(const trace::Program& program);

}  // namespace daxfuzz::report
