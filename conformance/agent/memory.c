// SPDX-License-Identifier: GPL-2.0-only
// The pages that have a name now. See memory.h.
#include "conformance/agent/memory.h"

#include "conformance/agent/ops.h"

#define FIRST_NAME 0x1000ul
/* More than the files have pages that can be copied; a page that finds no room has this name. */
#define PAGES 4096
#define NAMELESS 2ul

static struct {
	unsigned long pfn, name;
	int seen;
} table[PAGES];
static int pages;
static unsigned long next_name = FIRST_NAME;

/* The zero page and the huge one. */
static struct {
	unsigned long pfn, pages;
} zero[2];

void memory_begin(void)
{
	int at;

	for (at = 0; at < pages; at++)
		table[at].seen = 0;
}

void memory_end(void)
{
	int at, kept = 0;

	for (at = 0; at < pages; at++)
		if (table[at].seen)
			table[kept++] = table[at];
	pages = kept;
}

unsigned long memory_name(unsigned long pfn)
{
	int at = 0;

	while (at < pages && table[at].pfn != pfn)
		at++;
	if (at == PAGES)
		return NAMELESS;
	if (at == pages) {
		table[at].pfn = pfn;
		table[at].name = next_name++;
		pages++;
	}
	table[at].seen = 1;
	return table[at].name;
}

void memory_zero(unsigned long pfn, unsigned long count)
{
	zero[count > 1].pfn = pfn;
	zero[count > 1].pages = count;
}

int memory_is_zero(unsigned long pfn)
{
	return pfn - zero[0].pfn < zero[0].pages || pfn - zero[1].pfn < zero[1].pages;
}
