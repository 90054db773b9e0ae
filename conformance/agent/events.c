// SPDX-License-Identifier: GPL-2.0-only
// Events and warnings. See events.h.
#include "conformance/agent/events.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "conformance/module/daxprobe.h"

typedef unsigned long long ull;

static const struct kind {
	const char *name, *first, *second;
	int returns;
} kinds[] = {
#define PROBE(name, first, second, returns) {#name, first, second, returns},
#define POINT(name, first, second, returns) {#name, first, second, returns},
#include "conformance/module/events.def"
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int probe = -1, messages = -1;

int events_start(int device)
{
	struct daxprobe_event forgotten[64];

	probe = device;
	while (read(probe, forgotten, sizeof(forgotten)) > 0)
		;
	messages = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (messages < 0 || lseek(messages, 0, SEEK_END) < 0)
		return errno;
	return 0;
}

void events_blind(int device, char *names, size_t size)
{
	unsigned long long blind = 0;
	size_t kind;

	names[0] = '\0';
	if (ioctl(device, DAXPROBE_IOC_BLIND, &blind))
		return;
	for (kind = 0; kind < KINDS; kind++)
		if (blind >> kind & 1) {
			strncat(names, " ", size - strlen(names) - 1);
			strncat(names, kinds[kind].name, size - strlen(names) - 1);
		}
}

static int step_of(const struct tasks *tasks, unsigned tid)
{
	int mm, thread;

	for (mm = 0; mm < tasks->mms; mm++)
		for (thread = 0; thread < tasks->threads; thread++)
			if (tasks->task[mm][thread].thread == (pid_t)tid)
				return tasks->task[mm][thread].step;
	return -1;
}

/* Entries and flags of results are read in hex, indices in decimal. */
static void argument(FILE *log, const char *name, ull value)
{
	if (*name)
		fprintf(log, strcmp(name, "entry") ? " %s=%llu" : " %s=0x%llx", name, value);
}

static void event_line(FILE *log, const struct tasks *tasks, const struct daxprobe_event *event)
{
	const struct kind *kind = &kinds[event->kind % KINDS];

	fprintf(log, "E %d %s", step_of(tasks, event->tid), kind->name);
	argument(log, kind->first, event->arg[0]);
	argument(log, kind->second, event->arg[1]);
	if (kind->returns && event->flags & DAXPROBE_PENDING)
		fputs(" ret=?", log);
	else if (kind->returns)
		fprintf(log, kind->name[0] == '_' ? " ret=%llu" : " ret=0x%llx", (ull)event->ret);
	fputc('\n', log);
	if (event->lost)
		fprintf(log, "L %u\n", event->lost);
}

void events_wait_for_hung(void)
{
	int fd = open("/proc/sys/kernel/hung_task_timeout_secs", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* It looks every so many seconds for who has not run since it looked before. */
	if (write(fd, "2", 1) == 1)
		sleep(5);
	if (write(fd, "0", 1) < 0)
		perror("hung_task_timeout_secs");
	close(fd);
}

/* Whether the message is the first that says of this task that it hangs. Linux 6.16 and later say
 * at each look again that it does, and whom it waits for. */
static int hung_task(const struct tasks *tasks, const char *text, int *step)
{
	static unsigned told[64];
	unsigned tid;
	int after = 0;
	size_t index;

	if (sscanf(text, "INFO: task %*[^:]:%u blocked for more than %n", &tid, &after) != 1 || !after)
		return 0;
	for (index = 0; index < sizeof(told) / sizeof(told[0]); index++) {
		if (told[index] == tid)
			return 0;
		if (!told[index])
			break;
	}
	if (index < sizeof(told) / sizeof(told[0]))
		told[index] = tid;
	*step = step_of(tasks, tid);
	return 1;
}

/* The headline of a message that says that something is wrong, or NULL. Numbers that differ
 * from run to run are left out: "WARNING: CPU: 0 PID: 77 at fs/dax.c:390 name+0x1/0x2". */
static int headline(const struct tasks *tasks, const char *text, char *line, size_t size)
{
	static const char *const alarming[] = {
		"BUG", "Oops", "INFO: rcu", "general protection", "Assertion failed",
		"Internal error", "orruption", "Bad page", "refcount_t", "list_add corrupt", "list_del corrupt",
	};
	const char *place, *function, *end;
	size_t index;
	int step;

	if (hung_task(tasks, text, &step)) {
		snprintf(line, size, "BUG hung task of step %d", step);
		return 1;
	}
	if (strncmp(text, "WARNING: ", 9) == 0) {
		/* Linux 6.18 puts the place first: "WARNING: fs/dax.c:390 at name+0x1/0x2, CPU#0". */
		place = strstr(text, " at ");
		function = place ? place + 4 : text + 9;
		if (!strncmp(text + 9, "CPU: ", 5)) {
			place = function;
			function = strchr(place, ' ');
			function = function ? function + 1 : "";
		} else {
			place = text + 9;
		}
		end = place + strcspn(place, " ");
		snprintf(line, size, "WARN %.*s %.*s", (int)(end - place), place,
			 (int)strcspn(function, "+ ,"), function);
		return 1;
	}
	for (index = 0; index < sizeof(alarming) / sizeof(alarming[0]); index++)
		if (strstr(text, alarming[index])) {
			snprintf(line, size, "%s%s", strncmp(text, "BUG", 3) ? "BUG " : "", text);
			return 1;
		}
	return 0;
}

/* Warnings of WARN_ON_ONCE() are told again next time. */
static void rearm_warnings(void)
{
	int fd = open("/sys/kernel/debug/clear_warn_once", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1", 1) < 0)
		perror("clear_warn_once");
	close(fd);
}

/* A record is "6,1234,5678,-;text\n CONTINUATION=..\n". */
void events_warnings(FILE *log, const struct tasks *tasks)
{
	char record[2048], line[256];
	ssize_t size;
	int any = 0;

	for (;;) {
		char *text;

		size = read(messages, record, sizeof(record) - 1);
		if (size < 0 && errno == EPIPE)
			continue;	/* overwritten: go on with the oldest that is left */
		if (size <= 0)
			break;
		record[size] = '\0';
		text = strchr(record, ';');
		if (!text)
			continue;
		text++;
		text[strcspn(text, "\n")] = '\0';
		if (!headline(tasks, text, line, sizeof(line)))
			continue;
		fprintf(log, "W %s\n", line);
		any = 1;
	}
	if (any)
		rearm_warnings();
}

void events_drain(FILE *log, const struct tasks *tasks)
{
	static struct daxprobe_event events[4096];
	ssize_t size = read(probe, events, sizeof(events)), at, count;
	int step = -1, next;

	/* How tasks that ran at the same time took turns is the scheduler's choice: each task's
	 * events are in their order, and the tasks in the order in which their ops began. */
	count = size < 0 ? 0 : size / (ssize_t)sizeof(events[0]);
	for (; step < INT_MAX; step = next) {
		next = INT_MAX;
		for (at = 0; at < count; at++) {
			int of = step_of(tasks, events[at].tid);

			if (of == step)
				event_line(log, tasks, &events[at]);
			else if (of > step && of < next)
				next = of;
		}
	}
	events_warnings(log, tasks);
}
