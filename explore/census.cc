// SPDX-License-Identifier: GPL-2.0-only
// Numbering programs, and searching them one after the other. See census.h.
#include "explore/census.h"

#include <set>
#include <sstream>
#include <utility>

#include "sched/check.h"
#include "trace/text.h"

namespace daxfuzz::explore {
namespace {

// alphabet to the power of ops: what one thread can do.
std::uint64_t sequences(const Space& space) {
  std::uint64_t count = 1;
  for (std::uint32_t i = 0; i < space.ops; i++) count *= space.alphabet.size();
  return count;
}

// The two sequences of a program: number counts pairs with first <= second, by second.
std::pair<std::uint64_t, std::uint64_t> pair_of(std::uint64_t number) {
  std::uint64_t second = 0;
  while (number > second) number -= ++second;
  return {number, second};
}

std::string lines(const Space& space, std::uint64_t sequence, char thread) {
  std::string text;
  for (std::uint32_t i = 0; i < space.ops; i++) {
    std::string op = space.alphabet[sequence % space.alphabet.size()];
    sequence /= space.alphabet.size();
    for (char& c : op)
      if (c == '@') c = thread;
    text += std::string("T") + thread + ": " + op + "\n";
  }
  return text;
}

}  // namespace

Space one_page(trace::ProtocolId protocol, std::uint32_t ops) {
  return {.protocol = protocol,
          .settings = {},
          .geometry = "files=2 blocks=4 pmd_order=2 mms=1",
          .set_up = {"write a+0 len=1 0x11", "mmap a+0 len=1 -> m0"},
          .alphabet = {"fault m0+0 read", "fault m0+0 write 0x2@", "pin m0+0 write pin fast -> p@",
                       "unpin p@", "madvise m0+0 len=1", "munmap m0", "read a+0 len=1",
                       "write a+0 len=1 0x3@", "truncate a 0", "punch a+0 len=1", "fsync a",
                       "writeback a", "invalidate a+0 len=1", "break_layout a", "drop_caches a",
                       "reflink a+0 b+0 len=1", "evict a"},
          .ops = ops};
}

std::uint64_t programs(const Space& space) {
  const std::uint64_t each = sequences(space);
  return each * (each + 1) / 2;
}

trace::Program program(const Space& space, std::uint64_t number) {
  CHECK(number < programs(space));
  const auto [first, second] = pair_of(number);
  std::string text = "daxt 1\nprotocol " + std::string(trace::name(space.protocol)) + "\ngeometry " +
                     space.geometry + "\n";
  for (const std::string& op : space.set_up) text += "T0: " + op + "\n";
  text += lines(space, first, '0') + lines(space, second, '1');
  const auto parsed = trace::parse(text, "census");
  CHECK(parsed.has_value());
  trace::Program made = parsed->trace.program;
  made.settings = space.settings;
  return made;
}

Census census(const Space& space, ProgramLimits limits, std::uint64_t part, std::uint64_t parts,
              const std::function<bool(const Census&)>& seen) {
  CHECK(part < parts);
  limits.set_up = static_cast<std::uint32_t>(space.set_up.size());
  Census all;
  for (std::uint64_t number = part; number < programs(space); number += parts) {
    const trace::Program tried = program(space, number);
    const Report report = explore(tried, limits);
    all.programs++;
    all.complete += report.complete() ? 1 : 0;
    all.executions += report.executions;
    all.states += report.states;
    std::set<std::string> signatures;
    for (const auto& [key, found] : report.outcomes) {
      const std::string signature = key.substr(0, key.find(" |"));
      if (!found.failed || !signatures.insert(signature).second) continue;
      Violated& violated = all.violated[signature];
      if (violated.programs++ != 0) continue;
      violated.number = number;
      violated.decisions = found.decisions;
    }
    if (seen && !seen(all)) break;
  }
  return all;
}

trace::Program example(const Space& space, ProgramLimits limits, const Violated& violated) {
  limits.set_up = static_cast<std::uint32_t>(space.set_up.size());
  return with_decisions(program(space, violated.number), limits, violated.decisions);
}

std::string text(const Census& census) {
  std::ostringstream lines;
  lines << census.programs << " " << census.complete << " " << census.executions << " " << census.states << " "
        << census.violated.size() << "\n";
  for (const auto& [signature, violated] : census.violated) {
    lines << violated.programs << " " << violated.number << " " << violated.decisions.size();
    for (const sched::TaskId task : violated.decisions) lines << " " << std::uint32_t{task};
    lines << " " << signature << "\n";
  }
  return lines.str();
}

std::optional<Census> parse_census(std::string_view text) {
  std::istringstream lines{std::string(text)};
  Census census;
  std::size_t violated = 0;
  lines >> census.programs >> census.complete >> census.executions >> census.states >> violated;
  for (; violated != 0 && lines; violated--) {
    Violated one;
    std::size_t count = 0;
    std::string signature;
    lines >> one.programs >> one.number >> count;
    for (std::uint32_t task = 0; count != 0 && lines >> task; count--)
      one.decisions.push_back(static_cast<sched::TaskId>(task));
    lines.get();
    std::getline(lines, signature);
    census.violated.emplace(std::move(signature), std::move(one));
  }
  if (!lines || !text.ends_with('\n')) return std::nullopt;
  return census;
}

void merge(Census& into, const Census& part) {
  into.programs += part.programs;
  into.complete += part.complete;
  into.executions += part.executions;
  into.states += part.states;
  for (const auto& [signature, violated] : part.violated) {
    const auto [at, fresh] = into.violated.emplace(signature, violated);
    if (fresh) continue;
    at->second.programs += violated.programs;
    if (at->second.number < violated.number) continue;
    at->second.number = violated.number;
    at->second.decisions = violated.decisions;
  }
}

}  // namespace daxfuzz::explore
