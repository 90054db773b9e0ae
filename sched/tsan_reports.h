// SPDX-License-Identifier: GPL-2.0-only
// How many reports ThreadSanitizer has made. Under the scheduler a race is found
// by the interleaving alone, so the count over one run is part of its verdict.
//
// Once TSan has reported a word it takes reads of it for harmless until the memory
// is allocated anew. So what tasks share must come from the heap for each run, or
// a second run's verdict depends on the first one's.
#pragma once

#include <cstdint>

namespace daxfuzz::sched {

// In this process so far; 0 without TSan. Whoever asks answers for the reports
// that it is told of: at exit, TSan's failure status (66) is given only if there
// are reports that nobody has asked for.
[[nodiscard]] std::uint32_t tsan_report_count();
// Those that nobody has asked for yet.
[[nodiscard]] std::uint32_t tsan_unanswered_reports();
[[nodiscard]] bool tsan_linked();

}  // namespace daxfuzz::sched
