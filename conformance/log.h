// SPDX-License-Identifier: GPL-2.0-only
// What a kernel and the model are compared by: after each step of a script the results of
// ops and the state of all files, in the kernel's terms and in the kernel's units. The guest
// prints it as a log (docs/conformance.md has the lines), the model's side is made by
// observe.h. Read next: compare.h.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daxfuzz::conformance {

// How an op ended, or that it has not.
struct Result {
  enum class Kind : std::uint8_t { ok, err, sig, blocked, nosys, busy };
  Kind kind = Kind::ok;
  std::int64_t value = 0;  // ok: the byte that was read; err: the errno; sig: the signal
  bool operator==(const Result&) const = default;
  [[nodiscard]] std::string str() const;
};

// A page's own fields, raw.
struct PageState {
  std::int64_t ref = 0, map = -1;
  std::uint64_t mapping = 0, share = 0;
  bool operator==(const PageState&) const = default;
};

struct Entry {
  std::string kind;  // pte pmd zero pmdzero empty pmdempty, ",locked"
  unsigned order = 0;
  std::string marks;  // of D, T and W; "-" if none
  std::uint64_t pfn = 0;
  PageState page;
  std::int64_t pin = 0;
  std::map<unsigned, PageState> subs;  // pages of a PMD that are not as their head says
};

// A run of blocks of a file; kind: "-", or of u (unwritten) and s (shared).
struct Extent {
  std::uint64_t page = 0, count = 0, block = 0;
  std::string kind;
  bool operator==(const Extent&) const = default;
};

struct File {
  std::uint64_t size = 0, nrpages = 0, mapping = 0, vmas = 0;
};

// A present entry of a page table.
struct Pte {
  bool pmd = false, write = false;
  std::uint64_t pfn = 0;  // 0: the zero page
};

struct Event {
  std::int64_t step = -1;  // of the op that it belongs to
  std::string name;
  std::map<std::string, std::uint64_t> fields;
};

using FilePage = std::pair<unsigned, std::uint64_t>;  // file, index
using MapPage = std::pair<unsigned, std::uint64_t>;   // slot, byte offset

struct Step {
  std::map<std::uint64_t, Result> results;  // by the op's step: its own or an earlier one
  std::vector<Event> events;
  std::uint64_t events_lost = 0;  // more came than the guest has room for
  std::vector<std::string> warnings;
  std::map<unsigned, File> files;
  std::map<FilePage, Entry> entries;
  std::map<std::uint64_t, PageState> pages;  // by pfn: behind no entry, and not idle
  std::map<unsigned, std::uint64_t> pins;    // pfn by slot; 0: a zero page
  std::map<MapPage, Pte> ptes;
  std::map<unsigned, std::vector<Extent>> extents;  // by file: those that have changed
};

struct Log {
  std::string kernel;  // what printed it
  std::set<std::string> blind;  // events that it cannot watch
  std::vector<Step> steps;
  Step end;  // after all pins were dropped
  bool ended = false, done = false;
  bool has_ptes = false;

  // How many steps it tells of to their end: the last one of a guest that died may be cut.
  [[nodiscard]] std::size_t whole_steps() const {
    return ended || steps.empty() ? steps.size() : steps.size() - 1;
  }
};

// "line 12: expected ..., found ...". A log that ends early is not an error: see Log::done.
[[nodiscard]] std::expected<Log, std::string> parse_log(std::string_view text);
[[nodiscard]] std::string print_log(const Log& log);

}  // namespace daxfuzz::conformance
