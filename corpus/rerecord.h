// SPDX-License-Identifier: GPL-2.0-only
// After the port has changed: finds a schedule under which a corpus file still
// keeps every promise of its header. A step more or less in a ported function
// shifts every schedule that runs through it; what the file says does not change.
// Which side of a branch a file of corpus/branches takes does not show here: passing()
// gives ci/operand_branches schedules to choose from.
// Read next: rerecord.cc; `bazel run //corpus:rerecord -- --write FILE...`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "corpus/expectations.h"

namespace daxfuzz::corpus {

enum class Rerecorded : std::uint8_t {
  kept,      // nothing to do: the file replays as it is
  followed,  // its schedule, followed by labels, still shows it
  searched,  // another schedule of the same program shows it
};
[[nodiscard]] const char* name(Rerecorded how);

struct Recording {
  Rerecorded how{};
  std::string text;  // of the file, with its new schedule and digest
};

// The program is never changed. Tries at most `tries` schedules; the error says
// which promises were broken under the file's own. Depends on its arguments only.
[[nodiscard]] std::expected<Recording, std::string> rerecord(const File& file,
                                                             std::uint64_t tries = 200000);

// Texts of the file under schedules that differ in what happens, each kept as above but for
// a side: its own schedule first, then those that are like it.
[[nodiscard]] std::vector<std::string> passing(const File& file, std::size_t most);

}  // namespace daxfuzz::corpus
