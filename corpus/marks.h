// SPDX-License-Identifier: GPL-2.0-only
// Rare paths of the port by name, and whether an execution took them, read off its event
// log: no code of the port knows that it is looked for. corpus/seeds has a trace for each.
// Read next: marks.cc, the table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exec/execution.h"
#include "trace/text.h"

namespace daxfuzz::corpus {

struct Mark {
  std::string_view name;
  std::string_view what;      // one sentence
  std::string_view citation;  // kernel file and function
  bool (*seen)(const std::vector<sched::Event>& events);
};

[[nodiscard]] std::span<const Mark> marks();
// Null if there is none of that name.
[[nodiscard]] const Mark* mark(std::string_view name);
// The trace of a seed: a file that names its mark and promises no verdicts. None: not a trace.
[[nodiscard]] std::optional<trace::Trace> load_seed(const std::string& path);

}  // namespace daxfuzz::corpus
