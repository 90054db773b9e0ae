// SPDX-License-Identifier: GPL-2.0-only
// Pins that need no module: a page spliced into a pipe is referenced until it is read out.
// That is FOLL_GET; FOLL_PIN stands in as well, for what waits for the page. Not there:
// FOLL_LONGTERM, stores through a pin, invalidation. See conformance/agent/ops.h.
#ifndef CONFORMANCE_PINS_VMSPLICE_H
#define CONFORMANCE_PINS_VMSPLICE_H

#include "conformance/agent/ops.h"

// NULL if there are no pipes. Before processes are started, which share them.
const struct pins *pins_vmsplice(void);

#endif
