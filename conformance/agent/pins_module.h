// SPDX-License-Identifier: GPL-2.0-only
// Pins taken by daxprobe.ko: any kind, either walk. See ops.h.
#ifndef CONFORMANCE_PINS_MODULE_H
#define CONFORMANCE_PINS_MODULE_H

#include "conformance/agent/ops.h"

/* `device` is an open /dev/daxprobe, shared by all processes. */
const struct pins *pins_module(int device);

#endif
