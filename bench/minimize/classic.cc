// SPDX-License-Identifier: GPL-2.0-only
// The switches of the classic programs: the fewest that a failure needs, found by going through all schedules
// with fewer, and what the minimiser comes to from schedules that were drawn. See classic.h.
#include "bench/minimize/classic.h"

#include <algorithm>
#include <optional>

#include "exec/minimize.h"
#include "explore/classic_programs.h"
#include "sched/choice_elastic.h"
#include "sched/choice_pos.h"
#include "sched/choice_random.h"
#include "sched/choice_replay.h"
#include "sched/scheduler.h"

namespace daxfuzz::bench {
namespace {

using namespace explore::testing;
using trace::Segment;

constexpr std::uint64_t kStepsMax = 2000;

// Goes on with the running task but where it is told to switch, and tells where it could have.
class Switches final : public sched::ChoiceSource {
 public:
  struct Asked {
    std::uint64_t step = 0;
    std::uint32_t runnable = 0;
    sched::TaskId chosen = sched::kNoTask;
    std::size_t segments = 0;  // begun before it
  };
  // The first choices, as they were before; then as it comes.
  explicit Switches(std::vector<sched::TaskId> first) : first_(std::move(first)) {}
  sched::TaskId next(const sched::Choice& choice) override {
    const sched::TaskId to = asked_.size() < first_.size() ? first_[asked_.size()] : sched::keep_current(choice);
    asked_.push_back({.step = choice.step, .runnable = choice.runnable, .chosen = to, .segments = segments_});
    return to;
  }
  void switched(sched::TaskId, sched::Label) override { ++segments_; }
  [[nodiscard]] const std::vector<Asked>& asked() const { return asked_; }

 private:
  std::vector<sched::TaskId> first_;
  std::vector<Asked> asked_;
  std::size_t segments_ = 0;
};

template <class Shared>
exec::Execution run(sched::ChoiceSource& choices) {
  struct Task {
    Shared* shared;
    std::uint32_t number;
  };
  Shared shared;
  sched::EventLog log(false);
  sched::Scheduler scheduler(choices, log, kStepsMax);
  std::vector<Task> tasks;
  for (std::uint32_t t = 0; t < Shared::tasks(); ++t) tasks.push_back({&shared, t});
  for (Task& task : tasks)
    scheduler.spawn([](void* arg) {
      auto* one = static_cast<Task*>(arg);
      one->shared->task(one->number);
    }, &task);
  const sched::Outcome outcome = scheduler.run();
  exec::Execution out;
  if (outcome != sched::Outcome::finished || shared.wrong) {
    out.verdict = exec::Verdict::invariant;
    out.finding.id = outcome == sched::Outcome::finished ? "wrong" : "stuck";
    out.finding.function = "classic";
  }
  out.steps = scheduler.steps();
  for (const sched::Ran& ran : scheduler.schedule()) {
    const char* at = out.segments.empty() ? "" : ran.at.text();
    out.segments.push_back({ran.task, static_cast<std::uint16_t>(ran.steps), at});
    out.progress.push_back({ran.task, static_cast<std::uint16_t>(ran.steps - ran.waits), ""});
  }
  return out;
}

std::vector<sched::ReplaySegment> segments_of(const trace::Program& program) {
  std::vector<sched::ReplaySegment> out;
  for (const Segment& s : program.schedule.segments) out.push_back({s.thread, s.steps, s.label});
  return out;
}

// The ops are no part of it: there is one, and it stays.
template <class Shared>
exec::Execution replayed(const trace::Program& program, const exec::Options& how) {
  if (program.schedule.strategy == trace::Strategy::random) {  // the minimiser tries a few seeds, too
    sched::RandomChoice choices(program.schedule.seed);
    return run<Shared>(choices);
  }
  if (how.elastic) {
    sched::ElasticChoice choices(segments_of(program));
    return run<Shared>(choices);
  }
  sched::ReplayChoice choices(segments_of(program));
  exec::Execution out = run<Shared>(choices);
  out.diverged = choices.diverged();
  return out;
}

// Is there a schedule with so many segments that fails? All of them are tried: at each choice whoever could run.
template <class Shared>
bool fails_within(std::size_t segments, const std::vector<sched::TaskId>& first = {}) {
  Switches choices(first);
  const exec::Execution execution = run<Shared>(choices);
  if (execution.failed() && execution.segments.size() <= segments) return true;
  std::vector<sched::TaskId> prefix = first;
  for (std::size_t at = first.size(); at < choices.asked().size(); ++at) {
    const Switches::Asked& asked = choices.asked()[at];
    if (asked.segments >= segments) break;  // another switch is one too many, here and later
    for (sched::TaskId to = 0; to < Shared::tasks(); ++to) {
      if (to == asked.chosen || (asked.runnable >> to & 1u) == 0) continue;
      prefix.push_back(to);
      if (fails_within<Shared>(segments, prefix)) return true;
      prefix.pop_back();
    }
    prefix.push_back(asked.chosen);
  }
  return false;
}

template <class Shared>
ClassicRow row(const char* name, std::uint64_t seeds) {
  ClassicRow out;
  out.name = name;
  trace::Program program;
  program.ops.resize(1);
  program.geometry = {.files = 1, .blocks = 4, .pmd_order = 1, .mms = 1};  // nothing to make smaller
  for (std::uint64_t seed = 1; out.drawn.size() < seeds; ++seed) {
    sched::PosChoice choices(seed);  // switches a lot, and finds each of them
    const exec::Execution drawn = run<Shared>(choices);
    if (!drawn.failed()) continue;
    std::size_t replays = 0;
    const exec::Minimized small =
        exec::minimize(exec::with_schedule(program, drawn), [&](const trace::Program& p, const exec::Options& o) {
          ++replays;
          return replayed<Shared>(p, o);
        });
    out.drawn.push_back(drawn.segments.size());
    out.reached.push_back(small.execution.segments.size());
    out.replays.push_back(replays);
  }
  // What was reached fails; whether less does, all schedules say.
  out.fewest = std::ranges::min(out.reached);
  while (out.fewest > 1 && fails_within<Shared>(out.fewest - 1)) --out.fewest;
  return out;
}

}  // namespace

std::vector<ClassicRow> classic_rows(std::uint64_t seeds) {
  return {row<LostWake<false>>("lostwake", seeds), row<RefGet<false>>("refget", seeds), row<Aba<false>>("aba", seeds),
          row<Deep4<false>>("deep4", seeds), row<Reorder5<false>>("reorder_5", seeds)};
}

}  // namespace daxfuzz::bench
