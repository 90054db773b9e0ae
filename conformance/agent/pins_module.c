// SPDX-License-Identifier: GPL-2.0-only
// Pins that daxprobe.ko takes, through its device. See pins_module.h.
#include "conformance/agent/pins_module.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "conformance/module/daxprobe.h"

static int probe = -1;

static int ask(unsigned long command, void *arg)
{
	return ioctl(probe, command, arg) ? errno : 0;
}

static int take(int slot, void *address, int write, const char *kind, const char *walk)
{
	struct daxprobe_pin pin = {
		.slot = (unsigned)slot,
		.kind = !strcmp(kind, "get") ? DAXPROBE_GET
			: !strcmp(kind, "pin") ? DAXPROBE_PIN : DAXPROBE_LONGTERM,
		.write = (unsigned)write,
		.fast = !strcmp(walk, "fast"),
		.address = (unsigned long)address,
	};

	return ask(DAXPROBE_IOC_PIN, &pin);
}

static int drop(int slot)
{
	struct daxprobe_pin pin = {.slot = (unsigned)slot};

	return ask(DAXPROBE_IOC_UNPIN, &pin);
}

static int dma(int slot, int write, unsigned char *value)
{
	struct daxprobe_dma access = {.slot = (unsigned)slot, .write = (unsigned)write, .value = *value};
	int error = ask(DAXPROBE_IOC_DMA, &access);

	*value = (unsigned char)access.value;
	return error;
}

static int invalidate(int fd, unsigned long first, unsigned long last)
{
	struct daxprobe_call call = {.fd = fd, .what = DAXPROBE_INVALIDATE, .first = first, .last = last};

	return ask(DAXPROBE_IOC_CALL, &call);
}

static int flusher(int fd)
{
	struct daxprobe_call call = {.fd = fd, .what = DAXPROBE_FLUSHER};

	return ask(DAXPROBE_IOC_CALL, &call);
}

const struct pins *pins_module(int device)
{
	static const struct pins pins = {take, drop, dma, invalidate, flusher};

	probe = device;
	return &pins;
}
