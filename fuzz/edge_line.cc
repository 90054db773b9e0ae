// SPDX-License-Identifier: GPL-2.0-only
// Counters to text. See edge_line.h.
#include "fuzz/edge_line.h"

#include <algorithm>
#include <string>
#include <vector>

#include "corpus/edges.h"
#include "fuzz/tell_line.h"

namespace daxfuzz::fuzz {

void begin_edges(const Environment& environment) {
  if (!environment.edges_fd) return;
  if (corpus::edge_counters().empty()) cannot_tell("DAXFUZZ_EDGES_FD", "this build counts no edges");
  std::ranges::fill(corpus::edge_counters(), std::uint8_t{0});
}

void tell_edges(const Environment& environment, const std::uint8_t* data, std::size_t size) {
  if (!environment.edges_fd) return;
  // A copy: what is done from here on counts, too.
  const std::vector<std::uint8_t> counted(corpus::edge_counters().begin(), corpus::edge_counters().end());
  std::string line = input_name(data, size);
  for (std::size_t i = 0; i < counted.size(); ++i)
    if (counted[i] != 0) line += ' ' + std::to_string(corpus::edge_feature(i, counted[i]));
  tell_line("DAXFUZZ_EDGES_FD", *environment.edges_fd, line + "\n");
}

}  // namespace daxfuzz::fuzz
