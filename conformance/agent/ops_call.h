// SPDX-License-Identifier: GPL-2.0-only
// What the functions of single ops share: an op's words, its operands and its answer. See
// ops.h; read next: ops_memory.c and ops_file.c.
#ifndef CONFORMANCE_OPS_CALL_H
#define CONFORMANCE_OPS_CALL_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/agent/ops.h"

#define OPS_WORDS 8

/* An op's words without its name, and what it may change. */
struct call {
	struct ops *ops;
	int mm;
	char *word[OPS_WORDS];
	int words;
	struct op_result *result;
};

static inline unsigned long number(const struct call *call, int at)
{
	return strtoul(call->word[at], NULL, 0);
}

static inline int is(const struct call *call, int at, const char *text)
{
	return strcmp(call->word[at], text) == 0;
}

static inline void done(struct call *call, long value)
{
	call->result->how = OP_OK;
	call->result->value = value;
}

static inline void failed(struct call *call, int error)
{
	call->result->how = error == -1 ? OP_NOSYS : OP_ERR;
	call->result->value = error;
}

/* Of a system call that returns -1 and errno. */
static inline void answer(struct call *call, long returned)
{
	if (returned < 0)
		failed(call, errno);
	else
		done(call, 0);
}

/* Of what returns an errno, as the pins do. */
static inline void answer_error(struct call *call, int error)
{
	if (error)
		failed(call, error);
	else
		done(call, 0);
}

/* The operand at `at`, if it is within `limit`; an op with another is refused. */
static inline int slot(struct call *call, int at, int limit, int *out)
{
	unsigned long value = number(call, at);

	*out = (int)value;
	if (value < (unsigned long)limit)
		return 1;
	failed(call, EINVAL);
	return 0;
}

static inline int file(struct call *call, int at, int *fd)
{
	int index;

	if (!slot(call, at, call->ops->files, &index))
		return 0;
	*fd = call->ops->fd[index];
	return 1;
}

/* Files keep their descriptor for ever: `create` puts a new file behind it. An errno. */
int ops_open_file(struct ops *ops, int index, int create);

#define OPS_DECLARE(name) void op_##name(struct call *call)
OPS_DECLARE(mmap);
OPS_DECLARE(munmap);
OPS_DECLARE(fork);
OPS_DECLARE(fault);
OPS_DECLARE(pin);
OPS_DECLARE(unpin);
OPS_DECLARE(dma);
OPS_DECLARE(msync);
OPS_DECLARE(madvise);
OPS_DECLARE(read);
OPS_DECLARE(write);
OPS_DECLARE(reflink);
OPS_DECLARE(dedupe);
OPS_DECLARE(truncate);
OPS_DECLARE(punch);
OPS_DECLARE(alloc);
OPS_DECLARE(zero);
OPS_DECLARE(collapse);
OPS_DECLARE(unshare);
OPS_DECLARE(fsync);
OPS_DECLARE(writeback);
OPS_DECLARE(invalidate);
OPS_DECLARE(drop_caches);
OPS_DECLARE(unlink);
OPS_DECLARE(evict);
OPS_DECLARE(size);
#undef OPS_DECLARE

#endif
