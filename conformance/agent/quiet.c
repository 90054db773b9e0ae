// SPDX-License-Identifier: GPL-2.0-only
// Blocks of an inode that is gone are freed by a worker, and freed blocks cannot be had again
// before the journal has been written. Both are brought about here. See quiet.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/agent/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in fs/xfs/libxfs/xfs_fs.h, which no package installs. */
struct eofblocks {
	__u32 version, flags, uid, gid, project, pad;
	__u64 min_file_size, pad64[12];
};
#define FREE_EOFBLOCKS _IOR('X', 58, struct eofblocks)
#define ONLY_OF_UID (1 << 1)

/* xfs_blockgc_free_space() waits for the worker after it has trimmed the files of a user:
 * of one who has none, or of all: then blocks of CoW forks go, too, as they do when some
 * transaction finds too little space. */
static int finish_inactivation(int fd, int trim)
{
	struct eofblocks nobody = {.version = 1, .flags = trim ? 0 : ONLY_OF_UID, .uid = 4242};

	return ioctl(fd, FREE_EOFBLOCKS, &nobody) ? errno : 0;
}

/* A file of its own has changed, so that fsync(2) writes all that was before. */
static int write_journal(int fd)
{
	return futimens(fd, NULL) || fsync(fd) ? errno : 0;
}

int quiet(const char *directory, int trim)
{
	static int fd = -1;
	char path[128];
	int error;

	snprintf(path, sizeof(path), "%s/journal", directory);
	if (fd < 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	error = finish_inactivation(fd, trim);
	return error ? error : write_journal(fd);
}
