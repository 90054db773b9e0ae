// SPDX-License-Identifier: GPL-2.0-only
// Reading and running a script. See script.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/agent/script.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* At the end, what the last pins let go has this long to finish. */
#define LAST_WAITS 3

static int next_line(struct script *script, char *line, size_t size)
{
	size_t length = strcspn(script->next, "\n");

	if (!*script->next || length >= size)
		return 0;
	memcpy(line, script->next, length);
	line[length] = '\0';
	script->next += length + (script->next[length] == '\n');
	return 1;
}

const char *script_begin(struct script *script, const char *text)
{
	char line[OPS_LINE];

	*script = (struct script){.next = text, .files = 1, .mms = 1, .threads = 1, .free_blocks = -1};
	if (!next_line(script, line, sizeof(line)) || strcmp(line, "daxconf-script 1"))
		return "not a script of version 1";
	while (strncmp(script->next, "op ", 3) && strncmp(script->next, "end", 3)) {
		if (!next_line(script, line, sizeof(line)))
			return "a script without an end";
		if (sscanf(line, "files %d", &script->files) == 1 || sscanf(line, "mms %d", &script->mms) == 1 ||
		    sscanf(line, "threads %d", &script->threads) == 1 ||
		    sscanf(line, "free %ld", &script->free_blocks) == 1)
			continue;
		return "a script with an unknown line";
	}
	if (script->files < 0 || script->files > OPS_FILES || script->mms < 1 || script->mms > TASKS_MMS ||
	    script->threads < 1 || script->threads > TASKS_THREADS)
		return "a script with too many files, mms or threads";
	return NULL;
}

int script_next(struct script *script, struct script_op *op)
{
	char line[OPS_LINE];
	int at = 0;

	if (!next_line(script, line, sizeof(line)))
		return -1;
	if (!strcmp(line, "end"))
		return 0;
	if (sscanf(line, "op %d %d %d %n", &op->step, &op->thread, &op->mm, &at) < 3 || !at || !line[at])
		return -1;
	strcpy(op->line, line + at);
	return 1;
}

static void result_line(FILE *log, const struct task *task)
{
	const struct op_result *result = &task->result;

	fprintf(log, "R %d ", task->step);
	switch (result->how) {
	case OP_OK:
		fprintf(log, "ok %ld", result->value);
		if (result->count >= 0)
			fprintf(log, " %ld", result->count);
		break;
	case OP_ERR: fprintf(log, "err %ld", result->value); break;
	case OP_SIGNAL: fprintf(log, "sig %ld %ld", result->value, result->count); break;
	case OP_NOSYS: fputs("nosys", log); break;
	}
	fputc('\n', log);
}

static void blocked_line(FILE *log, struct task *task)
{
	char function[64];

	task->said = 1;
	task_waits_in(task, function, sizeof(function));
	fprintf(log, "R %d blocked %c %s\n", task->step, task_state(task), function);
}

/* Which task of several ends first is the scheduler's choice: they are told in the order in
 * which they began. */
static void result_lines(struct tasks *tasks, FILE *log)
{
	for (;;) {
		struct task *first = NULL, *task = &tasks->task[0][0];
		struct task *const end = task + TASKS_MMS * TASKS_THREADS;

		for (; task < end; task++)
			if (task->ended && (!first || task->step < first->step))
				first = task;
		if (!first)
			return;
		first->ended = 0;
		result_line(log, first);
	}
}

/* Until a round in which nobody ended or moved: who is busy then waits, and says so once. */
static void settle_all(struct tasks *tasks, FILE *log, struct task *begun)
{
	struct task *task, *const end = &tasks->task[0][0] + TASKS_MMS * TASKS_THREADS;
	int again;

	if (begun)
		task_settle(tasks, begun);
	do {
		again = 0;
		for (task = &tasks->task[0][0]; task < end; task++)
			if (task->busy)
				again |= task_settle(tasks, task) != SETTLED_WAITS;
	} while (again);
	result_lines(tasks, log);
	if (begun && begun->busy && !begun->said)
		blocked_line(log, begun);
}

static void finish(struct tasks *tasks, FILE *log, script_look look)
{
	int pin, waits;

	fputs("step end\n", log);
	tasks->ended = 1;
	for (pin = 0; pin < OPS_PINS; pin++)
		tasks->ops.pins->drop(pin);
	for (waits = 0; waits == 0 || (tasks_any_busy(tasks) && waits < LAST_WAITS); waits++)
		settle_all(tasks, log, NULL);
	if (look)
		look(log, tasks);
	fputs("done\n", log);
	fflush(log);
}

/* A thread of a script is one in all processes: none of its tasks begins an op while another is in
 * one, so that which ops are run does not hang on the process that each belongs to. */
static int thread_busy(const struct tasks *tasks, int thread)
{
	int mm;

	for (mm = 0; mm < tasks->mms; mm++)
		if (tasks->task[mm][thread].busy)
			return 1;
	return 0;
}

const char *script_run(struct script *script, struct tasks *tasks, FILE *log, script_look look)
{
	struct script_op op;
	int got;

	while ((got = script_next(script, &op)) == 1) {
		struct task *task;

		if (op.mm < 0 || op.mm >= tasks->mms || op.thread < 0 || op.thread >= tasks->threads)
			return "an op of a task that is not there";
		task = &tasks->task[op.mm][op.thread];
		fprintf(log, "step %d\n", op.step);
		if (thread_busy(tasks, op.thread)) {
			fprintf(log, "R %d busy\n", op.step);
			settle_all(tasks, log, NULL);
		} else {
			task_begin(task, op.step, op.line);
			settle_all(tasks, log, task);
		}
		if (look)
			look(log, tasks);
		fflush(log);
	}
	if (got < 0)
		return "a script with a line that is no op";
	finish(tasks, log, look);
	return NULL;
}
