// SPDX-License-Identifier: GPL-2.0-only
// Which functions race, by ThreadSanitizer's reports: for runs whose reports are held to a list, where a
// suppression would hide too much. See tsan_reports.h, which counts them.
#pragma once

#include <string>
#include <vector>

namespace daxfuzz::sched {

// A data race that was reported: the functions that each side was in, innermost first, without
// namespaces and parameters, inlined ones too.
struct TsanRace {
  struct Side {
    bool write = false;
    std::vector<std::string> functions;
  };
  Side sides[2];
};
// Of the reports since this was last asked, the first few.
[[nodiscard]] std::vector<TsanRace> take_tsan_races();

}  // namespace daxfuzz::sched
