// SPDX-License-Identifier: GPL-2.0-only
// Pins in pipes, one pipe a slot. See pins_vmsplice.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/standalone/pins_vmsplice.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* MADV_POPULATE_WRITE, which an old libc may lack. */
#define POPULATE_WRITE 23

/* A pipe for each slot, and one to look into the others with. */
static int pipes[OPS_PINS + 1][2];

static int held(int slot)
{
	int bytes = 0;

	return ioctl(pipes[slot][0], FIONREAD, &bytes) == 0 && bytes > 0;
}

/* Takes FOLL_PIN for reading and lets it go: an errno. */
#ifdef PIN_DIRECT
static int pin_for_reading(void *address)
{
	int fd = open(PIN_DIRECT, O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600), error = 0;

	if (fd < 0)
		return errno;
	if (pwrite(fd, address, OPS_PAGE, 0) != (ssize_t)OPS_PAGE)
		error = errno;
	close(fd);
	return error;
}
#else
static int pin_for_reading(void *address)
{
	const struct iovec page = {address, 1};
	char byte;
	const struct iovec own = {&byte, 1};

	return process_vm_readv(getpid(), &own, 1, &page, 1, 0) == 1 ? 0 : errno;
}
#endif

/* As the pin would fault, so that what goes wrong there goes wrong here; an error, and no
 * signal. FOLL_WRITE without a store is a populate for writing. */
static int touch(void *address, int write)
{
	if (write)
		return madvise(address, OPS_PAGE, POPULATE_WRITE) ? errno : 0;
	return pin_for_reading(address);
}

static int pins_take(int slot, void *address, int write, const char *kind, const char *walk)
{
	struct iovec page = {address, OPS_PAGE};
	int error = 0;

	(void)walk;
	if (!strcmp(kind, "longterm"))
		return -1;
	if (held(slot))
		return EBUSY;
	if (write || !strcmp(kind, "pin"))
		error = touch(address, write);
	if (error)
		return error;
	return vmsplice(pipes[slot][1], &page, 1, SPLICE_F_NONBLOCK) == (ssize_t)OPS_PAGE ? 0 : errno;
}

static int pins_drop(int slot)
{
	char page[OPS_PAGE];

	if (!held(slot))
		return EINVAL;
	return read(pipes[slot][0], page, sizeof(page)) < 0 ? errno : 0;
}

static int pins_dma(int slot, int write, unsigned char *value)
{
	if (!held(slot))
		return EINVAL;
	if (write)
		return -1;
	/* tee(2) references the page once more, and reading that drops it. */
	if (tee(pipes[slot][0], pipes[OPS_PINS][1], 1, SPLICE_F_NONBLOCK) != 1 ||
	    read(pipes[OPS_PINS][0], value, 1) != 1)
		return errno;
	return 0;
}

static int pins_invalidate(int fd, unsigned long first, unsigned long last)
{
	(void)fd;
	(void)first;
	(void)last;
	return -1;
}

const struct pins *pins_vmsplice(void)
{
	static const struct pins pins = {pins_take, pins_drop, pins_dma, pins_invalidate, NULL};
	int slot;

	for (slot = 0; slot <= OPS_PINS; slot++)
		if (pipe2(pipes[slot], O_CLOEXEC))
			return NULL;
	return &pins;
}
