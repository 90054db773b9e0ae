// SPDX-License-Identifier: GPL-2.0-only
// Fuzz targets as child processes: their stderr and their findings pipes are read here,
// an interrupt is passed on, and they die with their parent.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/store.h"

namespace daxfuzz::cli {

struct ChildSpec {
  std::string path;
  std::vector<std::string> arguments;    // without argv[0]
  std::vector<std::string> environment;  // "NAME=value", on top of our own
  std::uint64_t seconds_max = 0;         // killed after that; 0: never
};

struct ChildEvents {
  std::function<void(std::string_view)> on_stderr;
  std::function<void(std::string_view)> on_finding_bytes;
  std::function<void()> on_tick;  // four times a second
  std::function<bool()> interrupted;
};

// Where the child finds its findings pipe (DAXFUZZ_FINDINGS_FD).
inline constexpr int kFindingsFd = 3;

// Runs it to its end and returns its wait status. An interrupt is one SIGINT to
// the child, and SIGKILL to its group if it has not ended 5 seconds later.
[[nodiscard]] std::expected<int, StoreError> run_child(const ChildSpec& spec,
                                                       const ChildEvents& events);
// The same of several at once, all to their ends; events of each, on_tick of the first.
[[nodiscard]] std::expected<std::vector<int>, StoreError> run_children(
    const std::vector<ChildSpec>& specs, const std::vector<ChildEvents>& events);

}  // namespace daxfuzz::cli
