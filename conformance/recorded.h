// SPDX-License-Identifier: GPL-2.0-only
// For tests: the model beside what a real kernel said of the same ops, as recorded in testdata.
// Throws if there is no such record. Read next: recorded_test.cc (how it is recorded),
// planted_test.cc; ci/coverage_main.cc, which asks what of the model it reaches.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conformance/compare.h"
#include "conformance/drive.h"
#include "conformance/generate.h"
#include "conformance/ops_text.h"
#include "conformance/release.h"
#include "model/testing.h"

namespace daxfuzz::conformance::testing {

// The ops of PATH.ops, the kernel's log of PATH.log, and the model's of the same ops.
struct Recorded {
  std::vector<trace::Op> ops;
  Log kernel, model;
};

inline std::string text_of(const std::string& path) {
  const std::ifstream file(path);
  if (!file.is_open()) throw std::runtime_error(path + ": no file");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Beside the protocol of the kernel that the log names.
inline Recorded recorded(const std::string& path) {
  Recorded out;
  auto log = parse_log(text_of(path + ".log"));
  if (!log) throw std::runtime_error(path + ".log: " + log.error());
  out.kernel = std::move(*log);
  const auto protocol = protocol_of_release(out.kernel.kernel);
  if (!protocol) throw std::runtime_error(path + ".log: of no kernel that is known");
  Scene scene = long_run(*protocol);
  auto ops = parse_ops(text_of(path + ".ops"), scene);
  if (!ops) throw std::runtime_error(path + ".ops: " + ops.error());
  out.ops = std::move(*ops);
  const kernel::testing::KernelRaces races;
  out.model = follow(scene, out.ops, out.kernel);
  return out;
}

}  // namespace daxfuzz::conformance::testing
