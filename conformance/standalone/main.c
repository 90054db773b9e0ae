// SPDX-License-Identifier: GPL-2.0-only
// main() of a program exported from a trace: PROGRAM DIRECTORY runs the trace's ops on files
// in the directory, which is on the file system to be tested, and prints each op's result.
// What the kernel says meanwhile is in its own log. Exit code 0 if all ops were run.
#include <stdio.h>
#include <string.h>

#include "conformance/agent/script.h"
#include "conformance/standalone/pins_vmsplice.h"

/* The script of the trace, lines of conformance/README.md: the export writes it here. */
extern const char exported_script[];

int main(int argc, char **argv)
{
	struct tasks *tasks = tasks_new();
	const struct pins *pins = pins_vmsplice();
	struct script script;
	const char *wrong = script_begin(&script, exported_script);
	int error = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY, on a file system mounted with DAX\n", argv[0]);
		return 2;
	}
	if (!tasks || !pins)
		wrong = "no memory or no pipes";
	if (!wrong)
		error = ops_open(&tasks->ops, argv[1], script.files, pins);
	if (!wrong && !error)
		error = tasks_start(tasks, script.mms, script.threads);
	if (error)
		wrong = strerror(error);
	if (!wrong)
		wrong = script_run(&script, tasks, stdout, NULL);
	if (tasks)
		tasks_stop(tasks);
	if (wrong)
		fprintf(stderr, "%s: %s\n", argv[0], wrong);
	return wrong ? 3 : 0;
}
