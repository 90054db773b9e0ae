// SPDX-License-Identifier: GPL-2.0-only
// The least of each feature. See merge.h.
#include "corpus/merge.h"

#include <map>
#include <tuple>

namespace daxfuzz::corpus {

std::vector<std::size_t> kept(std::span<const Candidate> candidates) {
  const auto rank = [&](std::size_t i) {
    const Candidate& c = candidates[i];
    return std::tuple<bool, std::size_t, const std::string&>(!c.regression, c.size, c.key);
  };
  std::map<Feature, std::size_t> least;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    for (const Feature& feature : candidates[i].features) {
      const auto [at, is_new] = least.emplace(feature, i);
      if (!is_new && rank(i) < rank(at->second)) at->second = i;
    }
  std::vector<bool> keeps(candidates.size());
  for (const auto& [feature, i] : least) keeps[i] = true;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (keeps[i] || candidates[i].regression) out.push_back(i);
  return out;
}

}  // namespace daxfuzz::corpus
