// SPDX-License-Identifier: GPL-2.0-only
// fork(2) among tasks: the child takes the place of another process, which ends. See tasks.h;
// which mappings the child has is op_fork()'s business (ops_memory.c).
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/agent/tasks.h"

/* Is a task of the process in an op, apart from the calling one? */
static int is_busy(const struct tasks *tasks, int mm)
{
	const pid_t self = (pid_t)syscall(SYS_gettid);
	int thread;

	for (thread = 0; thread < tasks->threads; thread++)
		if (tasks->task[mm][thread].busy && tasks->task[mm][thread].thread != self)
			return 1;
	return 0;
}

static int has_mappings(const struct ops *ops, int mm)
{
	int map;

	for (map = 0; map < OPS_MAPS; map++)
		if (ops->map[map].len && ops->map[map].mm == mm)
			return 1;
	return 0;
}

/* Ends a process whose threads are idle. Its pipes are the next one's, so that it has to be gone
 * before anything is written there. */
static int end_process(pid_t process)
{
	struct pollfd gone = {.fd = (int)syscall(SYS_pidfd_open, process, 0), .events = POLLIN};
	int error = 0;

	if (gone.fd < 0)
		return errno;
	if (kill(process, SIGKILL) || poll(&gone, 1, 10000) < 0)
		error = errno;
	else if (!gone.revents)
		error = ETIMEDOUT;
	close(gone.fd);
	return error;
}

/* A process is given up only if nothing is lost with it, and a child is made only of one of which
 * no other thread holds a lock of the kernel's or of the library's: EBUSY. The child is its
 * parent's sibling (CLONE_PARENT), or it would end when a child takes the parent's place. */
int tasks_make_child(struct ops *ops, int mm)
{
	struct tasks *tasks = (struct tasks *)ops;
	pid_t child;
	int of, error;

	if (mm >= tasks->mms)
		return EINVAL;
	for (of = 0; of < tasks->mms; of++)
		if (tasks->task[of][0].process == getpid() && is_busy(tasks, of))
			return EBUSY;
	if (is_busy(tasks, mm) || has_mappings(ops, mm))
		return EBUSY;
	error = end_process(tasks->task[mm][0].process);
	if (error)
		return error;
	child = (pid_t)syscall(SYS_clone, (long)(CLONE_FILES | CLONE_PARENT | SIGCHLD), NULL, NULL, NULL,
			       NULL);
	if (child < 0)
		return errno;
	if (child == 0)
		tasks_serve(tasks, mm);
	return tasks_wait_for_threads(tasks, mm);
}
