// SPDX-License-Identifier: GPL-2.0-only
// What the kernel holds between two ops, as lines of the log: F file, N entry, N2 subpage
// of a PMD that is not as its head, P page without an entry that is not idle, G pin, V leaf
// of a page table. Read next: observe.c; ../README.md for the lines.
#ifndef CONFORMANCE_OBSERVE_H
#define CONFORMANCE_OBSERVE_H

#include <stdio.h>

#include "conformance/agent/tasks.h"

/* `device` is an open /dev/daxprobe; `folios`: pages are counted as folios (6.15 and later). */
void observe_start(int device, int folios);
void observe(FILE *log, const struct tasks *tasks);

#endif
