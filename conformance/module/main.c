// SPDX-License-Identifier: GPL-2.0-only
// daxprobe: shows what the kernel holds for DAX pages to a test that compares it with a
// model, and takes pins for it. For a throw-away virtual machine only: it hands kernel
// pointers and page references to whoever opens /dev/daxprobe. One source for Linux 6.1
// and later. Read next: daxprobe.h for the interface, look.c, pins.c, events.c.
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "conformance/module/internal.h"

union argument {
	struct daxprobe_file file;
	struct daxprobe_entry entry;
	struct daxprobe_scan scan;
	struct daxprobe_pin pin;
	struct daxprobe_dma dma;
	struct daxprobe_call call;
	struct daxprobe_walk walk;
	u64 blind;
};

static long run(unsigned int command, union argument *arg)
{
	switch (command) {
	case DAXPROBE_IOC_FILE: return daxprobe_look_file(&arg->file);
	case DAXPROBE_IOC_ENTRY: return daxprobe_look_entry(&arg->entry);
	case DAXPROBE_IOC_SCAN: return daxprobe_look_scan(&arg->scan);
	case DAXPROBE_IOC_PIN: return daxprobe_pin(&arg->pin);
	case DAXPROBE_IOC_UNPIN: return daxprobe_unpin(&arg->pin);
	case DAXPROBE_IOC_HELD: return daxprobe_held(&arg->pin);
	case DAXPROBE_IOC_DMA: return daxprobe_dma(&arg->dma);
	case DAXPROBE_IOC_CALL: return daxprobe_call(&arg->call);
	case DAXPROBE_IOC_WALK: return daxprobe_look_walk(&arg->walk);
	case DAXPROBE_IOC_BLIND: arg->blind = daxprobe_events_blind(); return 0;
	default: return -ENOTTY;
	}
}

static long daxprobe_ioctl(struct file *file, unsigned int command, unsigned long user)
{
	union argument arg;
	size_t size = _IOC_SIZE(command);
	long result;

	if (size > sizeof(arg))
		return -ENOTTY;
	memset(&arg, 0, sizeof(arg));
	if (copy_from_user(&arg, (void __user *)user, size))
		return -EFAULT;
	result = run(command, &arg);
	if (copy_to_user((void __user *)user, &arg, size))
		return -EFAULT;
	return result;
}

static ssize_t daxprobe_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	return daxprobe_events_read(to, size);
}

static const struct file_operations daxprobe_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = daxprobe_ioctl,
	.read = daxprobe_read,
};

static struct miscdevice daxprobe_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "daxprobe",
	.mode = 0600,
	.fops = &daxprobe_fops,
};

static int __init daxprobe_init(void)
{
	int error = misc_register(&daxprobe_device);

	if (!error)
		daxprobe_events_start();
	return error;
}

static void __exit daxprobe_exit(void)
{
	misc_deregister(&daxprobe_device);
	daxprobe_events_stop();
	daxprobe_drop_pins();
}

module_init(daxprobe_init);
module_exit(daxprobe_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("state of fs-dax pages, for conformance tests");
