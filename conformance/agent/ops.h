// SPDX-License-Identifier: GPL-2.0-only
// The operations of a trace as system calls: one op is a line of words, "punch 0 4096 4096",
// and has one result. Nothing here knows of the kernel module or of a model, so that a
// program exported from a trace runs the same code as the guest. Read next: ops.c for each
// op, tasks.h for who runs them, pins.h for the pins that a system call cannot take.
#ifndef CONFORMANCE_OPS_H
#define CONFORMANCE_OPS_H

#include <stddef.h>

#define OPS_FILES 4
#define OPS_MAPS 8
#define OPS_PINS 8
#define OPS_MMS 4	/* processes */
#define OPS_PAGE 4096ul
#define OPS_LINE 256

/* Places of mappings in a process, PMD aligned: place N is at OPS_BASE + N * OPS_STRIDE. */
#define OPS_BASE 0x200000000000ul
#define OPS_STRIDE (16ul << 20)

struct op_result {
	enum { OP_OK, OP_ERR, OP_SIGNAL, OP_NOSYS } how;
	long value;	/* the byte read; errno; signal */
	long count;	/* bytes read; the signal's code; else -1 */
};

struct ops_map {
	int mm;		/* process that it is in */
	unsigned long address;
	size_t len;	/* 0: nothing is mapped */
};

/* Pins are a back end: a module takes any kind, vmsplice(2) and O_DIRECT some of them. Each
 * returns 0 or an errno, -1 for what this back end cannot do. */
struct pins {
	int (*take)(int slot, void *address, int write, const char *kind, const char *walk);
	int (*drop)(int slot);
	int (*dma)(int slot, int write, unsigned char *value);
	int (*invalidate)(int fd, unsigned long first, unsigned long last);
	int (*flusher)(int fd);
};

/* Shared by all processes that run ops, as are their file descriptors. */
struct ops {
	char dir[64];		/* on the file system under test */
	int files;
	int fd[OPS_FILES];
	unsigned inodes[OPS_FILES];	/* how often unlink or evict has given it another */
	struct ops_map map[OPS_MAPS];
	const struct pins *pins;
	/* Makes a child of the calling process the process `mm`, in place of the one that is it now:
	 * 0 or an errno. Who runs the ops knows how (tasks.c); NULL: nobody does. */
	int (*make_child)(struct ops *ops, int mm);
};

/* Creates the files anew, empty, and opens them. 0 or an errno. */
int ops_open(struct ops *ops, const char *dir, int files, const struct pins *pins);

/* Once in each process: a fault that fails is a result, not the end. */
void ops_catch_signals(void);

/* Runs the op of `line` (changed while it is read) in process `mm`. */
void ops_run(struct ops *ops, int mm, char *line, struct op_result *result);

#endif
