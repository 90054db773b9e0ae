// SPDX-License-Identifier: GPL-2.0-only
// A program on the disk instead of a script: what `daxfuzz export` makes, on the kernel that it
// is about. Read next: program.c, ../README.md.
#ifndef CONFORMANCE_PROGRAM_H
#define CONFORMANCE_PROGRAM_H

#include <stdio.h>

/* Does the disk begin with one? */
int program_is(const char *image);

/* Runs it on the directory. Its words go to the log, and after them how it ended. 0 or an
 * errno. */
int program_run(const char *image, size_t size, const char *directory, FILE *log);

#endif
