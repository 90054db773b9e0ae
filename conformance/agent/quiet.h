// SPDX-License-Identifier: GPL-2.0-only
// What XFS does in the background after an op, done now: which blocks the next op gets must
// not depend on when it comes. Read next: quiet.c.
#ifndef CONFORMANCE_QUIET_H
#define CONFORMANCE_QUIET_H

// Of the file system that the directory is on. Changes no file under test, but if `trim` takes
// blocks that files have no need of, as XFS does when space is short. 0 or an errno.
int quiet(const char *directory, int trim);

#endif
