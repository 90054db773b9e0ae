// SPDX-License-Identifier: GPL-2.0-only
// The first process of the guest: brings up a DAX file system and /dev/daxprobe, says
// "ready" on the console, and sleeps until a script appears on the disk, which is when the
// machine's snapshot is taken. Then it runs the script, or the program that is there, writes the log to the virtio port
// and turns the machine off. Every failure is one line on the console that begins with
// "daxfuzz-agent: error: ". Read next: boot.c, script.c, ../README.md.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "conformance/agent/boot.h"
#include "conformance/agent/events.h"
#include "conformance/agent/observe.h"
#include "conformance/agent/pins_module.h"
#include "conformance/agent/place.h"
#include "conformance/agent/program.h"
#include "conformance/agent/quiet.h"
#include "conformance/agent/script.h"

#define DIRECTORY "/mnt"
#define SCRIPT_DISK "/dev/vda"
#define LOG_PORT "/dev/vport0p1"
#define BLOCK 4096
#define SCRIPT_BLOCKS 1024

static int nearly_full;

static void look(FILE *log, const struct tasks *tasks)
{
	int error = quiet(DIRECTORY, nearly_full);

	if (error)
		boot_fail("the file system does not come to rest: %s", strerror(error));
	if (tasks->ended && tasks_any_busy(tasks))
		events_wait_for_hung();
	events_drain(log, tasks);
	observe(log, tasks);
}

/* The disk is read past the page cache: the snapshot must not remember an older script. */
static char *wait_for_script(void)
{
	static const char magic[] = "daxconf-script ";
	const struct timespec pause = {0, 2000000};
	char *text = NULL;
	int disk = open(SCRIPT_DISK, O_RDONLY | O_DIRECT);
	size_t blocks = 0;

	if (disk < 0)
		boot_fail("no disk for the script: %s", strerror(errno));
	if (posix_memalign((void **)&text, BLOCK, (SCRIPT_BLOCKS + 1) * BLOCK))
		boot_fail("out of memory");
	memset(text, 0, (SCRIPT_BLOCKS + 1) * BLOCK);
	boot_say("ready");
	while (pread(disk, text, BLOCK, 0) == BLOCK && memcmp(text, magic, sizeof(magic) - 1) &&
	       !program_is(text))
		nanosleep(&pause, NULL);
	/* Zeros follow the script; a program has some within. */
	do {
		if (pread(disk, text + blocks * BLOCK, BLOCK, (off_t)(blocks * BLOCK)) != BLOCK)
			boot_fail("the script cannot be read: %s", strerror(errno));
		blocks++;
	} while (blocks < SCRIPT_BLOCKS && (text[blocks * BLOCK - 1] || program_is(text)));
	close(disk);
	return text;
}

static int folios_count(const struct utsname *name)
{
	int major = 0, minor = 0;

	sscanf(name->release, "%d.%d", &major, &minor);
	return major > 6 || (major == 6 && minor >= 15);
}

static void run(const char *text, int probe, FILE *log)
{
	char blind[512];
	struct tasks *tasks = tasks_new();
	struct script script;
	struct utsname name;
	const char *wrong = script_begin(&script, text);
	int error;

	if (wrong || !tasks)
		boot_fail("%s", wrong ? wrong : "out of memory");
	uname(&name);
	error = ops_open(&tasks->ops, DIRECTORY, script.files, pins_module(probe));
	if (!error)
		error = place_align(DIRECTORY);
	nearly_full = script.free_blocks >= 0;
	/* Whose file is made here, while there is a block for it. */
	if (!error && nearly_full)
		error = quiet(DIRECTORY, 0);
	if (!error && nearly_full)
		error = boot_fill(DIRECTORY, script.free_blocks);
	if (!error)
		error = tasks_start(tasks, script.mms, script.threads);
	if (!error)
		error = events_start(probe);
	if (error)
		boot_fail("the tasks cannot be started: %s", strerror(error));
	observe_start(probe, folios_count(&name));
	events_blind(probe, blind, sizeof(blind));
	fprintf(log, "daxconf-log 1\nkernel %s\n", name.release);
	if (blind[0])
		fprintf(log, "blind%s\n", blind);
	wrong = script_run(&script, tasks, log, look);
	if (wrong)
		boot_fail("%s", wrong);
}

static void run_program(const char *image, int probe, FILE *log)
{
	const struct tasks no_tasks = {.mms = 0};
	int error = events_start(probe);

	if (!error)
		error = program_run(image, SCRIPT_BLOCKS * BLOCK, DIRECTORY, log);
	if (error)
		boot_fail("the program cannot be run: %s", strerror(error));
	events_warnings(log, &no_tasks);
	fputs("done\n", log);
}

int main(void)
{
	char *text;
	FILE *log;
	int probe;

	boot_up(DIRECTORY);
	probe = open("/dev/daxprobe", O_RDWR);
	log = fopen(LOG_PORT, "w");
	if (probe < 0 || !log)
		boot_fail("%s cannot be opened: %s", probe < 0 ? "/dev/daxprobe" : LOG_PORT, strerror(errno));
	setvbuf(log, NULL, _IOFBF, 1 << 16);
	text = wait_for_script();
	if (program_is(text))
		run_program(text, probe, log);
	else
		run(text, probe, log);
	fclose(log);
	boot_off();
}
