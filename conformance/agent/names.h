// SPDX-License-Identifier: GPL-2.0-only
// Names for address_space pointers, so that a log does not depend on where the kernel put
// an inode: FILE has 0x1000 * (FILE + 1) + 0x10 * how often unlink or evict had replaced it.
#ifndef CONFORMANCE_NAMES_H
#define CONFORMANCE_NAMES_H

// The file has this address_space now, of the inode that is its `inode`th, counted from 0.
void names_learn(int file, unsigned inode, unsigned long mapping);

// The name of what the word points to, with the word's low bits; the word itself if it is
// no pointer, or to nothing that was learnt.
unsigned long names_of(unsigned long word);

#endif
