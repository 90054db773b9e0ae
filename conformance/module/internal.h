// SPDX-License-Identifier: GPL-2.0-only
// The pieces of daxprobe.ko for each other. Read next: main.c.
#ifndef DAXPROBE_INTERNAL_H
#define DAXPROBE_INTERNAL_H

#include <linux/fs.h>

#include "conformance/module/daxprobe.h"

/* look.c: reads, never changes. */
void daxprobe_fill(struct daxprobe_page *out, struct page *page);
long daxprobe_look_file(struct daxprobe_file *arg);
long daxprobe_look_entry(struct daxprobe_entry *arg);
long daxprobe_look_scan(struct daxprobe_scan *arg);
long daxprobe_look_walk(struct daxprobe_walk *arg);

/* pins.c: pins by slot, whoever took them, and what is done through one. */
long daxprobe_pin(struct daxprobe_pin *arg);
long daxprobe_unpin(struct daxprobe_pin *arg);
long daxprobe_held(struct daxprobe_pin *arg);
long daxprobe_dma(struct daxprobe_dma *arg);
long daxprobe_call(struct daxprobe_call *arg);
void daxprobe_drop_pins(void);

/* events.c: what happened since the last read. */
void daxprobe_events_start(void);
void daxprobe_events_stop(void);
u64 daxprobe_events_blind(void);
ssize_t daxprobe_events_read(char __user *to, size_t size);

#endif
