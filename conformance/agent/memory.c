// SPDX-License-Identifier: GPL-2.0-only
// What of ordinary memory is mapped where, in this step. See memory.h.
#include "conformance/agent/memory.h"

#include "conformance/agent/ops.h"

#define SLOT_PAGES (OPS_STRIDE / OPS_PAGE)
#define FIRST_NAME 0x1000ul
#define NOWHERE 2ul

/* By slot and page: the pfn, or 0. */
static unsigned long leaves[OPS_MAPS * SLOT_PAGES];
static unsigned long highest;

/* The zero page and the huge one. */
static struct {
	unsigned long pfn, pages;
} zero[2];

void memory_forget_leaves(void)
{
	unsigned long at;

	for (at = 0; at < highest; at++)
		leaves[at] = 0;
	highest = 0;
}

unsigned long memory_leaf(int map, unsigned long at, unsigned long pfn)
{
	unsigned long page = (unsigned long)map * SLOT_PAGES + at / OPS_PAGE % SLOT_PAGES;

	leaves[page] = pfn;
	if (page >= highest)
		highest = page + 1;
	return FIRST_NAME + page;
}

void memory_zero(unsigned long pfn, unsigned long pages)
{
	zero[pages > 1].pfn = pfn;
	zero[pages > 1].pages = pages;
}

unsigned long memory_pinned(unsigned long pfn)
{
	unsigned long at;

	for (at = 0; at < 2; at++)
		if (pfn - zero[at].pfn < zero[at].pages)
			return pfn;
	for (at = 0; at < highest; at++)
		if (leaves[at] == pfn)
			return FIRST_NAME + at;
	return NOWHERE;
}
