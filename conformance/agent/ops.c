// SPDX-License-Identifier: GPL-2.0-only
// The table of ops, and a line's way to its function. See ops.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/agent/ops_call.h"

static const struct {
	const char *name;
	int words;	/* at least */
	void (*run)(struct call *call);
} table[] = {
	{"mmap", 6, op_mmap},	    {"munmap", 1, op_munmap},	{"fault", 3, op_fault},
	{"read", 3, op_read},	    {"write", 4, op_write},	{"pin", 6, op_pin},
	{"unpin", 1, op_unpin},	    {"dma", 2, op_dma},		{"reflink", 5, op_reflink},
	{"dedupe", 5, op_dedupe},   {"truncate", 2, op_truncate}, {"punch", 3, op_punch},
	{"alloc", 3, op_alloc},	    {"zero", 3, op_zero},	{"collapse", 3, op_collapse},
	{"unshare", 3, op_unshare}, {"fsync", 1, op_fsync},	{"writeback", 1, op_writeback},
	{"msync", 3, op_msync},	    {"madvise", 3, op_madvise}, {"invalidate", 3, op_invalidate},
	{"drop_caches", 0, op_drop_caches}, {"unlink", 1, op_unlink}, {"evict", 1, op_evict},
	{"size", 1, op_size},	    {"fork", 3, op_fork},
};

int ops_open(struct ops *ops, const char *dir, int files, const struct pins *pins)
{
	int index, error;

	if (files < 0 || files > OPS_FILES || strlen(dir) >= sizeof(ops->dir))
		return EINVAL;
	memset(ops, 0, sizeof(*ops));
	strcpy(ops->dir, dir);
	ops->files = files;
	ops->pins = pins;
	for (index = 0; index < files; index++) {
		ops->fd[index] = -1;
		error = ops_open_file(ops, index, 1);
		if (error)
			return error;
	}
	return 0;
}

void ops_run(struct ops *ops, int mm, char *line, struct op_result *result)
{
	struct call call = {.ops = ops, .mm = mm, .result = result};
	char *rest = NULL, *name = strtok_r(line, " \n", &rest);
	size_t row;

	result->count = -1;
	while (name && call.words < OPS_WORDS) {
		char *word = strtok_r(NULL, " \n", &rest);

		if (!word)
			break;
		call.word[call.words++] = word;
	}
	for (row = 0; name && row < sizeof(table) / sizeof(table[0]); row++) {
		if (strcmp(name, table[row].name))
			continue;
		if (call.words < table[row].words)
			failed(&call, EINVAL);
		else
			table[row].run(&call);
		return;
	}
	failed(&call, -1);
}
