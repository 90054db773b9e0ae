// SPDX-License-Identifier: GPL-2.0-only
// The table of names, the last learnt first. See names.h.
#include "conformance/agent/names.h"

#include "conformance/agent/ops.h"

// PAGE_MAPPING_FLAGS and the like.
#define LOW_BITS 7ul
// Enough for a script in which every op makes an inode.
#define NAMES 4096

static struct {
	unsigned long mapping, name;
} table[NAMES];
static int names;

void names_learn(int file, unsigned inode, unsigned long mapping)
{
	unsigned long name = 0x1000ul * (unsigned long)(file + 1) + 0x10ul * inode;

	/* An address may have been another inode's before: the last one counts. */
	if (names_of(mapping) == name || names == NAMES)
		return;
	table[names].mapping = mapping;
	table[names].name = name;
	names++;
}

unsigned long names_of(unsigned long word)
{
	int at;

	for (at = names - 1; at >= 0; at--)
		if (table[at].mapping == (word & ~LOW_BITS))
			return table[at].name | (word & LOW_BITS);
	return word;
}
