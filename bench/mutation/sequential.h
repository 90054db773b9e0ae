// SPDX-License-Identifier: GPL-2.0-only
// Programs of one thread, of which a file system of byte arrays (properties/file_model.h) says what
// each op returns: the judge of a mutant that fails, or does nothing, where nothing is in its way,
// which breaks no rule of the oracle. Read next: probes.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::mutation {

struct Sequential {
  trace::Program program;
  std::vector<std::int64_t> results;
};

// As many as asked for, by turns of the shapes of properties/sequential_properties_test.cc.
[[nodiscard]] std::vector<Sequential> sequential_programs(std::uint64_t seed, std::uint64_t count);

// "wrong-result in OP" of the first op that returns something else; empty if none does.
[[nodiscard]] std::string wrong_result(const trace::Program& program,
                                       const std::vector<std::int64_t>& expected,
                                       const exec::Execution& execution);

}  // namespace daxfuzz::mutation
