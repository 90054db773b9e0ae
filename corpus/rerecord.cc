// SPDX-License-Identifier: GPL-2.0-only
// The schedule as it is; then, its threads in the same order, with one or two of its
// segments of any other length; then random ones. The first that keeps every promise is
// taken, with as few switches as the minimiser leaves it. See rerecord.h.
#include "corpus/rerecord.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "corpus/marks.h"
#include "exec/minimize.h"

namespace daxfuzz::corpus {
namespace {

constexpr std::uint16_t kLonger = 24;  // steps; what a change may add to a segment

// The file with the schedule that its own protocol makes of `schedule`.
File under(File file, trace::Schedule schedule) {
  trace::Program program = file.trace.program;
  program.schedule = std::move(schedule);
  const exec::Execution ran = exec::execute(program, {.lenient = true});
  file.trace.program = exec::with_schedule(std::move(program), ran);
  file.trace.digest = exec::execute(file.trace.program).digest;
  file.text = trace::print(file.trace);
  return file;
}

std::string broken_promises(const File& file) {
  return file.expectations.empty() ? broken_seed(file) : broken_expectations(file);
}

bool keeps_all(const File& file) {
  return trace::valid(file.trace.program) && broken_replay(file).empty() &&
         broken_promises(file).empty();
}

// What a file of corpus/branches promises shows in an instrumented build only. Labels do not
// tell: one that is passed twice gives another schedule that passes. With one thread there is
// no other.
bool promises_more(const File& file) {
  return file.expectations.empty() && trace::header(file.trace, "mark").empty() &&
         file.trace.program.threads() > 1;
}

// Fewer switches, the same ops. To the minimiser, "keeps every promise" is the
// failure that must stay.
File with_fewer_switches(const File& file) {
  const trace::Program& whole = file.trace.program;
  const exec::Runner runner = [&](const trace::Program& candidate, const exec::Options& how) {
    exec::Execution ran = exec::execute(candidate, how);
    const bool comparable = candidate.ops == whole.ops && candidate.geometry == whole.geometry &&
                            candidate.settings == whole.settings;
    const bool kept = comparable && keeps_all(under(file, exec::with_schedule(candidate, ran).schedule));
    ran.verdict = kept ? exec::Verdict::invariant : exec::Verdict::pass;
    ran.finding = {};
    ran.finding.id = "kept";  // one signature for all
    return ran;
  };
  constexpr std::uint64_t kBudget = 5000;
  const exec::Minimized least = exec::minimize(whole, runner, kBudget);
  return under(file, least.program.schedule);
}

// `base` with segments i and j (i may be j) of these lengths. Without labels: they
// would draw it back to where it was.
trace::Schedule resized(trace::Schedule base, std::size_t i, std::uint16_t of_i, std::size_t j,
                        std::uint16_t of_j) {
  for (trace::Segment& segment : base.segments) segment.label.clear();
  base.segments[i].steps = of_i;
  base.segments[j].steps = of_j;
  return base;
}

// Schedules one after the other, until `take` takes one.
template <class Take>
bool each_schedule(const trace::Schedule& base, std::uint64_t tries, Take take) {
  const std::size_t count = base.segments.size();
  auto longest = [&](std::size_t i) {
    return static_cast<std::uint16_t>(
        std::min<std::size_t>(base.segments[i].steps + kLonger, trace::kSegmentStepsMax));
  };
  for (std::size_t i = 0; i < count; i++)
    for (std::uint16_t steps = 1; steps <= longest(i) && tries > 0; steps++, tries--)
      if (take(resized(base, i, steps, i, steps))) return true;
  for (std::size_t i = 0; i < count; i++)
    for (std::size_t j = i + 1; j < count; j++)
      for (std::uint16_t of_i = 1; of_i <= longest(i); of_i++)
        for (std::uint16_t of_j = 1; of_j <= longest(j) && tries > 0; of_j++, tries--)
          if (take(resized(base, i, of_i, j, of_j))) return true;
  for (std::uint64_t seed = 1; tries > 0; seed++, tries--)
    if (take({.strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}}))
      return true;
  return false;
}

}  // namespace

const char* name(Rerecorded how) {
  switch (how) {
    case Rerecorded::kept: return "kept";
    case Rerecorded::followed: return "followed";
    case Rerecorded::searched: return "searched";
  }
  return "?";
}

std::expected<Recording, std::string> rerecord(const File& file, std::uint64_t tries) {
  const trace::Schedule& schedule = file.trace.program.schedule;
  if (keeps_all(file)) return Recording{Rerecorded::kept, file.text};
  if (promises_more(file))
    return std::unexpected(
        "a trace of a side of a branch, which does not show here: ci/operand_branches --rerecord FILE\n");
  if (const File followed = under(file, schedule); keeps_all(followed))
    return Recording{Rerecorded::followed, followed.text};
  std::optional<File> found;
  each_schedule(schedule, tries, [&](trace::Schedule candidate) {
    File other = under(file, std::move(candidate));
    if (keeps_all(other)) found = std::move(other);
    return found.has_value();
  });
  if (found.has_value()) return Recording{Rerecorded::searched, with_fewer_switches(*found).text};
  return std::unexpected(broken_promises(under(file, schedule)));
}

std::vector<std::string> passing(const File& file, std::size_t most) {
  std::vector<std::string> texts;
  std::set<std::uint64_t> digests;
  const auto take = [&](trace::Schedule candidate) {
    const File other = under(file, std::move(candidate));
    if (keeps_all(other) && digests.insert(*other.trace.digest).second) texts.push_back(other.text);
    return texts.size() >= most;
  };
  constexpr std::uint64_t kTries = 20000;
  const trace::Schedule& schedule = file.trace.program.schedule;
  if (!take(schedule)) each_schedule(schedule, kTries, take);
  return texts;
}

}  // namespace daxfuzz::corpus
