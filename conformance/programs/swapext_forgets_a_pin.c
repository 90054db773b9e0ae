// SPDX-License-Identifier: GPL-2.0-only
// docs/shown-by-programs.md: XFS_IOC_SWAPEXT takes away the entries of a DAX file whose
// layout nobody has broken, so a pinned page is forgotten, and its block is freed and used again.
// Usage: swapext_forgets_a_pin DIR, of an XFS with dax=always that has nothing else to do: it is
// filled up. Exit code 1: the pinned page has become another file's.
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "program.h"

#define SIZE (1 << 20)

/* As in fs/xfs/libxfs/xfs_fs.h, which no package installs: what is not asked for has no name. */
struct moment {
	int64_t seconds;
	int32_t nanoseconds, pad;
};
struct swapext {
	int64_t version, target, other, offset, length;
	char pad[16];
	struct {
		uint64_t ino, unused[3];
		int64_t size;
		struct moment accessed, modified, changed;
		char rest[48];
	} stat;
};
_Static_assert(sizeof(struct swapext) == 192, "struct xfs_swapext");
#define SWAPEXT _IOWR('X', 109, struct swapext)

static void gone(const char *directory, const char *name, int fd)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	wants(!close(fd) && !unlink(path), path);
}

static void swap(int a, int b)
{
	struct swapext request = {.target = a, .other = b, .length = SIZE};
	struct stat now;

	wants(!fstat(a, &now), "fstat");
	request.stat.ino = now.st_ino;
	request.stat.size = now.st_size;
	request.stat.modified = (struct moment){now.st_mtim.tv_sec, (int32_t)now.st_mtim.tv_nsec, 0};
	request.stat.changed = (struct moment){now.st_ctim.tv_sec, (int32_t)now.st_ctim.tv_nsec, 0};
	wants(!ioctl(a, SWAPEXT, &request), "XFS_IOC_SWAPEXT");
}

int main(int argc, char **argv)
{
	struct iovec page = {.iov_len = 4096};
	static char bytes[SIZE];
	int a, b, c, held[2];
	unsigned char byte;
	void *map;

	if (argc != 2)
		return 2;
	a = open_file(argv[1], "a");
	b = open_file(argv[1], "b");
	fill(a, 0x11, SIZE);
	fill(b, 0x22, SIZE);
	map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, a, 0);
	wants(map != MAP_FAILED && *(volatile char *)map == 0x11, "mmap");
	page.iov_base = map;
	wants(!pipe(held) && vmsplice(held[1], &page, 1, 0) == 4096, "vmsplice");
	swap(a, b);
	munmap(map, SIZE);
	gone(argv[1], "a", a);
	gone(argv[1], "b", b);
	sync(); /* what is freed can be had again when a worker has freed it and the log has been written */
	sleep(1);
	sync();
	c = open_file(argv[1], "c");
	memset(bytes, 0x77, SIZE);
	for (off_t at = 0; pwrite(c, bytes, SIZE, at) == SIZE; at += SIZE)
		;
	wants(read(held[0], &byte, 1) == 1, "read");
	printf("the pinned page of a holds 0x%02x\n", byte);
	return byte != 0x11;
}
