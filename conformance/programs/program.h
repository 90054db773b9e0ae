// SPDX-License-Identifier: GPL-2.0-only
// What the programs of this folder share: an error ends them with code 3, and files full of one byte.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void wants(int holds, const char *what)
{
	if (holds)
		return;
	printf("error: %s: %s\n", what, strerror(errno));
	exit(3);
}

static inline int open_file(const char *directory, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	wants(fd >= 0, path);
	return fd;
}

/* `size` bytes of the value, on the medium. */
static inline void fill(int fd, int value, size_t size)
{
	char *bytes = malloc(size);

	wants(bytes != NULL, "malloc");
	memset(bytes, value, size);
	wants(pwrite(fd, bytes, size, 0) == (ssize_t)size && !fsync(fd), "pwrite");
	free(bytes);
}
