// SPDX-License-Identifier: GPL-2.0-only
// A machine, a judge and a thread for each of the program's: execute.cc without what only
// fibers have. See threads.h.
#include "exec/threads.h"

#include <array>
#include <climits>
#include <cstdio>
#include <memory>
#include <optional>

#include "exec/finding.h"
#include "exec/ops.h"
#include "model/world.h"
#include "oracle/judge.h"
#include "sched/check.h"
#include "sched/choice_random.h"
#include "sched/os_threads.h"
#include "sched/tsan_reports.h"

namespace daxfuzz::exec {
namespace {

constexpr std::uint32_t kEveryChecker = (1u << 8) - 1;

class ThreadedRun final : public sched::StuckHook {
 public:
  ThreadedRun(const trace::Program& program, const ThreadsOptions& options)
      : program_(program),
        options_(options),
        judge_(kEveryChecker, -1),
        world_(kernel::protocol_value(program.protocol, program.settings), program.geometry, judge_),
        log_(false),
        choices_(0),
        scheduler_(choices_, log_, options.steps_max),
        results_(program.ops.size(), INT64_MIN) {
    judge_.attach(world_);
  }

  Execution run() {
    const kernel::WorldScope scope(world_);
    const std::uint32_t reports = sched::tsan_report_count();
    sched::set_os_threads({.seed = options_.seed,
                           .yields = options_.yields,
                           .patience_ms = options_.patience_ms,
                           .describe = &describe_task,
                           .check_failed = &check_failed,
                           .arg = this});
    for (std::size_t t = 0; t < program_.threads(); t++) {
      threads_[t].owner = this;
      threads_[t].number = static_cast<std::uint8_t>(t);
      scheduler_.spawn([](void* arg) { static_cast<Thread*>(arg)->run(); }, &threads_[t]);
    }
    conclude(scheduler_.run(this));
    sched::set_os_threads({});
    Execution execution = describe();
    execution.tsan_reports = sched::tsan_report_count() - reports;
    return execution;
  }

  // sched::StuckHook: as in execute.cc, one pin a call; if that wakes nobody, this is asked again.
  bool stuck() override {
    for (std::size_t slot = 0; slot < world_.pins.size(); slot++)
      if (gup_release(world_.pins[slot], static_cast<int>(slot)) == 0) return true;
    const sched::HarnessScope scope;
    diagnosis_ = judge_.diagnose(scheduler_);
    return false;
  }

 private:
  struct Thread {
    ThreadedRun* owner = nullptr;
    std::uint8_t number = 0;
    std::size_t op = SIZE_MAX;  // that it runs, for reports
    void run() { owner->run_thread(*this); }
  };

  void run_thread(Thread& thread) {
    const kernel::WorldScope scope(world_);
    for (std::size_t i = 0; i < program_.ops.size(); i++) {
      const trace::Op& op = program_.ops[i];
      if (op.thread != thread.number || op.code == trace::OpCode::crash) continue;
      sched::yield_point("op");
      {  // not while another thread finds that no op is in flight, and looks at everything
        const sched::HarnessScope begin;
        in_flight_++;
        __atomic_store_n(&thread.op, i, __ATOMIC_RELAXED);
      }
      world_.fail_nth[thread.number] = op.fail_nth;
      world_.fail_from[thread.number] = op.fail_from;
      const std::int64_t result = run(op);
      world_.fail_nth[thread.number] = world_.fail_from[thread.number] = 0;
      bool ends = false;
      {
        const sched::HarnessScope end;
        results_[i] = result;
        judge_.op_ended(thread.number);
        if (--in_flight_ == 0) judge_.quiescent();
        ends = judge_.violation().has_value();
      }
      if (ends) scheduler_.stop();
    }
  }

  std::int64_t run(const trace::Op& op) {
    if (op.code != trace::OpCode::dma) return run_op(world_, op);
    const sched::HarnessScope step;  // a device's access: whoever unpins waits for its end
    return run_op(world_, op);
  }

  void conclude(sched::Outcome outcome) {
    if (judge_.violation().has_value() || check_.has_value()) return;
    if (outcome == sched::Outcome::stuck && diagnosis_.has_value()) return judge_.stuck(*diagnosis_);
    if (outcome == sched::Outcome::budget)
      return judge_.out_of_steps(scheduler_.schedule().empty() ? sched::kNoTask : scheduler_.schedule().back().task);
    if (outcome != sched::Outcome::finished) return;
    judge_.quiescent();
    for (std::size_t slot = 0; slot < world_.pins.size(); slot++)
      (void)gup_release(world_.pins[slot], static_cast<int>(slot));
    for (kernel::vm_area_struct& vma : world_.vmas) (void)do_munmap(vma);
    judge_.quiescent();
  }

  Execution describe() {
    Execution execution;
    execution.steps = scheduler_.steps();
    execution.results = std::move(results_);
    if (judge_.violation().has_value()) {
      execution.verdict = verdict_of(*judge_.violation()->invariant);
      execution.finding = finding_of(*judge_.violation(), world_, scheduler_);
    } else if (check_.has_value()) {
      execution.verdict = Verdict::bug;
      execution.finding = *check_;
    }
    if (!execution.failed()) return execution;
    for (std::size_t t = 0; t < program_.threads(); t++) {
      char what[128];
      describe_task(this, static_cast<sched::TaskId>(t), what, sizeof what);
      execution.finding.waits += "T" + std::to_string(t) + " " + what + "\n";
    }
    return execution;
  }

  // "op 5 truncate in xfs_break_layouts"
  static void describe_task(const void* arg, sched::TaskId task, char* to, std::size_t size) {
    const auto& run = *static_cast<const ThreadedRun*>(arg);
    const std::size_t op = __atomic_load_n(&run.threads_[task].op, __ATOMIC_RELAXED);
    if (op >= run.program_.ops.size()) {
      std::snprintf(to, size, "no op yet");
      return;
    }
    const std::string_view name = trace::info(run.program_.ops[op].code).name;
    std::snprintf(to, size, "op %zu %.*s in %s", op, static_cast<int>(name.size()), name.data(),
                  run.world_.function_of(task).text());
  }

  static void check_failed(void* arg, const char* condition, const char* file, int line) {
    auto& run = *static_cast<ThreadedRun*>(arg);
    if (run.check_.has_value()) return;
    const sched::TaskId task = sched::Scheduler::current_task();
    run.check_.emplace();
    run.check_->id = "check-failed";
    run.check_->function = run.world_.function_of(task).text();
    run.check_->rule = "a CHECK of the port, or of the oracle, holds";
    run.check_->value = std::string(condition) + ", " + file + ":" + std::to_string(line);
    run.check_->task = task;
  }

  const trace::Program& program_;
  const ThreadsOptions& options_;
  oracle::Judge judge_;
  kernel::World world_;
  sched::EventLog log_;
  sched::RandomChoice choices_;  // never asked
  sched::Scheduler scheduler_;
  std::vector<std::int64_t> results_;
  std::array<Thread, trace::kThreadsMax> threads_;
  int in_flight_ = 0;
  std::optional<oracle::Violation> diagnosis_;  // if the run ends stuck
  std::optional<Finding> check_;                // that failed
};

}  // namespace

Execution execute_on_threads(const trace::Program& program, const ThreadsOptions& options) {
  const trace::Program runnable = trace::valid(program) ? program : trace::clamped(program);
  // On the heap, each run anew: execute.cc says why.
  return std::make_unique<ThreadedRun>(runnable, options)->run();
}

}  // namespace daxfuzz::exec
