// SPDX-License-Identifier: GPL-2.0-only
// A script: what the tasks are and which ops they run, in order. Read from memory, because
// an exported program has its own inside. Read next: script.c; ../README.md for the lines.
#ifndef CONFORMANCE_SCRIPT_H
#define CONFORMANCE_SCRIPT_H

#include <stdio.h>

#include "conformance/agent/tasks.h"

struct script {
	const char *next;	/* what is not read yet */
	int files, mms, threads;
	long free_blocks;	/* -1: as many as there are */
};

struct script_op {
	int step, thread, mm;
	char line[OPS_LINE];
};

/* Reads the lines before the first op. NULL, or what is wrong. */
const char *script_begin(struct script *script, const char *text);

/* The next op: 1, or 0 at the end, or -1 if the line is none. */
int script_next(struct script *script, struct script_op *op);

/* Runs all of it: after each op, once every task is done or waits, `look` is called with
 * the log; it may be NULL. The lines "step", "R" and "done" are written here. NULL, or
 * what went wrong. */
typedef void (*script_look)(FILE *log, const struct tasks *tasks);
const char *script_run(struct script *script, struct tasks *tasks, FILE *log, script_look look);

#endif
