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

inline trace::Op op_of(const std::string& line, const Scene& scene) {
  const auto parsed = trace::parse("daxt 1\nprotocol    legacy\ngeometry    files=" +
                                       std::to_string(scene.geometry.files) +
                                       " blocks=4096 pmd_order=9 mms=" +
                                       std::to_string(scene.geometry.mms) + "\n" + line +
                                       "\nschedule    replay\n",
                                   line, trace::Parse::lenient);
  EXPECT_TRUE(parsed.has_value() && parsed->trace.program.ops.size() == 1) << line;
  return parsed.has_value() ? parsed->trace.program.ops.at(0) : trace::Op{};
}

inline Recorded recorded(const std::string& name, trace::ProtocolId protocol) {
  const Scene scene = long_run(protocol);
  Recorded out;
  std::istringstream lines(text_of(name + ".ops"));
  for (std::string line; std::getline(lines, line);) out.ops.push_back(op_of(line, scene));
  const auto log = parse_log(text_of(name + ".log"));
  EXPECT_TRUE(log.has_value()) << (log.has_value() ? "" : log.error());
  if (log.has_value()) out.kernel = *log;
  const kernel::testing::KernelRaces races;
  out.model = follow(scene, out.ops, out.kernel);
  return out;
}

}  // namespace daxfuzz::conformance::testing
