// SPDX-License-Identifier: GPL-2.0-only
// Between primitives and the watcher. See access.h.
#include "sched/access.h"

#include "sched/running.h"
#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

// Off a task everything is ordered with all tasks, and harness code is not judged.
bool judged() { return access_watcher != nullptr && running.task != kNoTask && running.harness == 0; }

// A watcher may be any code, built with TSan, and is called from every task.
class Told {
 public:
  Told() { tsan_ignore_begin(); }
  ~Told() { tsan_ignore_end(); }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
};

// Not part of access_point(), which then has no frame: one more on each parked stack, with what
// earlier calls left in its gaps, keeps equal states apart.
[[gnu::noinline]] void watched_access_point(Label at, Access access) {
  running.scheduler->yield(at, access);
  if (!judged()) return;
  const Told scope;
  access_watcher->accessed(running.task, access, at);
}

}  // namespace

DAXFUZZ_HOT_THREAD_LOCAL AccessWatcher* access_watcher = nullptr;

void access_point(Label at, Access access) {
  if (running.task == kNoTask) return;
  if (access_watcher != nullptr) return watched_access_point(at, access);
  return running.scheduler->yield(at, access);
}

void report_access(const Access& access) {
  if (!judged()) return;
  const Told scope;
  access_watcher->accessed(running.task, access, Label());
}

void report_acquire(const void* edge) {
  if (!judged()) return;
  const Told scope;
  access_watcher->acquired(running.task, edge);
}

void report_release(const void* edge) {
  if (!judged()) return;
  const Told scope;
  access_watcher->released(running.task, edge);
}

}  // namespace daxfuzz::sched
