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
 * running; longer if it is not known to wait for a pin, as it may wait for a worker's timer. */
#define POLLS_KNOWN 4
#define POLLS_OTHER 150
/* And one that has been told to be blocked is only looked at, to see if it was woken. */
#define POLLS_TOLD 3
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

/* The body of a process: its threads, of which it is one. */
static void process(struct tasks *tasks, int mm)
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

int tasks_start(struct tasks *tasks, int mms, int threads)
{
	int mm, thread, error;
	pid_t child;

	if (mms < 1 || mms > TASKS_MMS || threads < 1 || threads > TASKS_THREADS)
		return EINVAL;
	tasks->mms = mms;
	tasks->threads = threads;
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
			process(tasks, mm);
		for (thread = 0; thread < threads; thread++)
			if (!wait_answer(&tasks->task[mm][thread], 10000))
				return ETIMEDOUT;
	}
	return 0;
}

void task_begin(struct task *task, int step, const char *line)
{
	snprintf(task->line, sizeof(task->line), "%s", line);
	task->step = step;
	task->busy = 1;
	task->told = 0;
	if (write(task->command, "+", 1) != 1)
		abort();
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

char task_state(const struct task *task)
{
	char path[64], text[512], *after;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", task->process, task->thread);
	slurp(path, text, sizeof(text));
	after = strrchr(text, ')');
	return after && after[1] ? after[2] : 'X';
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

/* Nobody but us wants the processor: "0.00 0.01 0.05 1/42 99". */
static int machine_is_idle(void)
{
	char text[128], *running;

	slurp("/proc/loadavg", text, sizeof(text));
	running = strchr(text, '/');
	if (!running)
		return 1;
	while (running > text && running[-1] != ' ')
		running--;
	return atoi(running) <= 1;
}

static int waits_for_a_pin(const struct task *task)
{
	char function[64];

	task_waits_in(task, function, sizeof(function));
	return strstr(function, "layout") || strstr(function, "wait_dax_page");
}

int task_settle(struct task *task)
{
	int polls, asleep = 0;

	for (polls = 0; polls < POLLS_MOST; polls++) {
		char state;

		if (wait_answer(task, 1)) {
			task->busy = 0;
			return 1;
		}
		state = task_state(task);
		asleep = (state == 'S' || state == 'D') && machine_is_idle() ? asleep + 1 : 0;
		if (asleep >= (task->told ? POLLS_TOLD : POLLS_OTHER) ||
		    (asleep >= POLLS_KNOWN && waits_for_a_pin(task)))
			return 0;
	}
	return 0;
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
