// SPDX-License-Identifier: GPL-2.0-only
// A file system of byte arrays: what programs of one thread observe, with no
// blocks, no entries and no references at all. Written from the system calls'
// manual pages, not from the port. Read next: sequential_properties_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::properties {

// What each op returns if the threads of `program` were one. It knows mmap, munmap,
// fault, read, write, reflink, truncate, punch, alloc, zero, unshare, collapse, evict,
// unlink, break_layout, writeback, fsync, and pin with unpin; it never runs out of
// space. CHECKs that there are no others.
[[nodiscard]] std::vector<std::int64_t> file_model_results(const trace::Program& program);

// The protocols under which one thread sees that file system when it runs `program`, upstream first.
[[nodiscard]] std::vector<trace::ProtocolId> file_system_protocols(const trace::Program& program);
// The program's own protocol, if it is one of them, else one that depends on it alone.
[[nodiscard]] trace::ProtocolId nearest_file_system_protocol(const trace::Program& program);

}  // namespace daxfuzz::properties
