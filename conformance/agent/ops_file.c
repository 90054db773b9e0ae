// SPDX-License-Identifier: GPL-2.0-only
// Ops on files by their descriptor. See ops_call.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/agent/ops_call.h"

/* Room for the range of bytes that words 1 and 2 name, and its file; NULL: the op has failed. */
static unsigned char *room(struct call *call, int *fd)
{
	unsigned char *bytes = NULL;

	if (!file(call, 0, fd))
		return NULL;
	bytes = malloc(number(call, 2) + 1);
	if (!bytes)
		failed(call, ENOMEM);
	return bytes;
}

/* read FILE OFF LEN: the value is the last byte */
void op_read(struct call *call)
{
	int fd;
	unsigned char *bytes = room(call, &fd);
	ssize_t got;

	if (!bytes)
		return;
	got = pread(fd, bytes, number(call, 2), (off_t)number(call, 1));
	answer(call, got);
	if (got >= 0) {
		call->result->value = got ? bytes[got - 1] : 0;
		call->result->count = got;
	}
	free(bytes);
}

/* write FILE OFF LEN VALUE: short is for want of space */
void op_write(struct call *call)
{
	int fd;
	unsigned char *bytes = room(call, &fd);
	size_t len = number(call, 2);
	ssize_t put;

	if (!bytes)
		return;
	memset(bytes, (int)number(call, 3), len);
	put = pwrite(fd, bytes, len, (off_t)number(call, 1));
	answer(call, put);
	if (put >= 0 && (size_t)put < len)
		failed(call, ENOSPC);
	free(bytes);
}

/* reflink FILE OFF FILE2 OFF2 LEN */
void op_reflink(struct call *call)
{
	struct file_clone_range range = {0};
	int from, to;

	if (!file(call, 0, &from) || !file(call, 2, &to))
		return;
	range.src_fd = from;
	range.src_offset = number(call, 1);
	range.src_length = number(call, 4);
	range.dest_offset = number(call, 3);
	answer(call, ioctl(to, FICLONERANGE, &range));
}

/* dedupe FILE OFF FILE2 OFF2 LEN */
void op_dedupe(struct call *call)
{
	union {
		struct file_dedupe_range range;
		char room[sizeof(struct file_dedupe_range) + sizeof(struct file_dedupe_range_info)];
	} arg = {0};
	struct file_dedupe_range_info *info = arg.range.info;
	int from, to;

	if (!file(call, 0, &from) || !file(call, 2, &to))
		return;
	arg.range.src_offset = number(call, 1);
	arg.range.src_length = number(call, 4);
	arg.range.dest_count = 1;
	info->dest_fd = to;
	info->dest_offset = number(call, 3);
	answer(call, ioctl(from, FIDEDUPERANGE, &arg.range));
	if (call->result->how == OP_OK && info->status != FILE_DEDUPE_RANGE_SAME)
		failed(call, info->status < 0 ? -info->status : EBADE);
}

/* truncate FILE SIZE */
void op_truncate(struct call *call)
{
	int fd;

	if (file(call, 0, &fd))
		answer(call, ftruncate(fd, (off_t)number(call, 1)));
}

static void allocate(struct call *call, int mode)
{
	int fd;

	if (file(call, 0, &fd))
		answer(call, fallocate(fd, mode, (off_t)number(call, 1), (off_t)number(call, 2)));
}

/* punch, alloc, zero, collapse, unshare: FILE OFF LEN */
void op_punch(struct call *call)
{
	allocate(call, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
}

void op_alloc(struct call *call)
{
	allocate(call, 0);
}

void op_zero(struct call *call)
{
	allocate(call, FALLOC_FL_ZERO_RANGE);
}

void op_collapse(struct call *call)
{
	allocate(call, FALLOC_FL_COLLAPSE_RANGE);
}

void op_unshare(struct call *call)
{
	int fd;

	/* A file that was ever dirty keeps I_DIRTY_PAGES until the flusher comes by, and with it
	 * the mark of a reflink that it might lose here: the clock must not decide that. */
	if (call->ops->pins->flusher && file(call, 0, &fd))
		call->ops->pins->flusher(fd);
	allocate(call, FALLOC_FL_UNSHARE_RANGE);
}

/* fsync FILE */
void op_fsync(struct call *call)
{
	int fd;

	if (file(call, 0, &fd))
		answer(call, fsync(fd));
}

/* writeback FILE: the pages alone, no journal */
void op_writeback(struct call *call)
{
	int fd;

	if (file(call, 0, &fd))
		answer(call, sync_file_range(fd, 0, 0,
					     SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
						     SYNC_FILE_RANGE_WAIT_AFTER));
}

/* invalidate FILE OFF LEN */
void op_invalidate(struct call *call)
{
	unsigned long first = number(call, 1) / OPS_PAGE, pages = number(call, 2) / OPS_PAGE;
	int fd;

	if (file(call, 0, &fd))
		answer_error(call, call->ops->pins->invalidate(fd, first, first + pages - 1));
}

static int drop_caches(const char *what)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, what, strlen(what)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* drop_caches */
void op_drop_caches(struct call *call)
{
	answer_error(call, drop_caches("1"));
}

static void path_of(const struct ops *ops, int index, char *path, size_t size)
{
	snprintf(path, size, "%s/%c", ops->dir, 'a' + index);
}

/* Opens a file at the descriptor that it always has, `create` anew. */
int ops_open_file(struct ops *ops, int index, int create)
{
	char path[sizeof(ops->dir) + 4];
	int fd;

	path_of(ops, index, path, sizeof(path));
	if (create && unlink(path) && errno != ENOENT)
		return errno;
	fd = open(path, O_RDWR | (create ? O_CREAT : 0), 0600);
	if (fd < 0)
		return errno;
	if (ops->fd[index] < 0)
		ops->fd[index] = fd;
	else if (fd != ops->fd[index]) {
		if (dup2(fd, ops->fd[index]) < 0)
			return errno;
		close(fd);
	}
	return 0;
}

/* unlink FILE, evict FILE: the descriptor is everybody's, so closing it here closes it; what
 * is still mapped goes later, as in life. Its number is never free meanwhile, because other
 * processes open files too. */
static void reopen(struct call *call, int create)
{
	int fd, nothing, error = 0;

	if (!file(call, 0, &fd))
		return;
	nothing = open("/dev/null", O_RDWR);
	if (nothing < 0 || dup2(nothing, fd) < 0)
		return failed(call, errno);
	close(nothing);
	call->ops->inodes[number(call, 0)]++;
	if (!create)
		error = drop_caches("2");
	if (!error)
		error = ops_open_file(call->ops, (int)number(call, 0), create);
	answer_error(call, error);
}

void op_unlink(struct call *call)
{
	reopen(call, 1);
}

void op_evict(struct call *call)
{
	reopen(call, 0);
}

/* size FILE: nothing, to be looked at */
void op_size(struct call *call)
{
	done(call, 0);
}
