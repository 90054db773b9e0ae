// SPDX-License-Identifier: GPL-2.0-only
// Entry waits and variable waits. See wait.h.
#include "model/wait.h"

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Entry waits are over when the slot is empty or unlocked.
bool entry_is_free(const void* arg) {
  const auto& key = static_cast<const wait_exceptional_entry_queue*>(arg)->key;
  const entry_t entry = key.xa->slot(key.entry_start).entry;
  return entry == 0 || !dax_is_locked(entry);
}

sched::WaitQueueHead& var_waitqueue(const folio* folio) {
  auto& heads = world().var_waits.heads;
  return heads[folio->pfn % heads.size()];
}

struct VarWait {
  sched::WaitQueueEntry wait;  // first: the wake function casts back
  const folio* key = nullptr;
  bool (*peek)(const folio*) = nullptr;
};

bool var_wake_function(sched::WaitQueueEntry& wait, const void* key) {
  if (reinterpret_cast<VarWait&>(wait).key != key) return false;
  return sched::autoremove_wake_function(wait, key);
}

bool var_is_satisfied(const void* arg) {
  const auto* wait = static_cast<const VarWait*>(arg);
  return wait->peek(wait->key);
}

}  // namespace

// Port of dax_entry_waitqueue(), fs/dax.c, Linux 6.12.
// Differs: a table of a few heads, and a plain hash.
// Yields: nowhere.
sched::WaitQueueHead& dax_entry_waitqueue(const xa_state& xas, entry_t entry,
                                          exceptional_entry_key& key) {
  std::uint64_t index = xas.xa_index;
  if (dax_is_pmd_entry(entry)) index &= ~pg_pmd_colour();
  key = {xas.xa, index};
  auto& heads = world().dax_waits.heads;
  return heads[(xas.xa->id ^ index) % heads.size()];
}

// Port of wake_exceptional_entry_func(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: nowhere (in autoremove_wake_function()'s wake-up of a task).
bool wake_exceptional_entry_func(sched::WaitQueueEntry& wait, const void* keyp) {
  const auto& key = *static_cast<const exceptional_entry_key*>(keyp);
  const auto& ewait = reinterpret_cast<const wait_exceptional_entry_queue&>(wait);
  if (key.xa != ewait.key.xa || key.entry_start != ewait.key.entry_start) return false;
  return sched::autoremove_wake_function(wait, keyp);
}

// Port of dax_wake_entry(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: before the look at the queue, and on its lock.
void dax_wake_entry(const xa_state& xas, entry_t entry, dax_wake_mode mode) {
  exceptional_entry_key key;
  sched::WaitQueueHead& wq = dax_entry_waitqueue(xas, entry, key);
  if (wq.active()) wq.wake_up(mode == WAKE_ALL ? 0 : 1, &key);
}

void sleep_on_entry(wait_exceptional_entry_queue& ewait) {
  sched::schedule({.what = "dax_entry",
                   .kind = sched::WaitReason::Kind::event,
                   .holders = 0,
                   .object = static_cast<std::int64_t>(ewait.key.entry_start),
                   .satisfied = entry_is_free,
                   .arg = &ewait});
}

// Port of wake_up_var(), kernel/sched/wait_bit.c, Linux 6.12.
// Differs: the barrier before the look is the full ordering of the put's RMW. Its counterpart is
// that of prepare_to_wait(), between the waiter on the queue and its look at the count.
// Yields: before the look at the queue, and on its lock.
void wake_up_var(const folio* folio) {
  Function function("wake_up_var", static_cast<std::int64_t>(folio->pfn));
  sched::WaitQueueHead& wq = var_waitqueue(folio);
  if (wq.active()) wq.wake_up(0, folio);
}

// Port of ___wait_var_event(), include/linux/wait_bit.h, Linux 6.12.
// Differs: no signals, so an interruptible wait always ends by its condition.
// Yields: on the queue's lock, in the condition, in cmd.
void wait_var_event(const folio* folio, bool (*condition)(const struct folio*),
                    bool (*condition_peek)(const struct folio*), sched::TaskState state,
                    void (*cmd)(void* arg, const sched::WaitReason& reason), void* arg) {
  sched::WaitQueueHead& wq = var_waitqueue(folio);
  VarWait entry;
  entry.wait.task = sched::Scheduler::current_task();
  entry.wait.func = var_wake_function;
  entry.key = folio;
  entry.peek = condition_peek;
  const sched::WaitReason reason{.what = "page_idle",
                                 .kind = sched::WaitReason::Kind::event,
                                 .holders = 0,
                                 .object = static_cast<std::int64_t>(folio->pfn),
                                 .satisfied = var_is_satisfied,
                                 .arg = &entry};
  for (;;) {
    wq.prepare_to_wait(entry.wait, state);
    if (condition(folio)) break;
    cmd(arg, reason);
  }
  wq.finish_wait(entry.wait);
}

}  // namespace daxfuzz::kernel
