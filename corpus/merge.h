// SPDX-License-Identifier: GPL-2.0-only
// Which inputs a corpus keeps. Of each feature that any input covers it keeps the least input that covers it,
// and every regression. So what is kept depends only on which inputs there ever were: merging again changes
// nothing, the order of merges does not matter, and nothing that was covered is lost. A smaller set
// that covers as much may exist; which one is found would depend on the order.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "corpus/coverage.h"

namespace daxfuzz::corpus {

struct Candidate {
  std::string key;          // of its content; no two have the same
  std::size_t size = 0;
  bool regression = false;  // a trace that promises a verdict
  std::vector<Feature> features;
};

// Indices, in order. Smaller is less, then the lesser key; a regression is less than what is none.
[[nodiscard]] std::vector<std::size_t> kept(std::span<const Candidate> candidates);

}  // namespace daxfuzz::corpus
