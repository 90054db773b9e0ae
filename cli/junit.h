// SPDX-License-Identifier: GPL-2.0-only
// Verdicts as JUnit XML, which build servers show: one test case a trace. Used by replay.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daxfuzz::cli {

struct JunitCase {
  enum class Outcome { good, failure, error } outcome = Outcome::good;  // error: it could not be judged
  std::string name;  // the file
  std::string said;  // the lines that were printed of it
};

// Printable ASCII, escaped; the same cases give the same text (no times).
[[nodiscard]] std::string junit(std::string_view suite, const std::vector<JunitCase>& cases);

}  // namespace daxfuzz::cli
