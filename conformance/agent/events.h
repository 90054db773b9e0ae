// SPDX-License-Identifier: GPL-2.0-only
// What happened in the kernel since the last look, as lines of the log: E event of fs/dax.c,
// with the step of the task that it happened in; L how many were lost for want of room; W
// warning or worse of the kernel's log.
// Read next: events.c, ../module/events.def.
#ifndef CONFORMANCE_EVENTS_H
#define CONFORMANCE_EVENTS_H

#include <stdio.h>

#include "conformance/agent/tasks.h"

/* `device` is an open /dev/daxprobe. What was before is forgotten. 0 or an errno. */
int events_start(int device);

/* Names what cannot be watched on this kernel, a blank before each; "" if nothing. */
void events_blind(int device, char *names, size_t size);

void events_drain(FILE *log, const struct tasks *tasks);

/* The warnings alone. */
void events_warnings(FILE *log, const struct tasks *tasks);

/* At the end, with tasks that still wait: gives the kernel time to say that they hang. */
void events_wait_for_hung(void);

#endif
