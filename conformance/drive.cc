// SPDX-License-Identifier: GPL-2.0-only
// See drive.h. Each thread is a task that sleeps until it is given an op. When no task can go
// on the scheduler asks its StuckHook, which is the driver: that is the end of a step.
#include "conformance/drive.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "conformance/advice.h"
#include "conformance/observe.h"
#include "conformance/scarce.h"
#include "conformance/script.h"
#include "conformance/watch.h"
#include "exec/ops.h"
#include "sched/check.h"

namespace daxfuzz::conformance {
namespace {

using trace::Op;
using trace::OpCode;

// Whoever runs goes on; who was woken runs after that. What the guest's one CPU does, too,
// as long as nobody looks between two locks.
class InTurn final : public sched::ChoiceSource {
 public:
  sched::TaskId next(const sched::Choice& choice) override { return sched::keep_current(choice); }
};

// Of a nearly full file system the model has those blocks only, until a guest's tell which they are.
trace::Geometry geometry_of(const Scene& scene, bool follows) {
  trace::Geometry geometry = scene.geometry;
  if (scene.free_blocks != 0 && !follows) geometry.blocks = scene.free_blocks;
  return geometry;
}

class Driver final : public sched::StuckHook {
 public:
  Driver(const Scene& scene, const Next& next, Advice* advice)
      : scene_(scene),
        next_(next),
        advice_(advice),
        world_(kernel::protocol_value(scene.protocol, scene.settings),
               geometry_of(scene, advice != nullptr), watch_),
        events_(true),
        scheduler_(in_turn_, events_, scene.steps_max) {}

  Driven run() {
    const kernel::WorldScope scope(world_);
    if (advice_ != nullptr)
      world_.blocks.follow(advice_);
    else if (scene_.free_blocks != 0)
      world_.blocks.follow(&scarce_);
    driven_.script = head(scene_);
    driven_.log.kernel = "model, " + std::string(trace::name(scene_.protocol));
    driven_.log.has_ptes = true;
    for (std::size_t t = 0; t < scene_.threads; t++) {
      workers_[t].owner = this;
      workers_[t].thread = static_cast<std::uint8_t>(t);
      scheduler_.spawn([](void* arg) { static_cast<Worker*>(arg)->run(); }, &workers_[t]);
    }
    const sched::Outcome outcome = scheduler_.run(this);
    if (!driven_.log.done && driven_.stopped.empty())
      driven_.stopped =
          outcome == sched::Outcome::stuck || outcome == sched::Outcome::budget
              ? "an op spins for ever"
              : "the model stopped";
    driven_.script += "end\n";
    return std::move(driven_);
  }

  // sched::StuckHook: every thread sleeps, in an op or for want of one, or spins. One that
  // spins may be about to leave its loop; if not, it waits as the guest's does.
  bool stuck() override {
    const kernel::WorldScope scope(world_);
    if (driven_.log.done) return false;
    if (spins() && laps_++ < kLapsMax) return true;
    laps_ = 0;
    if (ending_) return end_step();
    if (begun_) end_of(step());
    return begin();
  }

 private:
  struct Worker {
    Driver* owner = nullptr;
    std::uint8_t thread = 0;
    Op op{};
    unsigned mm = 0;         // that makes it
    std::size_t number = 0;  // of its step
    bool busy = false;
    std::optional<std::int64_t> result;

    void run() {
      for (;;) {
        sched::Scheduler::current()->block({.what = "op"});
        result = owner->perform(op);
      }
    }
  };

  // Pages are dropped for all files at once by the one file that there is for it in /proc. A fork
  // that the guest has refused (tasks_make_child()) is one that was to be given to nobody: the ops
  // were chosen with the model's blocks, and what waits may be others with the kernel's.
  std::int64_t perform(const Op& op) {
    if (forks_what_is_busy(world_, op, busy(op.thread).mms)) return -EBUSY;
    if (op.code != OpCode::drop_caches) return exec::run_op(world_, op);
    Op each = op;
    for (each.file = 0; each.file < scene_.geometry.files; each.file++)
      (void)exec::run_op(world_, each);
    return 0;
  }

  // But for one thread.
  Busy busy(std::size_t except = trace::kThreadsMax) const {
    Busy busy;
    for (std::size_t t = 0; t < scene_.threads; t++) {
      if (!workers_[t].busy || t == except) continue;
      busy.threads |= 1u << t;
      busy.mms |= 1u << workers_[t].mm;
    }
    return busy;
  }

  Step& step() { return driven_.log.steps.back(); }

  void end_of(Step& out) {
    for (Worker& worker : std::span(workers_).first(scene_.threads)) {
      if (!worker.busy) continue;
      const bool own = worker.number + 1 == driven_.log.steps.size() && !ending_;
      if (worker.result.has_value()) {
        out.results[worker.number] = result_of(worker.op, *worker.result);
        worker.busy = false;
      } else if (own) {
        out.results[worker.number] = {.kind = Result::Kind::blocked, .value = 0};
      }
    }
    out.warnings = watch_.take();
    std::array<std::int64_t, trace::kThreadsMax> steps{};
    for (std::size_t t = 0; t < scene_.threads; t++)
      steps[t] = static_cast<std::int64_t>(workers_[t].number);
    out.events = events_of(world_, events_.events(), std::span(steps).first(scene_.threads));
    events_.clear(true);
    if (scene_.free_blocks != 0)  // agent/quiet.c
      for (kernel::inode& file : world_.inodes) xfs_inode_free_cowblocks(file);
    world_.log.written(world_.log.committed());
    observe(world_, out);
  }

  bool begin() {
    for (;;) {
      const std::optional<Op> op = next_(world_, busy());
      if (!op.has_value()) return begin_end();
      CHECK(op->thread < scene_.threads);
      const std::optional<std::string> why = refusal(*op);
      Worker& worker = workers_[op->thread];
      if (advice_ != nullptr) {
        advice_->at(driven_.log.steps.size());
        if (worker.busy) {
          driven_.log.steps.emplace_back().results[driven_.log.steps.size() - 1].kind =
              Result::Kind::busy;
          end_of(step());
          continue;
        }
        advice_->begins(op->thread);
        start(*op, worker);
        return true;
      }
      if (why.has_value() || worker.busy ||
          !(applicable(world_, *op, busy().mms) || unsure(*op))) {
        leave_out(why.value_or(std::string(trace::info(op->code).name) + cannot(*op, worker)));
        continue;
      }
      driven_.script += line(world_, *op, driven_.ops.size());
      driven_.ops.push_back(as_called(*op));
      start(driven_.ops.back(), worker);
      return true;
    }
  }

  std::string cannot(const Op& op, const Worker& worker) const {
    if (worker.busy) return ": its thread still waits in an earlier op";
    return forks_what_is_busy(world_, op, busy().mms)
               ? ": one of the two processes is in an op, or the child's has mappings"
               : ": there is nothing for it to do";
  }

  // In a nearly full file system a slot may be in use on the kernel that is not on the model. To let
  // go of what is not there answers the same on both.
  bool unsure(const Op& op) const { return scene_.free_blocks != 0 && op.code == OpCode::unpin; }

  void start(const Op& op, Worker& worker) {
    worker.op = op;
    worker.mm = process_of(world_, op);
    worker.number = driven_.log.steps.size();
    worker.busy = true;
    worker.result.reset();
    driven_.log.steps.emplace_back();
    begun_ = true;
    scheduler_.wake(op.thread);
  }

  void leave_out(std::string text) {
    if (std::ranges::find(driven_.left_out, text) == driven_.left_out.end())
      driven_.left_out.push_back(std::move(text));
  }

  // All pins go, in the order of their slots, and with them what others wait for.
  bool begin_end() {
    ending_ = true;
    if (advice_ != nullptr) advice_->at(driven_.log.steps.size());
    const std::uint32_t before = waiting_in_op();
    for (std::size_t slot = 0; slot < world_.pins.size(); slot++)
      (void)gup_release(world_.pins[slot], static_cast<int>(slot));
    return waiting_in_op() != before || spins() ? true : end_step();
  }
  bool spins() const {
    for (std::size_t t = 0; t < scene_.threads; t++)
      if (workers_[t].busy && !workers_[t].result.has_value() &&
          scheduler_.waiting(static_cast<sched::TaskId>(t)) == nullptr)
        return true;
    return false;
  }
  bool end_step() {
    end_of(driven_.log.end);
    driven_.log.ended = driven_.log.done = true;
    return false;
  }
  std::uint32_t waiting_in_op() const {
    std::uint32_t tasks = 0;
    for (std::size_t t = 0; t < scene_.threads; t++)
      if (workers_[t].busy && scheduler_.waiting(static_cast<sched::TaskId>(t)) != nullptr)
        tasks |= 1u << t;
    return tasks;
  }

  const Scene& scene_;
  const Next& next_;
  Advice* advice_;
  const Scarce scarce_{};
  Watch watch_;
  kernel::World world_;
  InTurn in_turn_;
  sched::EventLog events_;
  sched::Scheduler scheduler_;
  std::array<Worker, trace::kThreadsMax> workers_{};
  Driven driven_;
  bool begun_ = false, ending_ = false;
  static constexpr int kLapsMax = 16;
  int laps_ = 0;
};

}  // namespace

Driven drive(const Scene& scene, const Next& next) {
  CHECK(scene.threads >= 1 && scene.threads <= trace::kThreadsMax);
  return std::make_unique<Driver>(scene, next, nullptr)->run();
}

Log follow(const Scene& scene, const std::vector<Op>& ops, const Log& kernel) {
  Advice advice(kernel, ops);
  std::size_t at = 0;
  const Next next = [&ops, &at](const kernel::World&, Busy) {
    return at < ops.size() ? std::optional(ops[at++]) : std::nullopt;
  };
  return std::make_unique<Driver>(scene, next, &advice)->run().log;
}

}  // namespace daxfuzz::conformance
