// SPDX-License-Identifier: GPL-2.0-only
// docs/findings/sync-store-into-a-copy-is-lost.md on a real kernel: a store through a MAP_SYNC
// mapping, flushed by the processor, and a crash of the file system that its log has not seen.
// Usage, as root, in a machine that may be thrown away: sync_store_into_a_copy DIR, of a mount of
// /dev/pmem0 with XFS, dax=always and nothing else in use: it is shut down, unmounted and mounted again.
// -DHINT=N: the CoW extent size hint in bytes, 0: the default. -DFSYNC=1: fsync(2) follows the store.
#define _GNU_SOURCE
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "program.h"

#ifndef HINT
#define HINT 0
#endif
#ifndef FSYNC
#define FSYNC 0
#endif
#define PAGES 64
#define PAGE 4096

/* As in fs/xfs/libxfs/xfs_fs.h: XFS_IOC_GOINGDOWN and XFS_FSOP_GOING_FLAGS_NOLOGFLUSH. */
#define GOINGDOWN _IOR('X', 125, unsigned)
#define NO_LOG_FLUSH 2u

static void hint(int fd)
{
	struct fsxattr attributes;

	wants(!ioctl(fd, FS_IOC_FSGETXATTR, &attributes), "FS_IOC_FSGETXATTR");
	attributes.fsx_xflags |= FS_XFLAG_COWEXTSIZE;
	attributes.fsx_cowextsize = HINT;
	wants(!ioctl(fd, FS_IOC_FSSETXATTR, &attributes), "FS_IOC_FSSETXATTR");
}

static void crash(const char *directory)
{
	unsigned flags = NO_LOG_FLUSH;
	int fd = open(directory, O_RDONLY);

	wants(fd >= 0 && !ioctl(fd, GOINGDOWN, &flags), "XFS_IOC_GOINGDOWN");
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned char first, second;
	int a, b;
	volatile unsigned char *page;

	if (argc != 2)
		return 2;
	a = open_file(argv[1], "a");
	b = open_file(argv[1], "b");
	hint(a);
	fill(a, 0x11, PAGES * PAGE);
	wants(!ioctl(b, FICLONE, a) && !fsync(a) && !fsync(b), "FICLONE");
	page = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE | MAP_SYNC, a, 0);
	wants(page != MAP_FAILED, "mmap with MAP_SYNC");
	page[0] = 0x22;
	wants(!fsync(a), "fsync");
	page[PAGE] = 0x33;
	__builtin_ia32_clflush((const void *)(page + PAGE));
	__builtin_ia32_mfence();
	if (FSYNC)
		wants(!fsync(a), "fsync");
	crash(argv[1]);
	munmap((void *)page, PAGES * PAGE);
	close(a);
	close(b);
	wants(!umount2(argv[1], 0), "umount");
	wants(!mount("/dev/pmem0", argv[1], "xfs", MS_NOATIME, "dax=always"), "mount");
	a = open_file(argv[1], "a");
	wants(pread(a, &first, 1, 0) == 1 && pread(a, &second, 1, PAGE) == 1, "pread");
	printf("after the crash page 0 holds 0x%02x and page 1 0x%02x\n", first, second);
	return second != 0x33;
}
