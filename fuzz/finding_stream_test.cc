// SPDX-License-Identifier: GPL-2.0-only
// The environment of a target and the stream of its findings, without an engine.
#include "fuzz/finding_stream.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <string>

#include "fuzz/digest_line.h"
#include "fuzz/environment.h"

namespace daxfuzz::fuzz {
namespace {

using Variables = std::map<std::string, std::string>;

auto read(const Variables& variables) {
  return read_environment([&](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  });
}

TEST(Environment, UnsetMeansTheInputsProtocolAndNoSettings) {
  const auto e = read({});
  ASSERT_TRUE(e);
  trace::Program p;
  p.protocol = trace::ProtocolId::v1;
  p.settings = {{trace::SwitchId::share, 1}};
  EXPECT_EQ(forced(p, *e).protocol, trace::ProtocolId::v1);
  EXPECT_TRUE(forced(p, *e).settings.empty());
  EXPECT_FALSE(e->findings_fd);
}

TEST(Environment, ForcesProtocolAndSettings) {
  const auto e = read({{"DAXFUZZ_PROTOCOL", "legacy"}, {"DAXFUZZ_SET", "share=flag_0x4,base_count=1"}});
  ASSERT_TRUE(e) << e.error();
  const trace::Program p = forced({}, *e);
  EXPECT_EQ(p.protocol, trace::ProtocolId::legacy);
  EXPECT_EQ(p.settings, (std::vector<trace::Setting>{{trace::SwitchId::share, 2}, {trace::SwitchId::base_count, 1}}));
}

TEST(Environment, KeepsTheInputsSettingsIfAsked) {
  const auto e = read({{"DAXFUZZ_PROTOCOL", "all"}, {"DAXFUZZ_SET", "input"}});
  ASSERT_TRUE(e);
  trace::Program p;
  p.settings = {{trace::SwitchId::share, 1}};
  EXPECT_EQ(forced(p, *e), p);
}

TEST(Environment, RefusesWhatItDoesNotUnderstand) {
  const std::pair<Variables, std::string> cases[] = {
      {{{"DAXFUZZ_PROTOCOL", "v7"}},
       "DAXFUZZ_PROTOCOL: expected one of all, legacy, v1, entry_ref, upstream, legacy60, "
       "upstream71, zap, found \"v7\""},
      {{{"DAXFUZZ_SET", "sharing=none"}},
       "DAXFUZZ_SET: expected switch=value,..., found \"sharing=none\"; no such switch"},
      {{{"DAXFUZZ_SET", "base_count=2"}}, "DAXFUZZ_SET: base_count: expected 0|1, found \"2\""},
      {{{"DAXFUZZ_SET", "base_count"}}, "DAXFUZZ_SET: base_count: expected 0|1, found \"\""},
      {{{"DAXFUZZ_FINDINGS_FD", "3x"}},
       "DAXFUZZ_FINDINGS_FD: expected a file descriptor's number, found \"3x\""},
      {{{"DAXFUZZ_FINDINGS_FD", "987"}}, "DAXFUZZ_FINDINGS_FD: descriptor \"987\" is not open"},
      {{{"DAXFUZZ_DIGESTS_FD", "-1"}}, "DAXFUZZ_DIGESTS_FD: expected a file descriptor's number, found \"-1\""},
      {{{"DAXFUZZ_KNOWN", "no/such/file"}}, "DAXFUZZ_KNOWN: cannot read no/such/file"},
  };
  for (const auto& [variables, want] : cases) {
    const auto e = read(variables);
    ASSERT_FALSE(e);
    EXPECT_EQ(e.error(), want);
  }
}

TEST(Environment, ReadsWhatIsKnown) {
  const std::string path = ::testing::TempDir() + "/known.tsv";
  std::ofstream(path) << "# comment\n\nv1\tx in f\nlegacy\ty in g\n";
  const auto e = read({{"DAXFUZZ_KNOWN", path}});
  ASSERT_TRUE(e) << e.error();
  EXPECT_EQ(e->known, (std::set<std::pair<std::string, std::string>>{{"v1", "x in f"}, {"legacy", "y in g"}}));
  std::ofstream(path) << "v1 x in f\n";
  const auto bad = read({{"DAXFUZZ_KNOWN", path}});
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().find(":1: expected protocol<TAB>signature"), std::string::npos);
}

class Stream : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(pipe_), 0); }
  void TearDown() override { ::close(pipe_[0]); }
  std::string received() {
    ::close(pipe_[1]);
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = ::read(pipe_[0], buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<std::size_t>(n));
    return all;
  }
  Environment environment() {
    Environment e;
    e.findings_fd = pipe_[1];
    return e;
  }
  int pipe_[2] = {};
};

trace::Trace some_trace() {
  trace::Trace trace{.program = {}, .digest = 0x5f1c9a02, .comments = {}};
  trace.program.ops = {trace::canonical({.code = trace::OpCode::fsync}, trace.program.geometry)};
  return trace;
}

TEST_F(Stream, TellsEachSignatureOfEachProtocolOnceAndNoneThatIsKnown) {
  Environment e = environment();
  e.known.emplace("v1", "old in f");
  FindingStream stream(e, "t");
  int made = 0;
  auto make = [&] { ++made; return some_trace(); };
  for (int i = 0; i < 3; ++i) {
    stream.found(trace::ProtocolId::v1, "old in f", make);
    stream.found(trace::ProtocolId::v1, "new in f", make);
    stream.found(trace::ProtocolId::upstream, "new in f", make);
    stream.found(trace::ProtocolId::upstream, "old in f", make);
  }
  EXPECT_EQ(made, 3);
  const std::string all = received();
  std::size_t count = 0;
  for (std::size_t at = 0; (at = all.find("FINDING ", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 3u);
}

TEST_F(Stream, SaysTheLengthOfATraceThatParses) {
  FindingStream stream(environment(), "some_fuzz_test libfuzzer");
  stream.found(trace::ProtocolId::v1, "block-reused in f", some_trace);
  const std::string all = received();
  const std::size_t line = all.find('\n');
  ASSERT_EQ(all.substr(0, 8), "FINDING ");
  const std::string text = all.substr(line + 1);
  EXPECT_EQ(std::to_string(text.size()), all.substr(8, line - 8));
  const auto parsed = trace::parse(text, "finding");
  ASSERT_TRUE(parsed) << parsed.error().str();
  EXPECT_EQ(trace::header(parsed->trace, "verdict"), "FAIL block-reused in f");
  EXPECT_EQ(trace::header(parsed->trace, "found-by"), "some_fuzz_test libfuzzer");
  EXPECT_EQ(parsed->trace.digest, 0x5f1c9a02u);
  EXPECT_LT(text.find("# found-by"), text.find("# verdict"));
}

TEST_F(Stream, ALineForEachInputItsRunAndItsVerdict) {
  Environment e;
  const std::uint8_t bytes[] = {'a', 'b'};
  tell_digest(e, bytes, 2, 7, "pass");  // nobody asked
  e.digests_fd = pipe_[1];
  tell_digest(e, bytes, 2, 7, "pass");
  tell_digest(e, bytes, 1, 0x5f1c9a02, "block-reused in f");
  tell_digest(e, nullptr, 0, 0, "pass");
  // FNV-1a of "ab", "a" and nothing, as its authors' tables have them.
  EXPECT_EQ(received(), "089c4407b545986a 0000000000000007 pass\n"
                        "af63dc4c8601ec8c 000000005f1c9a02 block-reused in f\n"
                        "cbf29ce484222325 0000000000000000 pass\n");
}

TEST(StreamDeathTest, ADigestThatCannotBeWrittenEndsIt) {
  EXPECT_EXIT(
      {
        ::signal(SIGPIPE, SIG_IGN);
        int pipe[2];
        ASSERT_EQ(::pipe(pipe), 0);
        ::close(pipe[0]);
        Environment e;
        e.digests_fd = pipe[1];
        tell_digest(e, nullptr, 0, 0, "pass");
      },
      ::testing::ExitedWithCode(3), "DAXFUZZ_DIGESTS_FD: cannot write a line");
}

TEST(StreamDeathTest, WithoutAPipeAFindingAborts) {
  EXPECT_EXIT(
      {
        FindingStream stream({}, "t");
        stream.found(trace::ProtocolId::v1, "block-reused in f", some_trace);
      },
      ::testing::KilledBySignal(SIGABRT), "^ASSERTION FAILED: block-reused in f\ndaxt 1\n");
}

TEST(StreamDeathTest, ABrokenPipeIsTheEnvironmentsFault) {
  EXPECT_EXIT(
      {
        ::signal(SIGPIPE, SIG_IGN);
        int pipe[2];
        ASSERT_EQ(::pipe(pipe), 0);
        ::close(pipe[0]);
        Environment e;
        e.findings_fd = pipe[1];
        FindingStream stream(e, "t");
        stream.found(trace::ProtocolId::v1, "x in f", some_trace);
      },
      ::testing::ExitedWithCode(3), "cannot write a finding");
}

}  // namespace
}  // namespace daxfuzz::fuzz
