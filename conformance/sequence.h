// SPDX-License-Identifier: GPL-2.0-only
// A program as the order in which its ops are forced on a kernel: that in which they begin
// under its schedule. What is between the steps of an op cannot be forced, so an interleaving
// is reproduced only as far as it is made of whole ops and of waiting ones.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "conformance/drive.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

// The program on x86-64's PMDs: each PMD of a small world becomes one of 512 pages, a page that
// is the n-th of its PMD stays the n-th. Why it cannot: a word.
[[nodiscard]] std::expected<trace::Program, std::string> scaled(const trace::Program& program);

// The ops of a program in the order in which they begin; `as`: what stands for each, by its
// number. Runs it.
[[nodiscard]] std::vector<trace::Op> forced_order(const trace::Program& program,
                                                  const std::vector<trace::Op>& as);

// What a trace's program is driven as (drive.h), under its protocol and settings; or why it has
// an op that none of user space can make, or cannot be scaled.
struct Sequence {
  Scene scene;
  std::vector<trace::Op> ops;
};
[[nodiscard]] std::expected<Sequence, std::string> sequence_of(const trace::Program& program);

// Gives the ops in order; one whose thread still waits lets the others pass.
[[nodiscard]] Next in_order(std::vector<trace::Op> ops);

}  // namespace daxfuzz::conformance
