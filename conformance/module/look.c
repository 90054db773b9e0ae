// SPDX-License-Identifier: GPL-2.0-only
// The observations: a file, an entry of i_pages, a range of pages, a leaf of the page
// tables. Fields are read as they lie there, without the accessors that interpret them,
// because what the words hold is what is compared. Read next: daxprobe.h.
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/version.h>
#include <linux/xarray.h>

#include "conformance/module/internal.h"

/* A DAX entry is a value of pfn << 4 and these; fs/dax.c, the same in 6.1 to 7.3. */
#define DAX_PMD 2
#define DAX_ZERO_OR_EMPTY (4 | 8)
#define DAX_SHIFT 4
/* PMD_ORDER has that name only from 6.9 on. */
#define ENTRY_ORDER (PMD_SHIFT - PAGE_SHIFT)

static s64 counted_mapcount(struct folio *folio)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	return folio_mapcount(folio);
#else
	return atomic_read(&folio->_mapcount) + 1;
#endif
}

void daxprobe_fill(struct daxprobe_page *out, struct page *page)
{
	struct folio *folio = page_folio(page);

	out->pfn = page_to_pfn(page);
	out->zone_device = is_zone_device_page(page);
	out->refcount = page_ref_count(page);
	out->mapcount = atomic_read(&page->_mapcount);
	out->mapping = (unsigned long)READ_ONCE(page->mapping);
	/* index and share have changed names and owners, not their place. */
	out->share = READ_ONCE(*((unsigned long *)&page->mapping + 1));
	out->head_pfn = folio_pfn(folio);
	out->order = folio_order(folio);
	out->folio_refcount = folio_ref_count(folio);
	out->folio_mapcount = counted_mapcount(folio);
	out->folio_pincount = folio_test_large(folio) ? atomic_read(&folio->_pincount) : 0;
}

/* Counted by hand: the interval tree's iterator is not exported. */
static u32 count_vmas(struct address_space *mapping)
{
	struct rb_node *node;
	u32 count = 0;

	i_mmap_lock_read(mapping);
	for (node = rb_first(&mapping->i_mmap.rb_root); node; node = rb_next(node))
		count++;
	i_mmap_unlock_read(mapping);
	return count;
}

long daxprobe_look_file(struct daxprobe_file *arg)
{
	struct file *file = fget(arg->fd);
	struct address_space *mapping;

	if (!file)
		return -EBADF;
	mapping = file->f_mapping;
	arg->mapping = (unsigned long)mapping;
	arg->nrpages = READ_ONCE(mapping->nrpages);
	arg->size = i_size_read(mapping->host);
	arg->ino = mapping->host->i_ino;
	arg->vmas = count_vmas(mapping);
	fput(file);
	return 0;
}

/* The page of pmem behind an entry, or NULL. */
static struct page *entry_page(void *entry)
{
	unsigned long value = xa_to_value(entry), pfn = value >> DAX_SHIFT;

	return (value & DAX_ZERO_OR_EMPTY) || !pfn_valid(pfn) ? NULL : pfn_to_page(pfn);
}

long daxprobe_look_entry(struct daxprobe_entry *arg)
{
	struct file *file = fget(arg->fd);
	struct xarray *xa;
	struct page *page;
	void *entry;

	if (!file)
		return -EBADF;
	xa = &file->f_mapping->i_pages;
	{
		XA_STATE(xas, xa, arg->index);

		/* The lock holds marks and entry together. */
		xas_lock_irq(&xas);
		entry = xas_find(&xas, ULONG_MAX);
		if (entry) {
			arg->index = xas.xa_index;
			arg->marks = (xas_get_mark(&xas, PAGECACHE_TAG_DIRTY) ? DAXPROBE_DIRTY : 0) |
				     (xas_get_mark(&xas, PAGECACHE_TAG_WRITEBACK) ? DAXPROBE_WRITEBACK : 0) |
				     (xas_get_mark(&xas, PAGECACHE_TAG_TOWRITE) ? DAXPROBE_TOWRITE : 0);
		}
		xas_unlock_irq(&xas);
	}
	arg->entry = (unsigned long)entry;
	if (entry) {
		arg->order = xa_get_order(xa, arg->index);
		arg->index &= ~((1ul << arg->order) - 1);
		page = xa_is_value(entry) ? entry_page(entry) : NULL;
		if (page)
			daxprobe_fill(&arg->page, page);
	}
	fput(file);
	return 0;
}

static bool expected(const struct daxprobe_scan *want, const struct daxprobe_page *page)
{
	return page->refcount == want->refcount && page->mapcount == want->mapcount &&
	       page->mapping == want->mapping && page->share == want->share;
}

long daxprobe_look_scan(struct daxprobe_scan *arg)
{
	for (; arg->pfn <= arg->last; arg->pfn++, arg->share += arg->share_step) {
		if (!pfn_valid(arg->pfn))
			continue;
		daxprobe_fill(&arg->page, pfn_to_page(arg->pfn));
		if (!expected(arg, &arg->page))
			break;
	}
	return 0;
}

static bool is_device(unsigned long pfn)
{
	return pfn_valid(pfn) && is_zone_device_page(pfn_to_page(pfn));
}

/* The leaf at `address`, if there is one; always where the next may begin. */
static unsigned long walk_one(struct mm_struct *mm, unsigned long address, struct daxprobe_walk *arg)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d = pgd_none(*pgd) ? NULL : p4d_offset(pgd, address);
	pud_t *pud = !p4d || p4d_none(*p4d) ? NULL : pud_offset(p4d, address);
	pmd_t *pmd = !pud || pud_none(*pud) ? NULL : pmd_offset(pud, address);
	pte_t *pte, value;
	pmd_t huge;

	if (!pmd)
		return (address & PUD_MASK) + PUD_SIZE;
	huge = READ_ONCE(*pmd);
	if (pmd_none(huge) || !pmd_present(huge))
		return (address & PMD_MASK) + PMD_SIZE;
	if (huge.pmd & _PAGE_PSE) {
		arg->level = 2;
		arg->writable = !!pmd_write(huge);
		arg->pfn = pmd_pfn(huge);
		arg->device = is_device(arg->pfn);
		/* There is no other huge leaf in a DAX mapping: private copies are small. */
		arg->zero = !arg->device;
		arg->start = address & PMD_MASK;
		return arg->start + PMD_SIZE;
	}
	pte = pte_offset_kernel(pmd, address);
	value = READ_ONCE(*pte);
	if (pte_present(value)) {
		arg->level = 1;
		arg->writable = !!pte_write(value);
		arg->pfn = pte_pfn(value);
		arg->zero = is_zero_pfn(arg->pfn);
		arg->device = is_device(arg->pfn);
		arg->start = address & PAGE_MASK;
	}
	return (address & PAGE_MASK) + PAGE_SIZE;
}

long daxprobe_look_walk(struct daxprobe_walk *arg)
{
	struct pid *pid = find_get_pid(arg->pid);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm = task ? get_task_mm(task) : NULL;
	unsigned long address = arg->start;
	long result = 0;

	arg->level = 0;
	if (!mm) {
		result = -ESRCH;
	} else if (!mmap_read_trylock(mm)) {
		/* A task that is blocked in the middle of munmap() must not block us too. */
		result = -EAGAIN;
	} else {
		while (address < arg->end && !arg->level)
			address = walk_one(mm, address, arg);
		mmap_read_unlock(mm);
	}
	if (mm)
		mmput(mm);
	if (task)
		put_task_struct(task);
	put_pid(pid);
	return result;
}
