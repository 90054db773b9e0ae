// SPDX-License-Identifier: GPL-2.0-only
// main() of a program exported from a trace: PROGRAM DIRECTORY runs the trace's ops on files
// of a new folder in the directory, which is on the file system to be tested, and prints each
// op's result. What the kernel says meanwhile is in its own log.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/agent/place.h"
#include "conformance/agent/quiet.h"
#include "conformance/agent/script.h"
#include "conformance/standalone/pins_vmsplice.h"

enum { ALL_ENDED, ONE_NEVER_ENDED, USAGE, NOT_RUN };

/* The script of the trace, lines of conformance/README.md: the export writes it here. */
extern const char exported_script[];

static int refuse(const char *program, const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, why);
	return NOT_RUN;
}

static const char no_dax[] =
	"a file there has no DAX, so that nothing of the trace can happen.\n"
	"  DAX needs a pmem device; memmap=4G!4G on the kernel's command line makes one:\n"
	"  mkfs.xfs -f -m reflink=1 /dev/pmem0 && mount -o dax=always /dev/pmem0 /mnt/dax\n"
	"  --anywhere runs the ops all the same";

/* Into a folder of its own: the directory is somebody's. */
static const char *enter(const char *directory, int anywhere)
{
	char folder[] = "daxfuzz-XXXXXX";
	int dax;

	if (chdir(directory) || !mkdtemp(folder) || chdir(folder))
		return strerror(errno);
	dax = place_has_dax(".");
	if (dax < 0)
		return strerror(-dax);
	if (dax || anywhere) {
		printf("files are in %s/%s\n", directory, folder);
		return NULL;
	}
	return chdir("..") || rmdir(folder) ? strerror(errno) : no_dax;
}

/* As in the guest after each op; a file system that is not XFS needs none of it. */
static void rest(FILE *log, const struct tasks *tasks)
{
	(void)log;
	(void)tasks;
	quiet(".", 0);
}

/* Which ops still wait after all pins are gone. */
static int count_hung(const struct tasks *tasks)
{
	const struct task *task = &tasks->task[0][0], *const end = task + TASKS_MMS * TASKS_THREADS;
	char function[64];
	int hung = 0;

	for (; task < end; task++) {
		if (!task->busy)
			continue;
		task_waits_in(task, function, sizeof(function));
		printf("op %d never ended: state %c, in %s\n", task->step, task_state(task), function);
		hung++;
	}
	return hung;
}

/* A byte of each half of a page; -1 beyond the end of the file. */
static int half(int fd, long page, int second)
{
	unsigned char byte;

	return pread(fd, &byte, 1, page * (long)OPS_PAGE + second * (long)OPS_PAGE / 2) == 1 ? byte : -1;
}

/* What the files hold when all is over: "contents b 0..3: 0x11 0x11", pages that are alike. */
static void print_contents(const struct ops *ops)
{
	int file;

	for (file = 0; file < ops->files; file++) {
		const int fd = ops->fd[file];
		long from = 0, page = 0;
		int first = half(fd, 0, 0), second = half(fd, 0, 1);

		if (first < 0)
			printf("contents %c: empty\n", 'a' + file);
		while (first >= 0) {
			const int next = half(fd, ++page, 0), after = half(fd, page, 1);

			if (next == first && after == second)
				continue;
			printf("contents %c %ld..%ld: 0x%02x", 'a' + file, from, page - 1, (unsigned)first);
			if (second >= 0)
				printf(" 0x%02x", (unsigned)second);
			putchar('\n');
			from = page;
			first = next;
			second = after;
		}
	}
}

int main(int argc, char **argv)
{
	const int anywhere = argc == 3 && !strcmp(argv[1], "--anywhere");
	const char *directory = argv[argc - 1], *wrong;
	const struct pins *pins = pins_vmsplice();
	struct tasks *tasks = tasks_new();
	struct script script;
	int error, hung;

	if (argc != 2 + anywhere || directory[0] == '-') {
		fprintf(stderr, "usage: %s [--anywhere] DIRECTORY, on XFS mounted with -o dax=always\n", argv[0]);
		return USAGE;
	}
	if (!tasks || !pins)
		return refuse(argv[0], "no memory or no pipes", strerror(errno));
	wrong = script_begin(&script, exported_script);
	if (!wrong)
		wrong = enter(directory, anywhere);
	if (wrong)
		return refuse(argv[0], directory, wrong);
	if (place_align("."))
		fputs("note: free space cannot be aligned: a PMD may not be mapped as one\n", stderr);
	error = ops_open(&tasks->ops, ".", script.files, pins);
	if (!error)
		error = tasks_start(tasks, script.mms, script.threads);
	if (error)
		return refuse(argv[0], directory, strerror(error));
	wrong = script_run(&script, tasks, stdout, rest);
	hung = wrong ? 0 : count_hung(tasks);
	if (!wrong && !hung)
		print_contents(&tasks->ops);
	tasks_stop(tasks);
	if (wrong)
		return refuse(argv[0], "exported_script", wrong);
	return hung ? ONE_NEVER_ENDED : ALL_ENDED;
}
