// SPDX-License-Identifier: GPL-2.0-only
// What a directory is like, and making it like that. See place.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/agent/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* linux/stat.h of an old libc may lack it. */
#define ATTRIBUTE_DAX 0x00200000

/* A mount with dax=always goes ahead without DAX where the kernel or device has none. */
int place_has_dax(const char *directory)
{
	struct statx info = {0};
	char path[128];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/probe", directory);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		return -errno;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &info))
		error = errno;
	close(fd);
	unlink(path);
	return error ? -error : !!(info.stx_attributes & ATTRIBUTE_DAX);
}

/* The block of the device that a file begins with; -1: not to be had. */
static long first_block(int fd)
{
	char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)] = {0};
	struct fiemap *map = (struct fiemap *)room;

	map->fm_length = FIEMAP_MAX_OFFSET;
	map->fm_extent_count = 1;
	if (ioctl(fd, FS_IOC_FIEMAP, map) || map->fm_mapped_extents != 1)
		return -1;
	return (long)(map->fm_extents[0].fe_physical / 4096);
}

int place_align(const char *directory)
{
	const long pmd = 512;
	char path[128];
	long first;
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/padding", directory);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || fallocate(fd, 0, 0, 4 * pmd * 4096))
		return errno;
	first = first_block(fd);
	/* What is before the first PMD stays taken. */
	if (first < 0 || ftruncate(fd, (pmd - first % pmd) % pmd * 4096) || fsync(fd))
		error = EIO;
	close(fd);
	sync();
	return error;
}
