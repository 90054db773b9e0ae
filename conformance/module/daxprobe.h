// SPDX-License-Identifier: GPL-2.0-only
// What /dev/daxprobe does: ioctls that look at the kernel's state, take and drop pins
// and call what no system call reaches, and the events that read(2) returns. Shared by
// the module and the guest agent. Read next: daxprobe.c.
#ifndef DAXPROBE_H
#define DAXPROBE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DAXPROBE_PINS 8

/* One struct page and its folio, as raw as they lie there. */
struct daxprobe_page {
	__u64 pfn;
	__u64 zone_device;
	__s64 refcount;
	__s64 mapcount;		/* the raw field: -1 is nobody */
	__u64 mapping;		/* the word with its low bits */
	__u64 share;		/* the word that index and share overlay */
	__u64 head_pfn;
	__u64 order;		/* of the folio */
	__s64 folio_refcount;
	__s64 folio_mapcount;	/* as the kernel counts it: 0 is nobody */
	__s64 folio_pincount;	/* 0: small, the pins are in the refcount */
};

/* In: fd. Out: what the inode and its address_space say of the whole file. */
struct daxprobe_file {
	__s32 fd;
	__u32 vmas;		/* in i_mmap */
	__u64 mapping;		/* the pointer */
	__u64 nrpages;
	__u64 size;
	__u64 ino;
};

#define DAXPROBE_DIRTY 1
#define DAXPROBE_WRITEBACK 2
#define DAXPROBE_TOWRITE 4

/* In: fd, index. Out: the first entry of i_pages there or after, at its first index;
 * entry 0 if there is none. `page` is zero where no page of pmem is behind it. */
struct daxprobe_entry {
	__s32 fd;
	__u32 order;		/* of the slot in the XArray */
	__u64 index;
	__u64 entry;
	__u64 marks;
	struct daxprobe_page page;
};

/* In: the range and what is expected of each page; `share` grows by share_step a page.
 * Out: the first page that is otherwise, or pfn == last + 1. */
struct daxprobe_scan {
	__u64 pfn, last;
	__s64 refcount, mapcount;
	__u64 mapping, share, share_step;
	struct daxprobe_page page;
};

#define DAXPROBE_GET 0
#define DAXPROBE_PIN 1
#define DAXPROBE_LONGTERM 2

struct daxprobe_pin {
	__u32 slot;
	__u32 kind;
	__u32 write;
	__u32 fast;
	__u64 address;		/* of the calling process */
	__u64 pfn;		/* out */
	__u64 device;		/* out, of HELD: the page is of a device */
};

/* A device's access through a pin, past every page table: of the page, or its byte 0. */
struct daxprobe_dma {
	__u32 slot;
	__u32 write;
	__u32 value;
	__u32 pad;
};

#define DAXPROBE_INVALIDATE 0	/* invalidate_inode_pages2_range() */
#define DAXPROBE_FLUSHER 1	/* what the flusher does now and then: I_DIRTY_PAGES goes, no page is written */
#define DAXPROBE_NO_TIMES 2	/* from now on no access changes a time of the file's inode */

struct daxprobe_call {
	__s32 fd;
	__u32 what;
	__u64 first, last;	/* indices, both within */
};

/* In: a process and a range of its addresses. Out: the first present leaf of the page
 * tables there; level 0 none, 1 PTE, 2 PMD; start is the leaf's own first address. */
struct daxprobe_walk {
	__u32 pid;
	__u32 level;
	__u32 writable;
	__u32 zero;		/* it is the zero page, or the huge one */
	__u64 device;		/* it is memory of a device */
	__u64 start, end;
	__u64 pfn;
};

#define DAXPROBE_EVENT_ARGS 2
#define DAXPROBE_PENDING 1	/* entered, not returned */

/* What read(2) returns, oldest first; `kind` is a row of events.def. */
struct daxprobe_event {
	__u32 kind;
	__u32 tid;
	__u32 flags;
	__u32 lost;		/* events that found no room before this one */
	__u64 arg[DAXPROBE_EVENT_ARGS];
	__u64 ret;
};

#define DAXPROBE_IOC_FILE _IOWR('x', 1, struct daxprobe_file)
#define DAXPROBE_IOC_ENTRY _IOWR('x', 2, struct daxprobe_entry)
#define DAXPROBE_IOC_SCAN _IOWR('x', 3, struct daxprobe_scan)
#define DAXPROBE_IOC_PIN _IOWR('x', 4, struct daxprobe_pin)
#define DAXPROBE_IOC_UNPIN _IOWR('x', 5, struct daxprobe_pin)
#define DAXPROBE_IOC_HELD _IOWR('x', 6, struct daxprobe_pin)
#define DAXPROBE_IOC_DMA _IOWR('x', 7, struct daxprobe_dma)
#define DAXPROBE_IOC_CALL _IOWR('x', 8, struct daxprobe_call)
#define DAXPROBE_IOC_WALK _IOWR('x', 9, struct daxprobe_walk)
/* Which rows of events.def cannot be watched on this kernel, a bit each. */
#define DAXPROBE_IOC_BLIND _IOWR('x', 10, __u64)

#endif
