// SPDX-License-Identifier: GPL-2.0-only
// Pins that need no module: a page spliced into a pipe is referenced until it is read out.
// That is FOLL_GET for reading. FOLL_PIN is taken for a moment, by process_vm_readv(2), and the
// page is faulted for writing, by MADV_POPULATE_WRITE, before it is held so: enough for what
// waits for the page, and for what goes wrong while it is taken. Not there: FOLL_LONGTERM,
// stores through a pin, invalidation. With PIN_DIRECT, the name of a file on another file
// system, FOLL_PIN is taken by write(2) to it with O_DIRECT. See conformance/agent/ops.h.
#ifndef CONFORMANCE_PINS_VMSPLICE_H
#define CONFORMANCE_PINS_VMSPLICE_H

#include "conformance/agent/ops.h"

// NULL if there are no pipes. Before processes are started, which share them.
const struct pins *pins_vmsplice(void);

#endif
