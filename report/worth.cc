// SPDX-License-Identifier: GPL-2.0-only
// Counting and the two bounds. See worth.h.
//
// Interleavings show pairs of places where the running thread was left, one after the other;
// ops show what they returned, an error or how it compares with 0. Both are few, so that runs
// come to an end of them. What is new is told of runs drawn like those before: a fuzzer
// that mutates what was new draws better ones.
#include "report/worth.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "sched/check.h"
#include "trace/limits.h"

namespace daxfuzz::report {
namespace {

constexpr std::uint32_t kDepthsShown = 4;
const double kUnlikely = std::log(20.0);  // e to the minus this is 5 %

// FNV-1a (Fowler, Noll, Vo).
std::uint64_t hash(std::string_view text, std::uint64_t before) {
  for (const char c : text) before = (before ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return (before ^ 0xff) * 0x100000001b3u;
}
constexpr std::uint64_t kStart = 0xcbf29ce484222325u;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g %%", 100 * share);
  return text;
}

std::string line(const Saturation& shown, const char* what) {
  return "worth: " + std::to_string(shown.runs()) + " runs showed " + std::to_string(shown.kinds()) + " " +
         what + ", " + std::to_string(shown.once()) + " of them once; about " + percent(shown.next()) +
         " of such runs show a new one\n";
}

void switches(const exec::Execution& execution, std::vector<std::uint64_t>& showed) {
  for (std::size_t i = 2; i < execution.segments.size(); i++)
    showed.push_back(hash(execution.segments[i].label, hash(execution.segments[i - 1].label, kStart)));
}

void results(const trace::Program& program, const exec::Execution& execution, std::vector<std::uint64_t>& showed) {
  for (std::size_t i = 0; i < execution.results.size(); i++) {
    const std::int64_t result = execution.results[i];
    const std::int64_t kind = result > 0 ? 1 : result;
    showed.push_back(hash(std::to_string(kind), hash(trace::info(program.ops[i].code).name, kStart)));
  }
}

}  // namespace

std::vector<std::uint64_t> switches_shown(const exec::Execution& execution) {
  std::vector<std::uint64_t> out;
  switches(execution, out);
  return out;
}

std::vector<std::uint64_t> results_shown(const trace::Program& program, const exec::Execution& execution) {
  std::vector<std::uint64_t> out;
  results(program, execution, out);
  return out;
}

void Saturation::ran(std::span<const std::uint64_t> showed) {
  runs_++;
  for (const std::uint64_t kind : showed) {
    Seen& seen = seen_[kind];
    if (seen.last == runs_) continue;
    seen.last = runs_;
    seen.runs++;
    if (seen.runs == 1) once_++;
    if (seen.runs == 2) once_--;
  }
}

double Saturation::next() const {
  return runs_ == 0 ? 1 : static_cast<double>(once_) / static_cast<double>(runs_);
}

void PctBound::ran(std::size_t tasks, std::uint64_t steps, std::uint64_t taken, std::uint32_t depth) {
  CHECK(tasks > 0 && steps > 0 && depth >= 1 && depth <= chances_.size());
  runs_++;
  if (taken > steps) return;
  const double chance = 1 / (static_cast<double>(tasks) * std::pow(static_cast<double>(steps), depth - 1.0));
  // A bug of a lower depth is one of this depth, too: some of the events may be any.
  for (std::uint32_t i = 0; i < depth; i++) chances_[i] += chance;
}

double PctBound::missed(std::uint32_t depth) const { return std::exp(-chances_[depth - 1]); }

// If a share s of programs has one, all runs together miss it with a chance of at most
// e^(-s * sum of chances): that is 5 % at this s.
double PctBound::share(std::uint32_t depth) const { return std::min(1.0, kUnlikely / chances_[depth - 1]); }

void Worth::ran(const trace::Program& program, const exec::Execution& execution) {
  // As much as any run shows: whether it has to grow would be an edge of the first input alone.
  showed_.reserve(trace::kSwitchesMax);
  showed_.clear();
  switches(execution, showed_);
  switches_.ran(showed_);
  showed_.clear();
  results(program, execution, showed_);
  results_.ran(showed_);
}

void Worth::ran(const trace::Program& program, const exec::Execution& execution, std::uint64_t steps,
                std::uint32_t depth) {
  ran(program, execution);
  pct_.ran(program.threads(), steps, execution.steps, depth);
}

std::string Worth::text() const {
  if (results_.runs() == 0) return "";
  std::string text;
  if (switches_.kinds() > 0) text += line(switches_, "pairs of places where a thread was switched");
  text += line(results_, "kinds of results of ops");
  if (pct_.runs() == 0) return text;
  text += "worth: with 95 % confidence a bug of depth";
  for (std::uint32_t depth = 1; depth <= kDepthsShown; depth++)
    text += (depth == 1 ? " " : ", ") + std::to_string(depth) + " is in " +
            (pct_.share(depth) < 1 ? "at most " + percent(pct_.share(depth)) : std::string("any share"));
  return text + " of such programs (PCT)\n";
}

}  // namespace daxfuzz::report
