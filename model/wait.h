// SPDX-License-Identifier: GPL-2.0-only
// Hashed wait queues: DAX entries wait by {xarray, first index}, layout breakers
// by the page whose count they watch. Tables are small, so that several keys
// share a head as they may in the kernel.
// Sources: fs/dax.c (wait_table), kernel/sched/wait_bit.c (bit_wait_table).
#pragma once

#include <cstdint>

#include "model/folio.h"
#include "model/xarray.h"
#include "sched/run_memory.h"
#include "sched/wait_queue.h"

namespace daxfuzz::kernel {

// Heads are the geometry's `waits`; the kernel has 4096 and 256.
struct DaxWaitTable {
  sched::RunVector<sched::WaitQueueHead> heads;
  explicit DaxWaitTable(std::size_t size) : heads(size) {}
};
struct VarWaitTable {
  sched::RunVector<sched::WaitQueueHead> heads;
  explicit VarWaitTable(std::size_t size) : heads(size) {}
};

enum dax_wake_mode { WAKE_ALL, WAKE_NEXT };

struct exceptional_entry_key {
  const xarray* xa = nullptr;
  std::uint64_t entry_start = 0;
};

struct wait_exceptional_entry_queue {
  sched::WaitQueueEntry wait;  // first: the wake function casts back
  exceptional_entry_key key;
};

// The queue head and the key of an entry value at the cursor's index.
sched::WaitQueueHead& dax_entry_waitqueue(const xa_state& xas, entry_t entry,
                                          exceptional_entry_key& key);
bool wake_exceptional_entry_func(sched::WaitQueueEntry& wait, const void* key);
// Tells the waiters of an entry that was of this size. xa_lock may be dropped.
void dax_wake_entry(const xa_state& xas, entry_t entry, dax_wake_mode mode);
// Sleeps on a queued entry wait until woken; xa_lock must not be held.
void sleep_on_entry(wait_exceptional_entry_queue& ewait);

// wake_up_var(&page->_refcount) or (&folio->page): the key is the page.
void wake_up_var(const folio* folio);

// ___wait_var_event(page, condition, state, 0, 0, cmd): sleeps until
// condition(folio); cmd(arg) gives up the CPU (and whatever locks it drops).
void wait_var_event(const folio* folio, bool (*condition)(const struct folio*),
                    bool (*condition_peek)(const struct folio*), sched::TaskState state,
                    void (*cmd)(void* arg, const sched::WaitReason& reason), void* arg);

}  // namespace daxfuzz::kernel
