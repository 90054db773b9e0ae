// SPDX-License-Identifier: GPL-2.0-only
// Ops on a mapping of the calling process, and on pins taken through one. See ops_call.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "conformance/agent/ops_call.h"

static unsigned char *base_of(const struct call *call, int map)
{
	return (unsigned char *)call->ops->map[map].address;
}

static int is_mapped(const struct call *call, int map)
{
	return call->ops->map[map].len && call->ops->map[map].mm == call->mm;
}

/* The slot's own place, or the next that nothing of this process has: a child has its parent's
 * mapping where the parent has it. There are as many places as slots. */
static unsigned long free_place(const struct call *call, int map)
{
	int place = map, other = 0;

	while (other < OPS_MAPS) {
		if (!is_mapped(call, other) ||
		    (call->ops->map[other].address - OPS_BASE) / OPS_STRIDE != (unsigned long)place) {
			other++;
			continue;
		}
		place = (place + 1) % OPS_MAPS;
		other = 0;
	}
	return OPS_BASE + (unsigned long)place * OPS_STRIDE;
}

/* The address VOFF bytes into a mapping that is there: words `at` and `at` + 1. */
static int mapped(struct call *call, int at, unsigned char **address)
{
	int map;

	if (!slot(call, at, OPS_MAPS, &map))
		return 0;
	if (!is_mapped(call, map)) {
		failed(call, EINVAL);
		return 0;
	}
	*address = base_of(call, map) + number(call, at + 1);
	return 1;
}

/* mmap FILE OFF LEN KIND AT MAP */
void op_mmap(struct call *call)
{
	int flags = is(call, 3, "private") ? MAP_PRIVATE
		  : is(call, 3, "sync")	   ? MAP_SHARED_VALIDATE | MAP_SYNC
					   : MAP_SHARED;
	struct ops_map *map;
	int fd, index;
	void *got;

	if (!file(call, 0, &fd) || !slot(call, 5, OPS_MAPS, &index))
		return;
	map = &call->ops->map[index];
	if (map->len)
		return failed(call, EINVAL);
	map->address = free_place(call, index) + number(call, 4);
	got = mmap(base_of(call, index), number(call, 2), PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd,
		   (off_t)number(call, 1));
	if (got == MAP_FAILED)
		return failed(call, errno);
	map->mm = call->mm;
	map->len = number(call, 2);
	done(call, 0);
}

/* munmap MAP */
void op_munmap(struct call *call)
{
	struct ops_map *map;
	int index;

	if (!slot(call, 0, OPS_MAPS, &index))
		return;
	map = &call->ops->map[index];
	if (!is_mapped(call, index))
		return failed(call, EINVAL);
	answer(call, munmap(base_of(call, index), map->len));
	map->len = 0;
}

/* Whether a child has the other mappings of this process, too: an errno. */
static int inherit_others(const struct call *call, int map, int inherit)
{
	int other;

	for (other = 0; other < OPS_MAPS; other++)
		if (other != map && is_mapped(call, other) &&
		    madvise(base_of(call, other), call->ops->map[other].len,
			    inherit ? MADV_DOFORK : MADV_DONTFORK))
			return errno;
	return 0;
}

/* fork MAP MM MAP2: MM becomes a child that has MAP alone, at the same address, as MAP2. */
void op_fork(struct call *call)
{
	struct ops *ops = call->ops;
	int map, mm, copy, error, after;

	if (!slot(call, 0, OPS_MAPS, &map) || !slot(call, 1, OPS_MMS, &mm) ||
	    !slot(call, 2, OPS_MAPS, &copy))
		return;
	if (!is_mapped(call, map) || ops->map[copy].len || mm == call->mm)
		return failed(call, EINVAL);
	if (!ops->make_child)
		return failed(call, -1);
	error = inherit_others(call, map, 0);
	if (!error)
		error = ops->make_child(ops, mm);
	after = inherit_others(call, map, 1);
	if (!error) {
		ops->map[copy] = ops->map[map];
		ops->map[copy].mm = mm;
	}
	answer_error(call, error ? error : after);
}

static __thread sigjmp_buf fault_return;
static __thread volatile sig_atomic_t fault_armed;
static __thread volatile int fault_code;

static void on_fault(int number_of_signal, siginfo_t *info, void *unused)
{
	(void)unused;
	if (!fault_armed) {
		signal(number_of_signal, SIG_DFL);
		return;
	}
	fault_code = info->si_code;
	siglongjmp(fault_return, number_of_signal);
}

void ops_catch_signals(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/* fault MAP VOFF read | fault MAP VOFF write VALUE: a store fills the page, a load is of
 * its middle, so that each is one fault. */
void op_fault(struct call *call)
{
	unsigned char *page;
	int caught;

	if (!mapped(call, 0, &page))
		return;
	caught = sigsetjmp(fault_return, 1);
	if (caught) {
		fault_armed = 0;
		call->result->how = OP_SIGNAL;
		call->result->value = caught;
		call->result->count = fault_code;
		return;
	}
	fault_armed = 1;
	if (is(call, 2, "write")) {
		memset(page, (int)number(call, 3), OPS_PAGE);
		done(call, 0);
	} else {
		done(call, *(volatile unsigned char *)(page + OPS_PAGE / 2));
	}
	fault_armed = 0;
}

/* pin MAP VOFF read|write KIND WALK PIN */
void op_pin(struct call *call)
{
	unsigned char *page;
	int pin;

	if (mapped(call, 0, &page) && slot(call, 5, OPS_PINS, &pin))
		answer_error(call, call->ops->pins->take(pin, page, is(call, 2, "write"), call->word[3],
							 call->word[4]));
}

/* unpin PIN */
void op_unpin(struct call *call)
{
	int pin;

	if (slot(call, 0, OPS_PINS, &pin))
		answer_error(call, call->ops->pins->drop(pin));
}

/* dma PIN read | dma PIN write VALUE */
void op_dma(struct call *call)
{
	int pin, error, write = is(call, 1, "write");
	unsigned char value = write ? (unsigned char)number(call, 2) : 0;

	if (!slot(call, 0, OPS_PINS, &pin))
		return;
	error = call->ops->pins->dma(pin, write, &value);
	answer_error(call, error);
	if (!error && !write)
		call->result->value = value;
}

/* msync MAP VOFF LEN */
void op_msync(struct call *call)
{
	unsigned char *start;

	if (mapped(call, 0, &start))
		answer(call, msync(start, number(call, 2), MS_SYNC));
}

/* madvise MAP VOFF LEN */
void op_madvise(struct call *call)
{
	unsigned char *start;

	if (mapped(call, 0, &start))
		answer(call, madvise(start, number(call, 2), MADV_DONTNEED));
}
