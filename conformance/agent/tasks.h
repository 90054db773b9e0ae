// SPDX-License-Identifier: GPL-2.0-only
// The tasks that ops run on: `threads` threads in each of `mms` processes, one op at a time
// in each, and what can be said from outside: an op is done, or it waits for another. The
// processes share descriptors and `struct ops`, not memory. Read next: tasks.c, and children.c for
// the process that is another's child from an op on.
#ifndef CONFORMANCE_TASKS_H
#define CONFORMANCE_TASKS_H

#include <sys/types.h>

#include "conformance/agent/ops.h"

#define TASKS_MMS OPS_MMS
#define TASKS_THREADS 4

struct task {
	pid_t process, thread;
	int command, answer;	/* pipes: main writes the one and reads the other */
	int command_end, answer_end;
	int step;		/* of its last op; -1 before the first */
	int busy;		/* its op has not been seen to end */
	int waits;		/* it was settled without an end */
	int spins;		/* and not asleep */
	int said;		/* and the log has that it is blocked */
	int ended;		/* and its result is not in the log yet */
	unsigned long ticks;	/* of processor time, when its op began or it was settled last */
	unsigned long sleeps;	/* how often it had gone to sleep, when it was settled last */
	char line[OPS_LINE];
	struct op_result result;
};

/* In memory that all processes share. */
struct tasks {
	struct ops ops;
	int mms, threads;
	int ended;		/* no op follows */
	struct task task[TASKS_MMS][TASKS_THREADS];
};

/* Room for tasks and their ops; NULL if there is none. */
struct tasks *tasks_new(void);

/* Starts the processes and threads; 0 or an errno. */
int tasks_start(struct tasks *tasks, int mms, int threads);

/* Hands a task the op of `line`. */
void task_begin(struct task *task, int step, const char *line);

/* Waits until the task has finished its op, or waits for something that is not about to
 * come: it sleeps and nothing else in the machine runs, or it spins. MOVED: it waits, but
 * has run since it was settled before, so that others may have been woken by it. */
enum settled { SETTLED_DONE, SETTLED_WAITS, SETTLED_MOVED };
enum settled task_settle(const struct tasks *tasks, struct task *task);

/* Whether any task is in an op. */
int tasks_any_busy(const struct tasks *tasks);

/* How a blocked task waits: its state (S or D), and the function that it waits in. */
char task_state(const struct task *task);
void task_waits_in(const struct task *task, char *function, size_t size);

/* The body of process `mm`: its threads, of which the caller becomes one. Each answers once it
 * runs; 0 or an errno. */
_Noreturn void tasks_serve(struct tasks *tasks, int mm);
int tasks_wait_for_threads(struct tasks *tasks, int mm);

/* The hook of struct ops for fork(2): see children.c. */
int tasks_make_child(struct ops *ops, int mm);

/* Ends all processes, in an op or not. */
void tasks_stop(struct tasks *tasks);

#endif
