// SPDX-License-Identifier: GPL-2.0-only
// The first difference between the model's log and a kernel's, after what may differ between
// two right answers is taken out: which block the allocator took (a pfn is what it was paired
// with when it was first met, until neither side has it), where an address_space lies (a
// pointer is the file whose it is), and the numbers of zero pages. Read next: compare.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/log.h"

namespace daxfuzz::conformance {

struct Difference {
  std::size_t step = 0;
  bool at_end = false;  // after all pins were dropped
  std::string where;    // "result", "entry b+3", "page of p0": what is compared
  std::string field;    // "share"
  std::string model, kernel;
};

// How often which field was compared, for docs/conformance.md.
using Counts = std::map<std::string, std::uint64_t>;

struct Comparison {
  std::optional<Difference> difference;  // the first
  std::size_t steps = 0;                 // that agree
  Counts counts;
};

[[nodiscard]] Comparison compare(const Log& model, const Log& kernel);

}  // namespace daxfuzz::conformance
