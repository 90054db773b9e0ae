// SPDX-License-Identifier: GPL-2.0-only
// Tasks: see tasks.h. A process is cloned with CLONE_FILES, because the descriptors of the
// files under test must be closed for all of them at once (unlink, evict).
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/agent/tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* An op that sleeps has to be seen asleep this often, a millisecond apart, with nothing else
 * running; longer if it is not known to wait for another op, as a timer may be to come. */
#define POLLS_KNOWN 4
#define POLLS_OTHER 150
/* An op that has run for as many ticks of 10 ms without an end spins until another op ends;
 * xfs_mmaplock_two_inodes_and_break_dax_layout() does, while a page is pinned. Later steps
 * give it less. A busy host makes ticks long, so neither can be small. */
#define TICKS_SPIN 200
#define TICKS_SPIN_ON 40
/* An op that is still running after this many milliseconds is reported as it is. */
#define POLLS_MOST 20000

struct tasks *tasks_new(void)
{
	void *room = mmap(NULL, sizeof(struct tasks), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return room == MAP_FAILED ? NULL : room;
}

/* What a thread needs to know of itself. */
struct self {
	struct tasks *tasks;
	struct task *task;
	int mm;
};

static void *serve(void *arg)
{
	const struct self self = *(struct self *)arg;
	char byte;

	free(arg);
	self.task->process = getpid();
	self.task->thread = (pid_t)syscall(SYS_gettid);
	if (write(self.task->answer_end, "+", 1) != 1)
		return NULL;
	while (read(self.task->command_end, &byte, 1) == 1) {
		ops_run(&self.tasks->ops, self.mm, self.task->line, &self.task->result);
		if (write(self.task->answer_end, "+", 1) != 1)
			break;
	}
	return NULL;
}

void tasks_serve(struct tasks *tasks, int mm)
{
	int thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ops_catch_signals();
	for (thread = tasks->threads - 1; thread >= 0; thread--) {
		struct self *self = malloc(sizeof(*self));
		pthread_t ignored;

		if (!self)
			_exit(1);
		*self = (struct self){tasks, &tasks->task[mm][thread], mm};
		if (thread == 0)
			serve(self);
		else if (pthread_create(&ignored, NULL, serve, self))
			_exit(1);
	}
	_exit(0);
}

static int make_pipes(struct task *task)
{
	int command[2], answer[2];

	if (pipe(command))
		return errno;
	if (pipe(answer))
		return errno;
	task->command_end = command[0];
	task->command = command[1];
	task->answer = answer[0];
	task->answer_end = answer[1];
	return 0;
}

static int wait_answer(struct task *task, int milliseconds)
{
	struct pollfd poller = {.fd = task->answer, .events = POLLIN};
	char byte;

	return poll(&poller, 1, milliseconds) == 1 && read(task->answer, &byte, 1) == 1;
}

int tasks_wait_for_threads(struct tasks *tasks, int mm)
{
	int thread;

	for (thread = 0; thread < tasks->threads; thread++)
		if (!wait_answer(&tasks->task[mm][thread], 10000))
			return ETIMEDOUT;
	return 0;
}

int tasks_start(struct tasks *tasks, int mms, int threads)
{
	int mm, thread, error;
	pid_t child;

	if (mms < 1 || mms > TASKS_MMS || threads < 1 || threads > TASKS_THREADS)
		return EINVAL;
	tasks->mms = mms;
	tasks->threads = threads;
	tasks->ops.make_child = tasks_make_child;
	/* Nobody asks how a process that a child has taken the place of has ended. */
	signal(SIGCHLD, SIG_IGN);
	for (mm = 0; mm < mms; mm++) {
		for (thread = 0; thread < threads; thread++) {
			tasks->task[mm][thread].step = -1;
			error = make_pipes(&tasks->task[mm][thread]);
			if (error)
				return error;
		}
		fflush(NULL);
		child = (pid_t)syscall(SYS_clone, (long)(CLONE_FILES | SIGCHLD), NULL, NULL, NULL, NULL);
		if (child < 0)
			return errno;
		if (child == 0)
			tasks_serve(tasks, mm);
		error = tasks_wait_for_threads(tasks, mm);
		if (error)
			return error;
	}
	return 0;
}

/* The whole of a small file of /proc, ended by a NUL; "" if it cannot be read. */
static void slurp(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, to, size - 1);

	to[got < 0 ? 0 : got] = '\0';
	if (fd >= 0)
		close(fd);
}

/* The fields of /proc/PID/task/TID/stat from the third on, which is the state. */
static char *stat_of(const struct task *task, char *text, size_t size)
{
	char path[64], *after;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", task->process, task->thread);
	slurp(path, text, size);
	after = strrchr(text, ')');
	return after && after[1] ? after + 2 : NULL;
}

char task_state(const struct task *task)
{
	char text[512], *fields = stat_of(task, text, sizeof(text));

	return fields ? *fields : 'X';
}

/* Processor time, in the kernel and out of it, in ticks of 10 ms. */
static unsigned long ticks_of(const struct task *task)
{
	char text[512], *fields = stat_of(task, text, sizeof(text));
	unsigned long user = 0, kernel = 0;

	if (fields)
		sscanf(fields, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user, &kernel);
	return user + kernel;
}

void task_begin(struct task *task, int step, const char *line)
{
	snprintf(task->line, sizeof(task->line), "%s", line);
	task->step = step;
	task->busy = 1;
	task->waits = 0;
	task->spins = 0;
	task->said = 0;
	task->ticks = ticks_of(task);
	task->sleeps = 0;
	if (write(task->command, "+", 1) != 1)
		abort();
}

/* "[<0>] name+0x1/0x2" a line, the innermost first. */
void task_waits_in(const struct task *task, char *function, size_t size)
{
	char path[64], text[4096], *line, *rest = NULL;

	snprintf(function, size, "-");
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stack", task->process, task->thread);
	slurp(path, text, sizeof(text));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *name = strchr(line, ']');

		name = name ? name + 1 : line;
		name += strspn(name, " ");
		name[strcspn(name, "+")] = '\0';
		if (strncmp(name, "schedule", 8) == 0 || strncmp(name, "__schedule", 10) == 0)
			continue;
		snprintf(function, size, "%s", name);
		return;
	}
}

/* Nobody but us, and those that spin, wants the processor: "0.00 0.01 0.05 1/42 99". */
static int machine_is_idle(const struct tasks *tasks)
{
	char text[128], *running;
	int mm, thread, allowed = 1;

	slurp("/proc/loadavg", text, sizeof(text));
	running = strchr(text, '/');
	if (!running)
		return 1;
	while (running > text && running[-1] != ' ')
		running--;
	if (atoi(running) <= 1)
		return 1;
	for (mm = 0; mm < tasks->mms; mm++)
		for (thread = 0; thread < tasks->threads; thread++)
			allowed += tasks->task[mm][thread].busy && tasks->task[mm][thread].spins;
	return atoi(running) <= allowed;
}

/* Functions in which a task waits until another task has done something. */
static int waits_for_another(const struct task *task)
{
	static const char *const known[] = {"layout", "wait_dax_page", "xfs_ilock", "rwsem", "down_"};
	char function[64];
	size_t index;

	task_waits_in(task, function, sizeof(function));
	for (index = 0; index < sizeof(known) / sizeof(known[0]); index++)
		if (strstr(function, known[index]))
			return 1;
	return 0;
}

/* How often the task has gone to sleep. */
static unsigned long sleeps_of(const struct task *task)
{
	static const char name[] = "\nvoluntary_ctxt_switches:";
	char path[64], text[4096], *found;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", task->process, task->thread);
	slurp(path, text, sizeof(text));
	found = strstr(text, name);
	return found ? strtoul(found + sizeof(name) - 1, NULL, 10) : 0;
}

static int is_asleep(const struct tasks *tasks, const struct task *task, int polls)
{
	char state = task_state(task);

	if ((state != 'S' && state != 'D') || !machine_is_idle(tasks))
		return 0;
	/* As it was: whoever wakes it makes it runnable at once. */
	if (task->waits && task->sleeps == sleeps_of(task))
		return POLLS_OTHER;
	return polls + 1 >= POLLS_KNOWN && waits_for_another(task) ? POLLS_OTHER : polls + 1;
}

static enum settled still_waits(struct task *task)
{
	unsigned long sleeps = sleeps_of(task);
	int moved = task->sleeps != sleeps;

	task->waits = 1;
	task->sleeps = sleeps;
	task->ticks = ticks_of(task);
	return moved ? SETTLED_MOVED : SETTLED_WAITS;
}

enum settled task_settle(const struct tasks *tasks, struct task *task)
{
	int polls, asleep = 0;

	for (polls = 0; polls < POLLS_MOST; polls++) {
		if (wait_answer(task, polls || !task->waits)) {
			task->busy = 0;
			task->ended = 1;
			return SETTLED_DONE;
		}
		asleep = is_asleep(tasks, task, asleep);
		if (asleep >= POLLS_OTHER) {
			task->spins = 0;
			break;
		}
		if (ticks_of(task) - task->ticks >= (task->spins ? TICKS_SPIN_ON : TICKS_SPIN)) {
			task->spins = 1;
			break;
		}
	}
	return still_waits(task);
}

int tasks_any_busy(const struct tasks *tasks)
{
	int mm, thread;

	for (mm = 0; mm < tasks->mms; mm++)
		for (thread = 0; thread < tasks->threads; thread++)
			if (tasks->task[mm][thread].busy)
				return 1;
	return 0;
}

void tasks_stop(struct tasks *tasks)
{
	int mm;

	for (mm = 0; mm < tasks->mms; mm++)
		if (tasks->task[mm][0].process)
			kill(tasks->task[mm][0].process, SIGKILL);
}
