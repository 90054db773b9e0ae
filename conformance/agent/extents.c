// SPDX-License-Identifier: GPL-2.0-only
// FIEMAP of a file, printed if it has changed since the last step. See extents.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "conformance/agent/extents.h"

#define EXTENTS_MOST 2048

static struct fiemap *last[OPS_FILES];

/* FIEMAP waits for an op that sleeps with the file's lock; a read that must not wait tells. */
static int locked(int fd)
{
	char byte;
	struct iovec vector = {&byte, 1};

	return preadv2(fd, &vector, 1, 0, RWF_NOWAIT) < 0 && errno == EAGAIN;
}

static struct fiemap *map_of(int fd)
{
	struct fiemap *map = calloc(1, sizeof(*map) + EXTENTS_MOST * sizeof(map->fm_extents[0]));

	if (!map)
		return NULL;
	map->fm_length = FIEMAP_MAX_OFFSET;
	map->fm_extent_count = EXTENTS_MOST;
	if (!ioctl(fd, FS_IOC_FIEMAP, map))
		return map;
	free(map);
	return NULL;
}

static int same(const struct fiemap *a, const struct fiemap *b)
{
	return a && a->fm_mapped_extents == b->fm_mapped_extents &&
	       !memcmp(a->fm_extents, b->fm_extents, a->fm_mapped_extents * sizeof(a->fm_extents[0]));
}

void extent_lines(FILE *log, const struct ops *ops, int index)
{
	struct fiemap *map = locked(ops->fd[index]) ? NULL : map_of(ops->fd[index]);
	unsigned at;

	if (!map || same(last[index], map)) {
		free(map);
		return;
	}
	fprintf(log, "M %d %u\n", index, map->fm_mapped_extents);
	for (at = 0; at < map->fm_mapped_extents; at++) {
		const struct fiemap_extent *extent = &map->fm_extents[at];
		unsigned flags = extent->fe_flags;

		fprintf(log, "X %d %llu %llu %llu %s%s%s\n", index, (unsigned long long)extent->fe_logical / OPS_PAGE,
			(unsigned long long)extent->fe_length / OPS_PAGE, (unsigned long long)extent->fe_physical / OPS_PAGE,
			flags & FIEMAP_EXTENT_UNWRITTEN ? "u" : "", flags & FIEMAP_EXTENT_SHARED ? "s" : "",
			flags & (FIEMAP_EXTENT_UNWRITTEN | FIEMAP_EXTENT_SHARED) ? "" : "-");
	}
	free(last[index]);
	last[index] = map;
}
