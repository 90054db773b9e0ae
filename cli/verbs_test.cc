// SPDX-License-Identifier: GPL-2.0-only
// Exit codes and words of replay, show and minimize, with an executor of the
// test's own (testing.h).
#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "cli/fake_disk.h"
#include "cli/testing.h"
#include "report/json_check.h"
#include "trace/limits.h"

namespace daxfuzz::cli {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Replay, PrintsALineForEachProtocol) {
  Bench b;
  const std::string path = b.file("x.daxt", kTrace);
  EXPECT_EQ(b.run({"replay", path}), kFinding);
  EXPECT_TRUE(has(b.out, "  v1  FAIL  " + std::string(kSignature) + "\n")) << b.out;
  EXPECT_TRUE(has(b.out, "next: daxfuzz show " + path + "\n"));
  EXPECT_EQ(b.run({"replay", "--protocol=legacy,v1", path}), kFinding);
  EXPECT_TRUE(has(b.out, "  legacy  PASS\n  v1      FAIL")) << b.out;
  EXPECT_TRUE(has(b.err, "lenient"));
  EXPECT_EQ(b.run({"replay", "--protocol=legacy", path}), kNothingFound);
}

TEST(Replay, AFolderIsItsTracesInOrder) {
  Bench b;
  b.file("d/b.daxt", kTrace);
  b.file("d/a.daxt", kTrace);
  b.file("d/notes.txt", "no trace");
  EXPECT_EQ(b.run({"replay", b.folder + "/d"}), kFinding);
  EXPECT_LT(b.out.find("a.daxt"), b.out.find("b.daxt"));
  b.file("e/notes.txt", "no trace");
  EXPECT_EQ(b.run({"replay", b.folder + "/e"}), kEnvironment);
}

TEST(Replay, NondeterminismIsCaughtAndPlaced) {
  Bench b;
  b.differs_at = 3;
  EXPECT_EQ(b.run({"replay", "--repeat=4", b.file("x.daxt", kTrace)}), kNondeterminism);
  EXPECT_TRUE(has(b.out, "NONDETERMINISTIC: event 1: step 3 task 0 here(")) << b.out;
  b.executions = 0;
  EXPECT_EQ(b.run({"replay", "--repeat=2", b.folder + "/x.daxt"}), kFinding);
  b.executions = 1;  // by default a trace is run twice
  EXPECT_EQ(b.run({"replay", b.folder + "/x.daxt"}), kNondeterminism);
}

TEST(Replay, DigestOfTheFile) {
  Bench b;
  const std::string good = b.file("good.daxt", kTrace + "digest 0000000000001001\n");
  const std::string old = b.file("old.daxt", kTrace + "digest 0000000000009999\n");
  EXPECT_EQ(b.run({"replay", good}), kFinding);
  EXPECT_EQ(b.run({"replay", old}), kBadTrace);
  EXPECT_TRUE(has(b.out, "digest differs from the file's: the port changed since")) << b.out;
  EXPECT_EQ(b.run({"replay", "--lenient", old}), kFinding);
  EXPECT_TRUE(has(b.out, "digest differs"));
  EXPECT_EQ(b.run({"replay", "--protocol=legacy", old}), kNothingFound);
  EXPECT_FALSE(has(b.out, "digest differs"));
}

TEST(Replay, BisectKnowsOnlyGoodBadAndSkip) {
  Bench b;
  const std::string old = b.file("old.daxt", kTrace + "digest 0000000000009999\n");
  EXPECT_EQ(b.run({"replay", "--bisect", old}), kFinding);
  EXPECT_EQ(b.run({"replay", "--bisect", "--strict", old}), kBisectSkip);
  EXPECT_EQ(b.run({"replay", "--bisect", "--protocol=legacy", old}), kNothingFound);
  EXPECT_EQ(b.run({"replay", "--bisect", b.folder + "/none.daxt"}), kBisectSkip);
  EXPECT_EQ(b.run({"replay", "--bisect", "--bogus", old}), kBisectSkip);
}

// Without its op a program is another one: neither good nor bad says anything of it.
TEST(Replay, BisectSkipsAVersionThatDoesNotKnowAnOp) {
  Bench b;
  std::string text = kTrace;
  text.insert(text.find("T0:"), "T0: frobnicate a\n");
  const std::string unknown = b.file("unknown.daxt", text);
  EXPECT_EQ(b.run({"replay", "--bisect", unknown}), kBisectSkip);
  EXPECT_TRUE(has(b.err, "expected an op, found 'frobnicate'")) << b.err;
}

TEST(Replay, AMissingFileIsNotToBeMended) {
  Bench b;
  EXPECT_EQ(b.run({"replay", b.folder + "/none.daxt"}), kEnvironment);
  EXPECT_TRUE(has(b.out, "next: check the path")) << b.out;
}

TEST(Doctor, PathsAreAsOneWouldTypeThem) {
  Bench b;
  (void)b.run({"doctor"});
  EXPECT_FALSE(has(b.out, "/../")) << b.out;
}

TEST(Replay, Expectations) {
  Bench b;
  const std::string head =
      "daxt 1\n# verdict FAIL " + std::string(kSignature) + "\n# expect legacy PASS\n";
  const std::string rest = kTrace.substr(7);
  EXPECT_EQ(b.run({"replay", "--expect", b.file("x.daxt", head + rest)}), kNothingFound)
      << b.out << b.err;
  EXPECT_TRUE(has(b.out, "  v1      FAIL  ")) << b.out;
  EXPECT_TRUE(has(b.out, "  legacy  PASS\n"));
  EXPECT_EQ(b.run({"replay", "--expect",
                   b.file("y.daxt", head + "# expect upstream FAIL other in f\n" + rest)}),
            kFinding);
  EXPECT_TRUE(has(b.out, "UNEXPECTED: the file says FAIL other in f"));
  EXPECT_EQ(b.run({"replay", "--expect",
                   b.file("s.daxt", "daxt 1\n# expect v1+share=none FAIL " +
                                        std::string(kSignature) + "\n" + rest)}),
            kNothingFound);
  EXPECT_TRUE(has(b.out, "v1+share=none"));
  EXPECT_EQ(b.run({"replay", "--expect",
                   b.file("c.daxt", "daxt 1\n# expect without=lifetime v1 FAIL " +
                                        std::string(kSignature) + "\n" + rest)}),
            kNothingFound)
      << b.out;
  EXPECT_TRUE(has(b.out, "without=lifetime v1"));
  EXPECT_EQ(b.run({"replay", "--expect", b.file("n.daxt", kTrace)}), kBadTrace);
  EXPECT_TRUE(has(b.err, "found none"));
  EXPECT_EQ(b.run({"replay", "--expect", b.file("z.daxt", "daxt 1\n# expect v9 PASS\n" + rest)}),
            kBadTrace);
  EXPECT_TRUE(has(b.err, "z.daxt:2:")) << b.err;
  EXPECT_EQ(b.run({"replay", "--expect", b.file("w.daxt", "daxt 1\n# expect v1 MAYBE\n" + rest)}),
            kBadTrace);
  EXPECT_EQ(b.run({"replay", "--expect", "--protocol=v1", b.folder + "/x.daxt"}), kUsage);
}

TEST(Replay, AnotherProtocolFollowsTheScheduleByItsLabels) {
  Bench b;
  const std::string path = b.file("x.daxt", kTrace);
  (void)b.run({"replay", path});
  EXPECT_FALSE(b.last_options.lenient);
  (void)b.run({"replay", "--protocol=legacy", path});
  EXPECT_TRUE(b.last_options.lenient);
  EXPECT_EQ(b.last.schedule.segments.size(), 1u);
  (void)b.run({"replay", "--set=share=none", path});
  EXPECT_TRUE(b.last_options.lenient);
  (void)b.run({"replay", "--lenient", path});
  EXPECT_TRUE(b.last_options.lenient);
}

// `# expect legacy` is about legacy as it is, not with the file's own settings.
TEST(Replay, ExpectationsNameTheirSettings) {
  Bench b;
  std::string text = kTrace;
  text.insert(text.find("geometry"), "set share=none\n");
  text.insert(7, "# expect legacy PASS\n");
  const std::string path = b.file("x.daxt", text);
  EXPECT_EQ(b.run({"replay", "--expect", path}), kNothingFound) << b.err;
  EXPECT_TRUE(b.last.settings.empty());
  EXPECT_TRUE(has(b.out, "  legacy  PASS\n")) << b.out;
  (void)b.run({"replay", "--protocol=legacy", path});
  EXPECT_EQ(b.last.settings.size(), 1u);
}

TEST(Replay, BadTraces) {
  Bench b;
  const std::pair<const char*, std::string> kBad[] = {
      {"empty", ""},
      {"truncated", kTrace.substr(0, kTrace.size() / 2)},
      {"binary", std::string("\x7f"
                             "ELF\0\1\2\3",
                             8)},
      {"oversized", kTrace + std::string(trace::kTextBytesMax, '#')},
      {"longline", "daxt 1\n# " + std::string(trace::kTextLineCharsMax, 'x') + "\n"},
      {"unknown", "daxt 1\nprotocol v1\nT0: frobnicate a\n"},
      {"version", "daxt 2\n"},
  };
  for (const auto& [name, text] : kBad) {
    const std::string path = b.file(std::string(name) + ".daxt", text);
    for (const char* verb : {"replay", "show", "minimize"}) {
      EXPECT_EQ(b.run({verb, path}), kBadTrace) << verb << " " << name;
      const std::size_t at = b.err.find(path + ":");
      ASSERT_NE(at, std::string::npos) << b.err;
      unsigned line = 0, column = 0;
      EXPECT_EQ(std::sscanf(b.err.c_str() + at + path.size(), ":%u:%u: ", &line, &column), 2)
          << b.err;
      EXPECT_GT(line * column, 0u);
    }
    EXPECT_EQ(b.run({"replay", "--json", path}), kBadTrace);
    EXPECT_EQ(report::json_error(b.out.substr(0, b.out.size() - 1)), "") << b.out;
  }
  EXPECT_EQ(b.run({"replay", b.folder + "/none.daxt"}), kEnvironment);
  EXPECT_TRUE(has(b.err, "No such file or directory (ENOENT)"));
}

TEST(Replay, AStrangersBytesReachNoTerminal) {
  Bench b;
  (void)b.run({"replay", b.folder + "/\x1b[2Jname\n.daxt"});
  for (char c : b.err + b.out) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
}

TEST(Verbs, JsonIsOneDocumentOnStdout) {
  Bench b;
  const std::string path = b.file("x.daxt", kTrace);
  const std::vector<std::vector<std::string>> commands = {
      {"replay", "--json", "--protocol=legacy,v1", path},
      {"show", "--json", path},
      {"show", "--format=json", path},
      {"minimize", "--json", path},
      {"version", "--json"},
      {"doctor", "--json"}};
  for (const auto& words : commands) {
    (void)b.run(words);
    ASSERT_TRUE(b.out.ends_with('\n')) << words[0];
    EXPECT_EQ(report::json_error(b.out.substr(0, b.out.size() - 1)), "") << b.out;
  }
}

TEST(Verbs, TheLastLineSaysWhatToDoNext) {
  Bench b;
  const std::string path = b.file("x.daxt", kTrace);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"replay", path},
                                             {"show", path},
                                             {"minimize", path},
                                             {"version"},
                                             {"doctor"},
                                             {"help"}}) {
    (void)b.run(words);
    const std::size_t last = b.out.rfind('\n', b.out.size() - 2) + 1;
    EXPECT_EQ(b.out.compare(last, 6, "next: "), 0) << b.out;
  }
  EXPECT_EQ(b.run({"replay", "--bogus"}), kUsage);
  EXPECT_TRUE(has(b.err, "next: daxfuzz help replay\n"));
}

TEST(Show, ReportAndExitCode) {
  Bench b;
  const std::string path = b.file("x.daxt", kTrace);
  EXPECT_EQ(b.run({"show", path}), kFinding);
  EXPECT_TRUE(has(b.out, "BUG: DAXFUZZ: " + std::string(kSignature) + "\n"));
  EXPECT_TRUE(has(b.out, "20/20 replays, identical digest"));
  EXPECT_FALSE(has(b.out, "\x1b"));
  EXPECT_EQ(b.run({"show", "--color=always", path}), kFinding);
  EXPECT_TRUE(has(b.out, "\x1b[1;31mBUG: "));
  EXPECT_EQ(b.run({"show", "--protocol=legacy", path}), kNothingFound);
  EXPECT_TRUE(has(b.out, "DAXFUZZ: pass"));
  EXPECT_EQ(b.run({"show", "--format=yaml", path}), kUsage);
  b.differs_at = b.executions + 5;
  EXPECT_EQ(b.run({"show", path}), kNondeterminism);
}

TEST(Minimize, KeepsTheOriginalAndTheSignature) {
  Bench b;
  const std::string path = b.file("x.daxt", kTrace);
  EXPECT_EQ(b.run({"minimize", path}), kNothingFound) << b.err;
  EXPECT_EQ(b.read(path), kTrace);
  const std::string small = b.read(b.folder + "/x.min.daxt");
  EXPECT_TRUE(has(small, "FAIL " + std::string(kSignature))) << small;
  EXPECT_FALSE(has(small, "fsync"));
  EXPECT_TRUE(has(b.out, "2 -> 1 ops"));
  EXPECT_EQ(b.run({"replay", "--expect", b.folder + "/x.min.daxt"}), kNothingFound) << b.out;
  // A second run of a folder leaves its own products alone.
  EXPECT_EQ(b.run({"minimize", b.folder}), kNothingFound);
  EXPECT_FALSE(std::filesystem::exists(b.folder + "/x.min.min.daxt"));
  EXPECT_EQ(b.run({"minimize", "--out=" + b.folder + "/o/p", path}), kNothingFound);
  EXPECT_EQ(b.read(b.folder + "/o/p/x.min.daxt"), small);
}

TEST(Minimize, WhatPassesAndWhatIsInterrupted) {
  Bench b;
  std::string legacy = kTrace;
  legacy.replace(legacy.find("v1"), 2, "legacy");
  EXPECT_EQ(b.run({"minimize", b.file("x.daxt", legacy)}), kNothingFound);
  EXPECT_TRUE(has(b.out, "passes, nothing to minimize"));
  EXPECT_EQ(b.run({"minimize", "--budget=3s", b.folder + "/x.daxt"}), kUsage);
  const std::string path = b.file("y.daxt", kTrace);
  b.context.interrupted = [&] { return b.executions > 2; };
  EXPECT_EQ(b.run({"minimize", path}), kInterrupted);
  EXPECT_EQ(b.read(path), kTrace);
}

TEST(Minimize, AMinimizerThatLosesTheFindingIsNotBelieved) {
  Bench b;
  b.context.minimize = [](const trace::Program& p, const exec::Runner&, std::uint64_t) {
    exec::Minimized wrong{.program = p, .execution = {}, .executions = 1, .complete = true};
    wrong.program.ops.pop_back();  // the punch
    return wrong;
  };
  EXPECT_EQ(b.run({"minimize", b.file("x.daxt", kTrace)}), kNondeterminism);
  EXPECT_TRUE(has(b.out, "what the minimizer made of it gives pass")) << b.out;
  EXPECT_FALSE(std::filesystem::exists(b.folder + "/x.min.daxt"));
}

// Fails at one kind of call.
class FullDisk : public Syscalls {
  ssize_t write(int, const void*, std::size_t) override { return errno = ENOSPC, -1; }
};

TEST(Minimize, FullDiskIsToldAndNothingIsLeft) {
  Bench b;
  FullDisk disk;
  const std::string path = b.file("x.daxt", kTrace);
  b.context.sys = &disk;
  EXPECT_EQ(b.run({"minimize", path}), kEnvironment);
  EXPECT_TRUE(has(b.err, "write: No space left on device (ENOSPC)")) << b.err;
  EXPECT_FALSE(std::filesystem::exists(b.folder + "/x.min.daxt"));
  EXPECT_EQ(b.read(path), kTrace);
}

}  // namespace
}  // namespace daxfuzz::cli
