// SPDX-License-Identifier: GPL-2.0-only
// Rare paths of the port by name, and whether an execution took them, read off its event
// log: no code of the port knows that it is looked for. corpus/seeds has a trace for each.
// Read next: marks.cc, the table.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/expectations.h"
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
// The trace of any file, its promises not looked at. None: not a trace.
[[nodiscard]] std::optional<trace::Trace> load_trace(const std::string& path);
// Any file that is kept; of a seed, or one of corpus/branches, nothing is expected.
[[nodiscard]] std::expected<File, std::string> load_any(const std::string& path);
// Empty if such a file passes and takes its mark if it names one, else what is not so.
[[nodiscard]] std::string broken_seed(const File& file);

}  // namespace daxfuzz::corpus
