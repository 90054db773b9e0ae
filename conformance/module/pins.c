// SPDX-License-Identifier: GPL-2.0-only
// Pins by slot: taken through an address of the calling process, kept after it unmaps
// or exits, dropped by anybody. And what is done to memory behind them, and to a file's
// mapping, that user space has no system call for. Read next: daxprobe.h.
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/version.h>
#include <linux/writeback.h>

#include "conformance/module/internal.h"

static struct held {
	struct page *page;
	u32 kind, write;
} pins[DAXPROBE_PINS];

/* Not held while pages are faulted in: a fault may wait for a pin to be dropped. */
static DEFINE_SPINLOCK(pins_lock);

/* pin_user_pages_unlocked() refuses FOLL_LONGTERM before 6.3. */
static long pin_slow(unsigned long address, unsigned int flags, struct page **page)
{
	long taken;

	mmap_read_lock(current->mm);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	taken = pin_user_pages(address, 1, flags, page, NULL);
#else
	taken = pin_user_pages(address, 1, flags, page);
#endif
	mmap_read_unlock(current->mm);
	return taken;
}

static long take(struct daxprobe_pin *arg, struct page **page)
{
	unsigned int flags = (arg->write ? FOLL_WRITE : 0) |
			     (arg->kind == DAXPROBE_LONGTERM ? FOLL_LONGTERM : 0);

	if (arg->kind == DAXPROBE_GET)
		return arg->fast ? get_user_pages_fast(arg->address, 1, flags, page)
				 : get_user_pages_unlocked(arg->address, 1, page, flags);
	return arg->fast ? pin_user_pages_fast(arg->address, 1, flags, page)
	       : arg->kind == DAXPROBE_LONGTERM ? pin_slow(arg->address, flags, page)
						: pin_user_pages_unlocked(arg->address, 1, page, flags);
}

static void release(const struct held *pin)
{
	if (pin->kind == DAXPROBE_GET)
		put_page(pin->page);
	else
		unpin_user_page(pin->page);
}

static struct held *slot_of(u32 slot)
{
	return slot < DAXPROBE_PINS ? &pins[slot] : NULL;
}

long daxprobe_pin(struct daxprobe_pin *arg)
{
	struct held *slot = slot_of(arg->slot), pin = { .kind = arg->kind, .write = arg->write };
	long taken;
	bool used;

	if (!slot || arg->kind > DAXPROBE_LONGTERM)
		return -EINVAL;
	taken = take(arg, &pin.page);
	if (taken != 1)
		return taken < 0 ? taken : -EFAULT;
	arg->pfn = page_to_pfn(pin.page);
	spin_lock(&pins_lock);
	used = slot->page;
	if (!used)
		*slot = pin;
	spin_unlock(&pins_lock);
	if (used)
		release(&pin);
	return used ? -EBUSY : 0;
}

long daxprobe_unpin(struct daxprobe_pin *arg)
{
	struct held *slot = slot_of(arg->slot), pin = { };

	if (!slot)
		return -EINVAL;
	spin_lock(&pins_lock);
	swap(*slot, pin);
	spin_unlock(&pins_lock);
	if (!pin.page)
		return -EINVAL;
	arg->pfn = page_to_pfn(pin.page);
	release(&pin);
	return 0;
}

long daxprobe_held(struct daxprobe_pin *arg)
{
	struct held *slot = slot_of(arg->slot);

	if (!slot || !slot->page)
		return -EINVAL;
	arg->pfn = page_to_pfn(slot->page);
	arg->kind = slot->kind;
	arg->device = is_zone_device_page(slot->page);
	return 0;
}

void daxprobe_drop_pins(void)
{
	struct daxprobe_pin arg = { };

	for (arg.slot = 0; arg.slot < DAXPROBE_PINS; arg.slot++)
		daxprobe_unpin(&arg);
}

long daxprobe_dma(struct daxprobe_dma *arg)
{
	struct held *slot = slot_of(arg->slot);
	u8 *bytes;

	if (!slot || !slot->page)
		return -EINVAL;
	/* Or it would be the zero page that is written, which everybody maps. */
	if (arg->write && !slot->write)
		return -EFAULT;
	bytes = kmap_local_page(slot->page);
	if (arg->write)
		memset(bytes, arg->value, PAGE_SIZE);
	else
		arg->value = READ_ONCE(*bytes);
	kunmap_local(bytes);
	return 0;
}

static long invalidate(struct file *file, const struct daxprobe_call *arg)
{
	long result;

	inode_lock(file_inode(file));
	result = invalidate_inode_pages2_range(file->f_mapping, arg->first, arg->last);
	inode_unlock(file_inode(file));
	return result;
}

static long flusher(struct super_block *sb)
{
	down_read(&sb->s_umount);
	writeback_inodes_sb(sb, WB_REASON_PERIODIC);
	up_read(&sb->s_umount);
	return 0;
}

/* file_update_time() is told that the file has none. No lock: an op that waits may have it. */
static long no_times(struct inode *inode)
{
	inode_set_flags(inode, S_NOCMTIME, S_NOCMTIME);
	return 0;
}

long daxprobe_call(struct daxprobe_call *arg)
{
	struct file *file;
	long result = -EINVAL;

	file = fget(arg->fd);
	if (!file)
		return -EBADF;
	if (arg->what == DAXPROBE_INVALIDATE)
		result = invalidate(file, arg);
	else if (arg->what == DAXPROBE_FLUSHER)
		result = flusher(file_inode(file)->i_sb);
	else if (arg->what == DAXPROBE_NO_TIMES)
		result = no_times(file_inode(file));
	fput(file);
	return result;
}
