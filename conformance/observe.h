// SPDX-License-Identifier: GPL-2.0-only
// The state of the model in the kernel's terms and units: what the guest's module reads of a
// real kernel. Only looks. Read next: observe.cc, log.h.
#pragma once

#include "conformance/log.h"
#include "model/world.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

inline constexpr std::uint64_t kPageBytes = 4096;
inline constexpr std::uint64_t kHalfBytes = kPageBytes / 2;  // a byte of the model

// Files, entries, pages, pins and page tables. The world is the current one.
void observe(kernel::World& world, Step& step);

// The word that `mapping` of a page of this file holds: File::mapping.
[[nodiscard]] std::uint64_t mapping_of(kernel::World& world, unsigned file);

}  // namespace daxfuzz::conformance
