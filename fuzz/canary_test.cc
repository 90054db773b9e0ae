// SPDX-License-Identifier: GPL-2.0-only
// The canary sings both ways: as an abort that an engine sees, and as a finding
// on the pipe that `daxfuzz fuzz` reads. Runs the real binary, whose path is in
// CANARY_TARGET, on the empty input.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "trace/text.h"

namespace daxfuzz::fuzz {
namespace {

constexpr char kSignature[] = "canary-always-fails in canary";

std::string content(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The exit status of the target, as of a shell: 128 + a signal.
int run(const std::string& before, const std::string& after) {
  const char* target = std::getenv("CANARY_TARGET");
  EXPECT_NE(target, nullptr) << "CANARY_TARGET: expected the path of canary_fuzz_test_replay";
  if (target == nullptr) return -1;
  const int status = std::system(("( " + before + " " + target + " ) " + after).c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Canary, AbortsUnderABareEngine) {
  const std::string errors = ::testing::TempDir() + "/canary.stderr";
  EXPECT_EQ(run("unset DAXFUZZ_FINDINGS_FD;", "2>" + errors), 128 + SIGABRT);
  EXPECT_EQ(content(errors).find(std::string("ASSERTION FAILED: ") + kSignature + "\ndaxt 1\n"), 0u);
}

TEST(Canary, StreamsAParseableTraceAndGoesOn) {
  const std::string stream = ::testing::TempDir() + "/canary.findings";
  EXPECT_EQ(run("DAXFUZZ_FINDINGS_FD=3 DAXFUZZ_PROTOCOL=v1", "3>" + stream), 0);
  const std::string all = content(stream);
  ASSERT_EQ(all.find("FINDING "), 0u);
  const std::size_t line = all.find('\n');
  const std::string text = all.substr(line + 1);
  ASSERT_EQ(std::to_string(text.size()), all.substr(8, line - 8));
  const auto parsed = trace::parse(text, stream);
  ASSERT_TRUE(parsed) << parsed.error().str();
  EXPECT_EQ(trace::header(parsed->trace, "verdict"), std::string("FAIL ") + kSignature);
  EXPECT_EQ(parsed->trace.program.protocol, trace::ProtocolId::v1);
}

TEST(Canary, IsSilentOnceItIsKnown) {
  const std::string known = ::testing::TempDir() + "/canary.known", stream = ::testing::TempDir() + "/canary.silent";
  std::ofstream(known) << "v1\t" << kSignature << "\n";
  EXPECT_EQ(run("DAXFUZZ_FINDINGS_FD=3 DAXFUZZ_PROTOCOL=v1 DAXFUZZ_KNOWN=" + known, "3>" + stream), 0);
  EXPECT_EQ(content(stream), "");
}

TEST(Canary, RefusesABadEnvironment) {
  EXPECT_EQ(run("DAXFUZZ_PROTOCOL=v9", "2>/dev/null"), 2);
}

}  // namespace
}  // namespace daxfuzz::fuzz
