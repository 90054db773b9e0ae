// SPDX-License-Identifier: GPL-2.0-only
// Which blocks a file has, as lines of the log: M, then an X for each extent; none if nothing
// has changed, or if the file is locked by an op that waits. Read next: extents.c.
#ifndef CONFORMANCE_EXTENTS_H
#define CONFORMANCE_EXTENTS_H

#include <stdio.h>

#include "conformance/agent/ops.h"

void extent_lines(FILE *log, const struct ops *ops, int index);

#endif
