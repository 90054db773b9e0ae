// SPDX-License-Identifier: GPL-2.0-only
// Every bound on the size of an input, in one place. The decoder clamps to
// them, the parser rejects beyond them, generators draw within them. Counts
// are counts of things; nothing here is in bytes but what says so.
// Read next: program.h (what is bounded), bytes.h and text.h (its spellings).
#pragma once

#include <cstddef>
#include <cstdint>

namespace daxfuzz::trace {

inline constexpr std::size_t kThreadsMax = 4;
inline constexpr std::size_t kOpsMax = 64;         // over all threads
inline constexpr std::size_t kFilesMax = 4;        // named a, b, c, d
inline constexpr std::size_t kFilePagesMax = 8;    // pages 0..7 of a file
inline constexpr std::size_t kBlocksMax = 32;      // of the pmem device
inline constexpr std::size_t kMmsMax = 3;          // address spaces
inline constexpr std::size_t kWaitsMin = 2;        // heads of each wait table
inline constexpr std::size_t kWaitsMax = 8;
inline constexpr std::size_t kPinBiasSmall = 4;    // so that pins overflow soon
inline constexpr std::size_t kPinBiasReal = 1024;  // GUP_PIN_COUNTING_BIAS
// One is no scale of it: the first entry after a pause would be where the next one is.
inline constexpr std::size_t kCheckSchedSmall = 2;    // so that a walk of 8 pages pauses
inline constexpr std::size_t kCheckSchedReal = 4096;  // XA_CHECK_SCHED
inline constexpr std::size_t kMapsMax = 8;         // slots m0..m7
inline constexpr std::size_t kPinsMax = 8;         // slots p0..p7
inline constexpr std::size_t kFailNthMax = 15;     // fail_nth=1..15, and fail_from=
inline constexpr std::size_t kPmdOrderMin = 1;
inline constexpr std::size_t kPmdOrderMax = 3;     // of a small world
inline constexpr std::size_t kPmdOrderReal = 9;    // x86-64's
inline constexpr std::size_t kSettingsMax = 32;    // "set" lines: one for each switch, and room
inline constexpr std::size_t kSwitchesMax = 20000; // segments of a schedule
inline constexpr std::size_t kSegmentStepsMax = 65535;
inline constexpr std::size_t kScheduleTasksMax = 2 * kThreadsMax;  // threads, then their store buffers
inline constexpr std::size_t kScheduleBytesMax = 4096;
inline constexpr std::size_t kLabelCharsMax = 32;  // of a yield point's label
inline constexpr std::size_t kCommentsMax = 256;

inline constexpr std::size_t kTextBytesMax = 1024 * 1024; // of a .daxt file
inline constexpr std::size_t kTextLineCharsMax = 512;

// What depends on the order of a PMD: pages of a file, blocks of the device.
[[nodiscard]] constexpr std::size_t file_pages(std::size_t pmd_order) {
  return pmd_order == kPmdOrderReal ? 1024 : kFilePagesMax;
}
[[nodiscard]] constexpr std::size_t blocks_max(std::size_t pmd_order) {
  return pmd_order == kPmdOrderReal ? 4096 : kBlocksMax;
}
// A device has a multiple of it, so that a byte says how many.
[[nodiscard]] constexpr std::size_t blocks_unit(std::size_t pmd_order) {
  return blocks_max(pmd_order) / kBlocksMax;
}

}  // namespace daxfuzz::trace
