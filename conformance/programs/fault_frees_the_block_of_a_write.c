// SPDX-License-Identifier: GPL-2.0-only
// docs/findings/fault-frees-the-block-of-a-write.md: write(2) copies into a block of the CoW fork; a
// store elsewhere in the same 2 MiB, whose fault of a PMD falls back, frees that block under it. The
// write goes on into a block that nobody has, and says that all is well.
// Usage: fault_frees_the_block_of_a_write DIR, of an XFS with dax=always. The buffer of the write is one
// that comes late (userfaultfd(2)). Exit code 1: what was written is lost.
#define _GNU_SOURCE
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "program.h"

#ifndef STORE
#define STORE 1 /* 0: nobody stores, and nothing is lost */
#endif
#define PAGE 4096
#define SIZE (2 << 20)

static void *late; /* the buffer of the write */
static int file;
static ssize_t written;

static void *writer(void *unused)
{
	written = pwrite(file, late, PAGE, 0);
	return unused;
}

static int wait_for_fault(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	wants(faults >= 0 && !ioctl(faults, UFFDIO_API, &api), "userfaultfd");
	late = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	wants(late != MAP_FAILED, "mmap");
	range.range.start = (uintptr_t)late;
	range.range.len = PAGE;
	wants(!ioctl(faults, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
	return faults;
}

int main(int argc, char **argv)
{
	struct uffd_msg message;
	struct uffdio_copy copy = {.len = PAGE};
	unsigned char byte;
	volatile char *map;
	pthread_t thread;
	static char bytes[PAGE];
	int faults;

	if (argc != 2)
		return 2;
	faults = wait_for_fault();
	file = open_file(argv[1], "a");
	fill(file, 0x11, SIZE);
	wants(!ioctl(open_file(argv[1], "b"), FICLONE, file), "FICLONE");
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	wants(map != MAP_FAILED && (uintptr_t)map % SIZE == 0, "mmap of a PMD");

	wants(!pthread_create(&thread, NULL, writer, NULL), "pthread_create");
	wants(read(faults, &message, sizeof(message)) == sizeof(message), "the write waits for its buffer");
	if (STORE)
		map[5 * PAGE] = 0x33;
	memset(bytes, 0x66, PAGE);
	copy.dst = (uintptr_t)late;
	copy.src = (uintptr_t)bytes;
	wants(!ioctl(faults, UFFDIO_COPY, &copy), "UFFDIO_COPY");
	pthread_join(thread, NULL);

	wants(pread(file, &byte, 1, 0) == 1, "pread");
	printf("write(2) of 0x66 returned %zd, and the file holds 0x%02x\n", written, byte);
	return byte != 0x66;
}
