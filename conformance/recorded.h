// SPDX-License-Identifier: GPL-2.0-only
// For tests: the model beside what a real kernel said of the same ops, as recorded in testdata.
// Read next: recorded_test.cc (how it is recorded), planted_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "conformance/compare.h"
#include "conformance/generate.h"
#include "conformance/ops_text.h"
#include "conformance/testing.h"

namespace daxfuzz::conformance::testing {

// The ops of NAME.ops, the kernel's log of NAME.log, and the model's of the same ops.
struct Recorded {
  std::vector<trace::Op> ops;
  Log kernel, model;
};

inline std::string text_of(const std::string& name) {
  const std::ifstream file("conformance/testdata/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline Recorded recorded(const std::string& name, trace::ProtocolId protocol) {
  const Scene scene = long_run(protocol);
  Recorded out;
  const auto ops = parse_ops(text_of(name + ".ops"), scene);
  EXPECT_TRUE(ops.has_value()) << (ops.has_value() ? "" : ops.error());
  if (ops.has_value()) out.ops = *ops;
  const auto log = parse_log(text_of(name + ".log"));
  EXPECT_TRUE(log.has_value()) << (log.has_value() ? "" : log.error());
  if (log.has_value()) out.kernel = *log;
  const kernel::testing::KernelRaces races;
  out.model = follow(scene, out.ops, out.kernel);
  return out;
}

}  // namespace daxfuzz::conformance::testing
