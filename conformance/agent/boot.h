// SPDX-License-Identifier: GPL-2.0-only
// What a first process has to do before and after its work. Read next: boot.c.
#ifndef CONFORMANCE_BOOT_H
#define CONFORMANCE_BOOT_H

/* A line on the console, after "daxfuzz-agent: "; fail is the end of the machine. */
void boot_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void boot_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void boot_off(void) __attribute__((noreturn));

/* Mounts, modules of /modules, then a fresh XFS with reflink on /dev/pmem0 at `directory`,
 * with DAX in force. */
void boot_up(const char *directory);

/* Takes all blocks of the file system but `free_blocks`, as statvfs(3) counts them. 0 or an errno. */
int boot_fill(const char *directory, long free_blocks);

#endif
