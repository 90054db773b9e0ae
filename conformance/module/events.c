// SPDX-License-Identifier: GPL-2.0-only
// Events: kretprobes on functions of fs/dax.c and fs_dax's own tracepoints write into one
// ring, in the order in which functions were entered; a return value is filled in when it
// comes. The reader takes all after each step, so that the ring holds one step. Read next:
// events.def for what is watched.
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "conformance/module/internal.h"

enum kind {
#define PROBE(name, first, second, returns) KIND_##name,
#define POINT(name, first, second, returns) KIND_##name,
#include "conformance/module/events.def"
	KINDS
};

#define RING 4096

/* A row of the ring is at `number % RING`; numbers only grow. */
static struct daxprobe_event ring[RING];
static u64 ring_next, ring_read;
static u32 ring_lost;
static u64 blind;
static DEFINE_RAW_SPINLOCK(ring_lock);

static u64 record(u32 kind, u64 first, u64 second, u64 ret, u32 flags)
{
	unsigned long irq;
	u64 number = U64_MAX;

	raw_spin_lock_irqsave(&ring_lock, irq);
	if (ring_next - ring_read < RING) {
		number = ring_next++;
		ring[number % RING] = (struct daxprobe_event){
			.kind = kind, .tid = current->pid, .flags = flags,
			.lost = ring_lost, .arg = { first, second }, .ret = ret,
		};
		ring_lost = 0;
	} else {
		ring_lost++;
	}
	raw_spin_unlock_irqrestore(&ring_lock, irq);
	return number;
}

/* The row may have been read meanwhile, if the function slept; then nobody is told. */
static void complete_row(u64 number, u64 ret)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&ring_lock, irq);
	if (number != U64_MAX && number >= ring_read) {
		ring[number % RING].ret = ret;
		ring[number % RING].flags &= ~DAXPROBE_PENDING;
	}
	raw_spin_unlock_irqrestore(&ring_lock, irq);
}

static u32 kind_of(struct kretprobe_instance *instance);

static int entered(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	u32 kind = kind_of(instance);
	u64 first = 0, second = 0;

	if (kind == KIND_dax_disassociate_entry) {
		first = regs_get_kernel_argument(regs, 0);
		second = regs_get_kernel_argument(regs, 2) & 0xff;
	} else if (kind == KIND___dax_invalidate_entry) {
		first = regs_get_kernel_argument(regs, 1);
		second = regs_get_kernel_argument(regs, 2) & 0xff;
	}
	*(u64 *)instance->data = record(kind, first, second, 0, DAXPROBE_PENDING);
	return 0;
}

static int returned(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	u64 ret = regs_return_value(regs);

	if (kind_of(instance) == KIND___dax_invalidate_entry)
		ret = (u32)ret;
	/* A page or, from 6.18 on, a folio: both begin with its struct page. */
	if (kind_of(instance) == KIND_dax_layout_busy_page_range && ret)
		ret = page_to_pfn((struct page *)ret);
	complete_row(*(u64 *)instance->data, ret);
	return 0;
}

#define PROBE(name, first, second, returns) \
	[KIND_##name] = { .kp.symbol_name = #name, .handler = returned, .entry_handler = entered, \
			  .data_size = sizeof(u64), .maxactive = 64 },
#define POINT(name, first, second, returns)
static struct kretprobe probes[KINDS] = {
#include "conformance/module/events.def"
};

static u32 kind_of(struct kretprobe_instance *instance)
{
	return get_kretprobe(instance) - probes;
}

/* Of all points that are told of one page's fault. */
static void pte_fault(void *kind, struct inode *inode, struct vm_fault *vmf, int result)
{
	record((unsigned long)kind, vmf->pgoff, 0, (u32)result, 0);
}

static void pmd_fault_done(void *kind, struct inode *inode, struct vm_fault *vmf,
			   pgoff_t max_pgoff, int result)
{
	record((unsigned long)kind, vmf->pgoff, 0, (u32)result, 0);
}

/* The zero page is a folio from 6.12 on. Where in the PMD the access was is of no account. */
static void pmd_load_hole(void *kind, struct inode *inode, struct vm_fault *vmf, void *zero,
			  void *entry)
{
	record((unsigned long)kind, round_down(vmf->pgoff, PTRS_PER_PTE), 0, 0, 0);
}

/* Of an entry where it begins and how long it is, of a range its first page and its last. */
static void writeback(void *kind, struct inode *inode, pgoff_t first, pgoff_t second)
{
	record((unsigned long)kind, first, second, 0, 0);
}

static struct point {
	const char *name;
	void *handler;
	struct tracepoint *tracepoint;
} points[KINDS] = {
	[KIND_dax_pte_fault_done] = { "dax_pte_fault_done", pte_fault },
	[KIND_dax_pmd_fault_done] = { "dax_pmd_fault_done", pmd_fault_done },
	[KIND_dax_writeback_one] = { "dax_writeback_one", writeback },
	[KIND_dax_writeback_range] = { "dax_writeback_range", writeback },
	[KIND_dax_load_hole] = { "dax_load_hole", pte_fault },
	[KIND_dax_pmd_load_hole] = { "dax_pmd_load_hole", pmd_load_hole },
	[KIND_dax_pmd_load_hole_fallback] = { "dax_pmd_load_hole_fallback", pmd_load_hole },
	[KIND_dax_insert_pfn_mkwrite] = { "dax_insert_pfn_mkwrite", pte_fault },
	[KIND_dax_insert_pfn_mkwrite_no_entry] = { "dax_insert_pfn_mkwrite_no_entry", pte_fault },
};

static void find_point(struct tracepoint *tracepoint, void *unused)
{
	u32 kind;

	for (kind = 0; kind < KINDS; kind++)
		if (points[kind].name && !strcmp(points[kind].name, tracepoint->name))
			points[kind].tracepoint = tracepoint;
}

static int start_one(u32 kind)
{
	struct point *point = &points[kind];

	if (!point->name)
		return register_kretprobe(&probes[kind]);
	if (!point->tracepoint)
		return -ENOENT;
	return tracepoint_probe_register(point->tracepoint, point->handler,
					 (void *)(unsigned long)kind);
}

void daxprobe_events_start(void)
{
	u32 kind;

	BUILD_BUG_ON(KINDS > 64);
	for_each_kernel_tracepoint(find_point, NULL);
	for (kind = 0; kind < KINDS; kind++)
		if (start_one(kind))
			blind |= 1ull << kind;
}

void daxprobe_events_stop(void)
{
	u32 kind;

	for (kind = 0; kind < KINDS; kind++) {
		if (blind & (1ull << kind))
			continue;
		if (points[kind].name)
			tracepoint_probe_unregister(points[kind].tracepoint, points[kind].handler,
						    (void *)(unsigned long)kind);
		else
			unregister_kretprobe(&probes[kind]);
	}
	tracepoint_synchronize_unregister();
}

u64 daxprobe_events_blind(void)
{
	return blind;
}

/* Whole events only; 0 is "no more", as at the end of a file. */
ssize_t daxprobe_events_read(char __user *to, size_t size)
{
	struct daxprobe_event event;
	ssize_t done = 0;
	unsigned long irq;
	bool any;

	while (size - done >= sizeof(event)) {
		raw_spin_lock_irqsave(&ring_lock, irq);
		any = ring_read != ring_next;
		if (any)
			event = ring[ring_read++ % RING];
		raw_spin_unlock_irqrestore(&ring_lock, irq);
		if (!any)
			break;
		if (copy_to_user(to + done, &event, sizeof(event)))
			return -EFAULT;
		done += sizeof(event);
	}
	return done;
}
