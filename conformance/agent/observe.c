// SPDX-License-Identifier: GPL-2.0-only
// Observation through /dev/daxprobe. See observe.h.
#include "conformance/agent/observe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "conformance/agent/extents.h"
#include "conformance/agent/memory.h"
#include "conformance/agent/names.h"
#include "conformance/module/daxprobe.h"

typedef unsigned long long ull;

/* Bits of a DAX entry, of its value: fs/dax.c. */
#define DAX_LOCKED 1
#define DAX_PMD 2
#define DAX_ZERO 4
#define DAX_EMPTY 8

/* Pages of the device that have been seen behind an entry or a pin, and those that are
 * behind an entry now, by their pfn: bits of a window that the device lies in. */
#define WINDOW (1ul << 18)

static int probe = -1, folios;
static unsigned char seen[WINDOW / 8], behind[WINDOW / 8];
static unsigned long window;

void observe_start(int device, int with_folios)
{
	probe = device;
	folios = with_folios;
}

static int look(unsigned long command, void *arg)
{
	return ioctl(probe, command, arg) == 0;
}

static int in_window(unsigned long pfn)
{
	if (!window)
		window = pfn & ~(WINDOW - 1);
	return pfn >= window && pfn - window < WINDOW;
}

static void set_bit(unsigned char *bits, unsigned long pfn)
{
	if (in_window(pfn))
		bits[(pfn - window) / 8] |= (unsigned char)(1 << (pfn - window) % 8);
}

static int bit(const unsigned char *bits, unsigned long at)
{
	return bits[at / 8] >> at % 8 & 1;
}

/* The words REF MAP MAPPING SHARE of a page. An entry may name a tail: what is left of it as a page
 * is its count of references, the other words are the folio's. */
static void counts(FILE *log, const struct daxprobe_page *page)
{
	if (folios && page->pfn != page->head_pfn) {
		fprintf(log, " %lld -1 0x0 0x0", (long long)page->refcount);
		return;
	}
	fprintf(log, " %lld %lld 0x%llx 0x%llx", (long long)(folios ? page->folio_refcount : page->refcount),
		(long long)(folios ? page->folio_mapcount - 1 : page->mapcount), (ull)names_of(page->mapping),
		(ull)page->share);
}

/* Before 6.15 each subpage of a PMD counts for itself. */
static void subpages(FILE *log, int file, unsigned long index, const struct daxprobe_page *head)
{
	int has_index = head->mapping > 7;
	struct daxprobe_scan scan = {
		.pfn = head->pfn + 1, .last = head->pfn + 511, .refcount = 1, .mapcount = -1,
		.mapping = head->mapping, .share = head->share + (unsigned)has_index,
		.share_step = (unsigned)has_index,
	};

	while (scan.pfn <= scan.last && look(DAXPROBE_IOC_SCAN, &scan) && scan.pfn <= scan.last) {
		fprintf(log, "N2 %d %lu %llu", file, index, (ull)(scan.pfn - head->pfn));
		counts(log, &scan.page);
		fputc('\n', log);
		scan.pfn++;
		scan.share += scan.share_step;
	}
}

static void entry_line(FILE *log, int file, const struct daxprobe_entry *entry)
{
	unsigned long value = entry->entry >> 1, pfn = value >> 4, sub;
	const char *size = value & DAX_PMD ? "pmd" : "";
	const char *kind = value & DAX_ZERO ? "zero" : value & DAX_EMPTY ? "empty" : value & DAX_PMD ? "" : "pte";
	int page_there = !(value & (DAX_ZERO | DAX_EMPTY));

	/* Linux 6.1 has no DAX for a file with shared blocks that it reads in again. */
	if (!(entry->entry & 1)) {
		fprintf(log, "W BUG file %d has a page of the page cache\n", file);
		return;
	}
	if (value & DAX_ZERO)
		memory_zero(pfn, 1ul << entry->order);
	fprintf(log, "N %d %llu 0x%llx %s%s%s %u ", file, (ull)entry->index, (ull)entry->entry, size, kind,
		value & DAX_LOCKED ? ",locked" : "", entry->order);
	fprintf(log, "%s%s%s%s 0x%lx", entry->marks & DAXPROBE_DIRTY ? "D" : "",
		entry->marks & DAXPROBE_TOWRITE ? "T" : "", entry->marks & DAXPROBE_WRITEBACK ? "W" : "",
		entry->marks ? "" : "-", pfn);
	if (page_there)
		counts(log, &entry->page);
	else
		fputs(" 0 -1 0x0 0x0", log);
	fprintf(log, " %lld\n", page_there ? (long long)entry->page.folio_pincount : 0);
	if (!page_there)
		return;
	for (sub = 0; sub < 1ul << entry->order; sub++) {
		set_bit(seen, pfn + sub);
		set_bit(behind, pfn + sub);
	}
	if (entry->order && !folios)
		subpages(log, file, entry->index, &entry->page);
}

static void file_lines(FILE *log, const struct ops *ops, int index)
{
	struct daxprobe_file file = {.fd = ops->fd[index]};
	struct daxprobe_entry entry = {.fd = ops->fd[index]};

	if (!look(DAXPROBE_IOC_FILE, &file))
		return;
	fprintf(log, "F %d %llu %llu 0x%llx %u\n", index, (ull)file.size, (ull)file.nrpages,
		(ull)names_of(file.mapping), file.vmas);
	while (look(DAXPROBE_IOC_ENTRY, &entry) && entry.entry) {
		unsigned long next = entry.index + (1ul << entry.order);

		entry_line(log, index, &entry);
		memset(&entry, 0, sizeof(entry));
		entry.fd = ops->fd[index];
		entry.index = next;
	}
	extent_lines(log, ops, index);
}

/* Pages first..last of the window have no entry. Idle is a count of 1, from 6.15 on 0; from
 * there to 7.0 an index may be left, which counts for a share later. */
static void stray_pages(FILE *log, unsigned long first, unsigned long last)
{
	struct daxprobe_scan scan = {
		.pfn = window + first, .last = window + last, .refcount = folios ? 0 : 1, .mapcount = -1,
	};

	while (scan.pfn <= scan.last && look(DAXPROBE_IOC_SCAN, &scan) && scan.pfn <= scan.last) {
		fprintf(log, "P 0x%llx", (ull)scan.page.pfn);
		counts(log, &scan.page);
		fputc('\n', log);
		scan.pfn++;
	}
}

static void page_lines(FILE *log)
{
	unsigned long at, first = WINDOW;

	for (at = 0; at <= WINDOW; at++) {
		int stray;

		if (at % 64 == 0 && first == WINDOW)
			while (at < WINDOW && !memcmp(seen + at / 8, "\0\0\0\0\0\0\0", 8))
				at += 64;
		stray = at < WINDOW && bit(seen, at) && !bit(behind, at);
		if (stray && first == WINDOW)
			first = at;
		if (!stray && first != WINDOW) {
			stray_pages(log, first, at - 1);
			first = WINDOW;
		}
	}
}

static void pin_lines(FILE *log)
{
	struct daxprobe_pin pin = {0};

	for (pin.slot = 0; pin.slot < OPS_PINS; pin.slot++) {
		if (!look(DAXPROBE_IOC_HELD, &pin))
			continue;
		if (!pin.device && memory_is_zero(pin.pfn))
			fprintf(log, "G %u zero\n", pin.slot);
		else
			fprintf(log, "G %u 0x%llx\n", pin.slot,
				pin.device ? (ull)pin.pfn : (ull)memory_name(pin.pfn));
		/* A private mapping's page is nobody's business afterwards. */
		if (pin.device)
			set_bit(seen, pin.pfn);
	}
}

static void leaf_lines(FILE *log, const struct tasks *tasks)
{
	int map;

	for (map = 0; map < OPS_MAPS; map++) {
		const struct ops_map *area = &tasks->ops.map[map];
		unsigned long start = area->address;
		struct daxprobe_walk walk = {
			.pid = (unsigned)tasks->task[area->mm][0].process, .start = start, .end = start + area->len,
		};

		while (walk.start < walk.end && look(DAXPROBE_IOC_WALK, &walk) && walk.level) {
			unsigned long leaf = walk.start, at = leaf < start ? 0 : leaf - start;

			fprintf(log, "V %d %d %lu %s %s ", area->mm, map, at, walk.level == 2 ? "pmd" : "pte",
				walk.writable ? "w" : "r");
			if (walk.zero) {
				fputs("zero\n", log);
				memory_zero(walk.pfn, walk.level == 2 ? 512 : 1);
			} else {
				fprintf(log, "0x%llx\n",
					walk.device ? (ull)walk.pfn : (ull)memory_name(walk.pfn));
			}
			walk.start = leaf + (walk.level == 2 ? 512 : 1) * OPS_PAGE;
		}
	}
}

void observe(FILE *log, const struct tasks *tasks)
{
	int index;

	memset(behind, 0, sizeof(behind));
	for (index = 0; index < tasks->ops.files; index++) {
		struct daxprobe_file file = {.fd = tasks->ops.fd[index]};

		struct daxprobe_call no_times = {.fd = tasks->ops.fd[index], .what = DAXPROBE_NO_TIMES};

		if (look(DAXPROBE_IOC_FILE, &file))
			names_learn(index, tasks->ops.inodes[index], file.mapping);
		/* A time is a transaction that pins the inode, and whether a fault for writing makes one
		 * hangs on the clock's tick; a MAP_SYNC fault would be told to write the journal then
		 * (xfs_bmbt_to_iomap()). */
		look(DAXPROBE_IOC_CALL, &no_times);
	}
	for (index = 0; index < tasks->ops.files; index++)
		file_lines(log, &tasks->ops, index);
	memory_begin();
	leaf_lines(log, tasks);
	pin_lines(log);
	memory_end();
	page_lines(log);
}
