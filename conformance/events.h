// SPDX-License-Identifier: GPL-2.0-only
// What of an event is compared, in words that are the same on both sides: an encoded entry is
// decoded, and what no two kernels or no two runs have in common is left out. Read next:
// events.cc.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/log.h"

namespace daxfuzz::conformance {

struct Told {
  std::string name;
  std::vector<std::pair<std::string, std::string>> words;  // field and value
  std::optional<std::uint64_t> pfn;                        // to be paired
  // Of a writeback: where it begins. The kernel says that of the entry's first page, and of how
  // many it has; the model, of the page at which it found the entry (pages 0).
  std::uint64_t index = 0, pages = 0;
  bool operator==(const Told&) const = default;
};

// The events of each op, by its step. One that `blind` names, that has not returned, or that is
// about an entry without a page and does nothing, is left out.
[[nodiscard]] std::map<std::int64_t, std::vector<Told>> told(const std::vector<Event>& events,
                                                             const std::set<std::string>& blind);

// Each once, in the order of the first: how often one that spins goes round is chance.
[[nodiscard]] std::vector<Told> each_once(const std::vector<Told>& events);

}  // namespace daxfuzz::conformance
