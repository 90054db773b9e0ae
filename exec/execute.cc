// SPDX-License-Identifier: GPL-2.0-only
// One run: a machine, a judge, a scheduler with one task a thread of the program,
// and the end that a real machine would have: stuck tasks see pins go, one by one,
// as processes exit; then everything is unmapped and counted. See execute.h.
#include "exec/execute.h"

#include <algorithm>
#include <climits>
#include <memory>
#include <optional>
#include <span>

#include "exec/finding.h"
#include "exec/ops.h"
#include "exec/set_up.h"
#include "oracle/judge.h"
#include "sched/check.h"
#include "sched/choice_bytes.h"
#include "sched/choice_elastic.h"
#include "sched/choice_random.h"
#include "sched/choice_replay.h"
#include "sched/race_detector.h"
#include "sched/run_memory.h"
#include "sched/store_buffer.h"
#include "sched/tsan_reports.h"

namespace daxfuzz::exec {
namespace {

constexpr sched::Label kOpLabels[] = {
#define OP(name, entry, operands, summary) sched::Label(#name),
#include "trace/op.def"
};

// The program's own strategy. Those that hunts run with need no memory of their own.
class OwnChoices {
 public:
  sched::ChoiceSource& make(const trace::Schedule& schedule, const Options& options) {
    switch (schedule.strategy) {
      case trace::Strategy::random:
        random_.emplace(schedule.seed);
        if (schedule.set_up == 0) return *random_;
        return set_up_.emplace(*random_, schedule.set_up);
      case trace::Strategy::bytes: return bytes_.emplace(schedule.bytes.data(), schedule.bytes.size());
      case trace::Strategy::replay: break;
    }
    std::vector<sched::ReplaySegment> segments;
    segments.reserve(schedule.segments.size());
    for (const trace::Segment& segment : schedule.segments)
      segments.push_back({segment.thread, segment.steps, segment.label});
    if (options.elastic) return *(replay_ = std::make_unique<sched::ElasticChoice>(segments));
    const auto mode = options.lenient ? sched::ReplayMode::lenient : sched::ReplayMode::strict;
    return *(replay_ = std::make_unique<sched::ReplayChoice>(std::move(segments), mode));
  }

 private:
  std::optional<sched::RandomChoice> random_;
  std::optional<SetUpFirst> set_up_;
  std::optional<sched::BytesChoice> bytes_;
  std::unique_ptr<sched::ChoiceSource> replay_;
};

std::vector<trace::Segment> segments_of(std::span<const sched::Ran> schedule) {
  std::vector<trace::Segment> out;
  out.reserve(schedule.size());
  for (const sched::Ran& ran : schedule) {
    std::uint32_t steps = ran.steps;
    std::string label = ran.at.text();
    for (; steps > trace::kSegmentStepsMax; steps -= trace::kSegmentStepsMax) {
      out.push_back({ran.task, trace::kSegmentStepsMax, label});
      label.clear();
    }
    out.push_back({ran.task, static_cast<std::uint16_t>(steps), std::move(label)});
  }
  return out;
}

// The segments without the steps that ended in waiting; those of one task that come
// together by that are one.
std::vector<trace::Segment> progress_of(std::span<const sched::Ran> schedule) {
  std::vector<trace::Segment> out;
  out.reserve(schedule.size());
  for (const sched::Ran& ran : schedule)
    for (std::uint32_t left = ran.steps - ran.waits; left > 0;) {
      if (out.empty() || out.back().thread != ran.task || out.back().steps == trace::kSegmentStepsMax)
        out.push_back({ran.task, 0, {}});
      const auto room = static_cast<std::uint32_t>(trace::kSegmentStepsMax - out.back().steps);
      const std::uint32_t more = std::min(left, room);
      out.back().steps = static_cast<std::uint16_t>(out.back().steps + more);
      left -= more;
    }
  return out;
}

static_assert(trace::kThreadsMax == sched::kBuffers, "segments number store buffers as the scheduler does");

// Options::checkers are the oracle's bits.
constexpr std::uint32_t bit(oracle::Checker checker) {
  return 1u << static_cast<unsigned>(checker);
}
static_assert(kCheckReference == bit(oracle::Checker::reference));
static_assert(kCheckLifetime == bit(oracle::Checker::lifetime));
static_assert(kCheckEntryLock == bit(oracle::Checker::entry_lock));
static_assert(kCheckAssociation == bit(oracle::Checker::association));
static_assert(kCheckData == bit(oracle::Checker::data));
static_assert(kCheckWakeup == bit(oracle::Checker::wakeup));
static_assert(kCheckWarn == bit(oracle::Checker::warn));
static_assert(kCheckPersistence == bit(oracle::Checker::persistence));

class Run final : public sched::StuckHook, public State {
 public:
  // No state by itself: fingerprint() says what of it is.
  static void* operator new(std::size_t size) {
    const sched::Bookkeeping scope;
    return sched::run_memory_take(size);
  }
  static void operator delete(void* at, std::size_t size) { sched::run_memory_give_back(at, size); }

  Run(const trace::Program& program, const Options& options, std::int64_t watch)
      : program_(program),
        judge_(options.checkers, watch),
        world_(kernel::protocol_value(program.protocol, program.settings), program.geometry,
               judge_),
        log_(options.keep_events),
        choices_(options.choices == nullptr ? own_choices_.make(program.schedule, options) : *options.choices),
        scheduler_(choices_, log_, steps_max(program, options)),
        watcher_(options.watcher),
        keep_schedule_(options.keep_schedule) {
    const sched::Bookkeeping scope;
    results_.resize(program.ops.size(), INT64_MIN);
    op_steps_.resize(program.ops.size());
    if (world_.protocol.memory == kernel::Memory::tso) scheduler_.buffer_stores();
    if (watcher_ != nullptr) scheduler_.park_tasks();
    if (options.races) {
      detector_.emplace([](const void* at, sched::TaskId task) {
        return static_cast<const kernel::World*>(at)->function_of(task);
      }, &world_);
    }
    CHECK(!(options.lenient && options.elastic));
    judge_.attach(world_);
  }

  Execution run() {
    kernel::WorldScope scope(world_);
    const std::uint32_t reports = sched::tsan_report_count();
    for (std::size_t t = 0; t < program_.threads(); t++) {
      threads_[t] = {this, static_cast<std::uint8_t>(t)};
      scheduler_.spawn([](void* arg) { static_cast<Thread*>(arg)->run(); }, &threads_[t]);
    }
    if (watcher_ != nullptr) watcher_->watch(this);
    sched::access_watcher = detector_.has_value() ? &*detector_ : nullptr;
    const sched::Outcome outcome = scheduler_.run(this);
    sched::access_watcher = nullptr;
    if (watcher_ != nullptr) watcher_->watch(nullptr);
    conclude(outcome);
    Execution execution = describe();
    execution.tsan_reports = sched::tsan_report_count() - reports;
    return execution;
  }

  // State: the machine as it is, of the oracle and the scheduler what matters.
  void fingerprint(sched::Fingerprint& out) const override {
    out.bytes(&world_, sizeof world_);
    judge_.fingerprint(out);
    scheduler_.fingerprint(out);
    out.word(static_cast<std::uint64_t>(in_flight_));
    for (const std::int64_t result : results_) out.word(static_cast<std::uint64_t>(result));
  }

  void save_stacks(std::vector<char>& to) const override { scheduler_.save_stacks(to); }
  void restore_stacks(const std::vector<char>& from) override { scheduler_.restore_stacks(from); }

  // sched::StuckHook: all that can still happen is that a process that holds a pin
  // goes away. The lowest slot goes first; one at a time, until somebody wakes.
  bool stuck() override {
    const std::uint32_t before = waiting();
    for (std::size_t slot = 0; slot < world_.pins.size(); slot++) {
      if (judge_.violation().has_value()) return false;
      (void)gup_release(world_.pins[slot], static_cast<int>(slot));
      if (waiting() != before) return true;
    }
    diagnosis_ = judge_.diagnose(scheduler_);
    return false;
  }

 private:
  struct Thread {
    Run* owner = nullptr;
    std::uint8_t thread = 0;
    void run() { owner->run_thread(thread); }
  };

  void run_thread(std::uint8_t thread) {
    OpSteps* before = nullptr;
    for (std::size_t i = 0; i < program_.ops.size(); i++) {
      const trace::Op& op = program_.ops[i];
      if (op.thread != thread) continue;
      // An op begins with the step that leaves its yield point, and ends with the one
      // that comes to the next op's.
      if (before != nullptr) before->last = scheduler_.progress_of(thread);
      before = &op_steps_[i];
      *before = {.first = scheduler_.progress_of(thread) + 1, .last = UINT32_MAX};
      const sched::Label label = kOpLabels[static_cast<std::size_t>(op.code)];
      const auto number = static_cast<std::int64_t>(i);
      sched::yield_point("op");
      sched::note(sched::EventKind::op_begin, label, number);
      in_flight(+1);
      world_.fail_nth[thread] = op.fail_nth;
      world_.fail_from[thread] = op.fail_from;
      const std::int64_t result = run_op(world_, op);
      sched::smp_mb();  // no store is still in a buffer when a system call has returned
      world_.fail_nth[thread] = world_.fail_from[thread] = 0;
      sched::note(sched::EventKind::op_end, label, number, result);
      {
        sched::HarnessScope scope;
        results_[i] = result;
        judge_.op_ended(thread);
        if (in_flight(-1) == 0 && !world_.crashed) judge_.quiescent();
      }
      // After a crash no process is left, and nothing of the machine but its files.
      if (world_.crashed || judge_.violation().has_value()) scheduler_.stop();
    }
    if (before != nullptr) before->last = scheduler_.progress_of(thread);
  }

  // Bit t: task t waits.
  std::uint32_t waiting() const {
    std::uint32_t tasks = 0;
    for (sched::TaskId task = 0; task < scheduler_.tasks(); task++)
      if (scheduler_.waiting(task) != nullptr) tasks |= 1u << task;
    return tasks;
  }

  // Of the last segment; a buffer's is its task's.
  sched::TaskId last_task() const {
    const sched::TaskId last = scheduler_.schedule().back().task;
    return last < sched::kBuffers ? last : sched::task_of(last);
  }

  int in_flight(int delta) { return __atomic_add_fetch(&in_flight_, delta, __ATOMIC_RELAXED); }

  void conclude(sched::Outcome outcome) {
    if (judge_.violation().has_value()) return;
    switch (outcome) {
      case sched::Outcome::stuck:
        if (diagnosis_.has_value()) judge_.stuck(*diagnosis_);
        return;
      case sched::Outcome::budget:
        judge_.out_of_steps(scheduler_.schedule().empty() ? sched::kNoTask : last_task());
        return;
      case sched::Outcome::stopped: return;
      case sched::Outcome::finished: break;
    }
    judge_.quiescent();
    for (std::size_t slot = 0; slot < world_.pins.size(); slot++)
      (void)gup_release(world_.pins[slot], static_cast<int>(slot));
    for (kernel::vm_area_struct& vma : world_.vmas) (void)do_munmap(vma);
    judge_.quiescent();
  }

  Execution describe() {
    Execution execution;
    execution.digest = log_.digest();
    execution.steps = scheduler_.steps();
    execution.results = std::move(results_);
    execution.op_steps = std::move(op_steps_);
    if (keep_schedule_ || judge_.violation().has_value()) {
      execution.segments = segments_of(scheduler_.schedule());
      execution.progress = progress_of(scheduler_.schedule());
    }
    describe_divergence(execution);
    if (judge_.violation().has_value()) describe_violation(*judge_.violation(), execution);
    if (detector_.has_value()) describe_races(execution);
    execution.events = log_.events();
    describe_samples(execution);
    return execution;
  }

  void describe_divergence(Execution& execution) const {
    const auto* recorded = dynamic_cast<const sched::ReplayChoice*>(&choices_);
    if (recorded == nullptr) return;
    const sched::ReplayChoice& replay = *recorded;
    execution.diverged = replay.diverged();
    if (!replay.diverged() && replay.resyncs() == 0) return;
    const sched::Divergence& d = replay.divergence();
    execution.divergence = "segment " + std::to_string(d.segment) + " at step " +
                           std::to_string(d.step) + ": expected " + d.expected + ", found " +
                           d.found;
  }

  void describe_races(Execution& execution) const {
    const auto side = [](const sched::RaceSide& who) {
      return DataRace::Side{.thread = who.task, .function = who.function.text(), .at = who.at.text()};
    };
    // Each pair of places once, however many words they race on.
    for (const sched::Race& race : detector_->races()) {
      DataRace told{.load = side(race.load), .write = side(race.write), .load_first = race.load_first};
      if (std::ranges::find(execution.races, told) == execution.races.end())
        execution.races.push_back(std::move(told));
    }
  }

  void describe_violation(const oracle::Violation& violation, Execution& execution) const {
    execution.verdict = verdict_of(*violation.invariant);
    execution.finding = finding_of(violation, world_, scheduler_);
  }

  // From the changes that the judge sampled to one state an event.
  void describe_samples(Execution& execution) const {
    if (judge_.samples().empty() || execution.events.empty()) return;
    execution.page_states.resize(execution.events.size());
    std::size_t next = 0;
    PageState state{.ref = world_.protocol.base_count};
    for (std::size_t i = 0; i < execution.events.size(); i++) {
      for (; next < judge_.samples().size() && judge_.samples()[next].at <= i + 1; next++) {
        const oracle::Sample& sample = judge_.samples()[next];
        state = {.ref = sample.ref, .map = sample.map, .pin = sample.pin, .share = sample.share};
      }
      execution.page_states[i] = state;
    }
  }

  const trace::Program& program_;
  oracle::Judge judge_;
  kernel::World world_;
  sched::EventLog log_;
  OwnChoices own_choices_;
  sched::ChoiceSource& choices_;
  sched::Scheduler scheduler_;
  StateWatcher* watcher_;
  const bool keep_schedule_;
  std::optional<sched::RaceDetector> detector_;
  std::vector<std::int64_t> results_;
  std::vector<OpSteps> op_steps_;
  std::array<Thread, trace::kThreadsMax> threads_;
  int in_flight_ = 0;
  std::optional<oracle::Violation> diagnosis_;  // if the run ends stuck
};

}  // namespace

Execution execute(const trace::Program& program, const Options& options) {
  std::optional<trace::Program> nearest;
  if (!trace::valid(program)) nearest = trace::clamped(program);
  const trace::Program& runnable = nearest.has_value() ? *nearest : program;
  const sched::RunMemoryScope memory(options.watcher == nullptr);
  // All of it anew: TSan reports a race on a word once until its memory
  // is allocated again, and a run's races must not depend on the runs before it.
  Execution execution = std::make_unique<Run>(runnable, options, options.watch_pfn)->run();
  const bool watch_finding = options.keep_events && options.watch_pfn < 0 &&
                             execution.finding.pfn >= 0 && options.choices == nullptr;
  if (!watch_finding) return execution;
  // A second, identical run that also samples the page that the finding is about.
  return std::make_unique<Run>(runnable, options, execution.finding.pfn)->run();
}

std::uint64_t steps_max(const trace::Program& program, const Options& options) {
  return options.steps_max * trace::blocks_unit(program.geometry.pmd_order);
}

trace::Program with_schedule(trace::Program program, const Execution& execution) {
  program.schedule = {.strategy = trace::Strategy::replay,
                      .seed = 0,
                      .bytes = {},
                      .segments = execution.segments};
  return program;
}

}  // namespace daxfuzz::exec
