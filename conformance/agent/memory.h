// SPDX-License-Identifier: GPL-2.0-only
// Names for pages of ordinary memory, which a private mapping's copies are: which page the
// kernel took is chance, so a log numbers them in the order in which they were first seen, for
// as long as a page table or a pin has them. Read next: memory.c.
#ifndef CONFORMANCE_MEMORY_H
#define CONFORMANCE_MEMORY_H

// Around the lines of a step: what is not named between the two is forgotten, for the next page
// of that pfn is another one.
void memory_begin(void);
void memory_end(void);

// The name of a page that is mapped or pinned: less than a device's pfn.
unsigned long memory_name(unsigned long pfn);

// These are zero pages; is this one of them?
void memory_zero(unsigned long pfn, unsigned long pages);
int memory_is_zero(unsigned long pfn);

#endif
