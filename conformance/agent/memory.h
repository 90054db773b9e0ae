// SPDX-License-Identifier: GPL-2.0-only
// Names for pages of ordinary memory, which a private mapping's copies are: which page the
// kernel took is chance, so a log tells where it is mapped instead. Read next: memory.c.
#ifndef CONFORMANCE_MEMORY_H
#define CONFORMANCE_MEMORY_H

// Before the leaves of a step are told.
void memory_forget_leaves(void);

// The name of the page that is mapped at `at` bytes into slot `map`: less than a device's pfn.
unsigned long memory_leaf(int map, unsigned long at, unsigned long pfn);

// These are zero pages, and keep their pfn.
void memory_zero(unsigned long pfn, unsigned long pages);

// The name of a pinned page: of a zero page its pfn, else where it is mapped now; 2 if it
// is mapped nowhere.
unsigned long memory_pinned(unsigned long pfn);

#endif
