// SPDX-License-Identifier: GPL-2.0-only
// Ops of a program as lines that a guest runs: which line, by which process, or why none can
// be. docs/conformance.md has the format. Read next: drive.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "conformance/drive.h"
#include "model/world.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

// Why no program of user space can make this op; nullopt: it can.
[[nodiscard]] std::optional<std::string> refusal(const trace::Op& op);

// Would the op do anything at all, as the machine is now? One on a slot that is not in use, or
// is, answers -EINVAL in the model before it looks at the kernel; so does an unlink of a file in
// use, and a store through a read-only PTE where there is none. Neither side is given those, nor a
// fork that forks_what_is_busy(). A bit in `busy_mms` is a process with a thread in an op.
[[nodiscard]] bool applicable(const kernel::World& world, const trace::Op& op,
                              std::uint32_t busy_mms = 0);

// In a guest a child takes the place of a process, which ends: one that has no mapping and is in no
// op. And nobody else of the parent is in one, who could hold its mmap_lock: the guest sets
// MADV_DONTFORK before, so that it would wait in two places. The guest's answer is EBUSY.
[[nodiscard]] bool forks_what_is_busy(const kernel::World& world, const trace::Op& op,
                                      std::uint32_t busy_mms);

// The process that makes the op: who has the mapping; of a file op the first.
[[nodiscard]] unsigned process_of(const kernel::World& world, const trace::Op& op);

// "op 3 0 1 fault 2 8192 write 90": number `step`, made in the process that has the mapping.
[[nodiscard]] std::string line(const kernel::World& world, const trace::Op& op, std::size_t step);

// What the line calls: a store through a read-only PTE is a store.
[[nodiscard]] trace::Op as_called(trace::Op op);

// The lines before the ops.
[[nodiscard]] std::string head(const Scene& scene);

}  // namespace daxfuzz::conformance
