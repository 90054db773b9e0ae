// SPDX-License-Identifier: GPL-2.0-only
// From a bare kernel to a DAX file system. See boot.h.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/agent/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/agent/place.h"

#define DEVICE "/dev/pmem0"

static void say(const char *prefix, const char *format, va_list values)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, values);
	printf("daxfuzz-agent: %s%s\n", prefix, text);
	fflush(stdout);
}

void boot_say(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say("", format, values);
	va_end(values);
}

void boot_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

void boot_fail(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say("error: ", format, values);
	va_end(values);
	boot_off();
}

static void mount_or_fail(const char *what, const char *where, const char *type, const char *options)
{
	mkdir(where, 0755);
	if (mount(what, where, type, 0, options) && errno != EBUSY)
		boot_fail("cannot mount %s at %s: %s", type, where, strerror(errno));
}

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		boot_say("%s: %s", path, strerror(errno));
	close(fd);
}

/* In the order of the list, which the builder sorted by what needs what. */
static void load_modules(void)
{
	FILE *list = fopen("/modules/list", "r");
	char name[128], path[160];

	while (list && fscanf(list, "%127s", name) == 1) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%s", name);
		fd = open(path, O_RDONLY);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			boot_say("module %s: %s", name, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	if (list)
		fclose(list);
}

/* An initramfs that was not built by root has no console, so the kernel gave us none. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR), to;

	for (to = 0; fd >= 0 && to <= 2; to++)
		dup2(fd, to);
	if (fd > 2)
		close(fd);
}

static void make_file_system(void)
{
	/* No stripes: at the end of a file they make XFS allocate more than is asked for. */
	char *const words[] = {"mkfs.xfs", "-f", "-q", "-m", "reflink=1", "-d", "agcount=2,cowextsize=1",
			       DEVICE, NULL};
	char *const no_environment[] = {NULL};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execve("/bin/mkfs.xfs", words, no_environment);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		boot_fail("mkfs.xfs %s failed with status %d", DEVICE, WEXITSTATUS(status));
}

static void check_dax(const char *directory)
{
	int dax = place_has_dax(directory);

	if (dax < 0)
		boot_fail("cannot make a file: %s", strerror(-dax));
	if (!dax)
		boot_fail("this kernel mounts XFS without DAX (CONFIG_FS_DAX?)");
}

void boot_up(const char *directory)
{
	mount_or_fail("proc", "/proc", "proc", "");
	mount_or_fail("sysfs", "/sys", "sysfs", "");
	mount_or_fail("devtmpfs", "/dev", "devtmpfs", "");
	open_console();
	mount_or_fail("debugfs", "/sys/kernel/debug", "debugfs", "");
	put("/proc/sys/kernel/printk_ratelimit", "0");
	/* Tasks that wait are meant to, until the end: see events_wait_for_hung(). */
	put("/proc/sys/kernel/hung_task_timeout_secs", "0");
	put("/proc/sys/kernel/hung_task_warnings", "-1");
	/* One task less that may hold an mmap_lock when observe.c wants it. */
	put("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", "3600000");
	load_modules();
	if (access("/dev/daxprobe", R_OK))
		boot_fail("daxprobe.ko does not load on this kernel");
	if (access(DEVICE, R_OK))
		boot_fail("this kernel has no %s (CONFIG_X86_PMEM_LEGACY, CONFIG_BLK_DEV_PMEM?)", DEVICE);
	make_file_system();
	mkdir(directory, 0755);
	if (mount(DEVICE, directory, "xfs", MS_NOATIME, "dax=always"))
		boot_fail("this kernel cannot mount XFS with dax=always: %s", strerror(errno));
	check_dax(directory);
	put("/sys/kernel/debug/clear_warn_once", "1");
}

static int open_in(const char *directory, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return open(path, O_RDWR | O_CREAT, 0600);
}

/* The blocks that are to be free are taken first, in a row and where place_align() has made room,
 * then all others, and then they are let go: so it is known where a file's blocks will be. A few can
 * never be had, for XFS reserves more than it takes: they are of those that are to be free. */
int boot_fill(const char *directory, long free_blocks)
{
	int room = open_in(directory, "room"), ballast = open_in(directory, "ballast"), error = 0;
	struct statvfs now;
	long step, size = 0;

	if (room < 0 || ballast < 0 || fallocate(room, 0, 0, free_blocks * 4096))
		return errno;
	/* What XFS keeps back for itself is not told, so go in ever smaller steps. */
	for (step = 1 << 16; step > 0; step /= 2)
		while (!fallocate(ballast, 0, size * 4096, step * 4096))
			size += step;
	if (fstatvfs(room, &now) || ftruncate(room, (off_t)now.f_bfree * 4096) || fsync(room))
		error = errno;
	close(room);
	close(ballast);
	return error;
}
