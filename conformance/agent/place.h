// SPDX-License-Identifier: GPL-2.0-only
// The directory that ops run in, whoever mounted it: a guest's first process, or whoever has
// an exported program. Read next: place.c.
#ifndef CONFORMANCE_PLACE_H
#define CONFORMANCE_PLACE_H

/* Has a new file there DAX? 1 or 0; a negative errno if that cannot be told. */
int place_has_dax(const char *directory);

/* Takes blocks until the next one that XFS will give is the first of a PMD. 0 or an errno. */
int place_align(const char *directory);

#endif
