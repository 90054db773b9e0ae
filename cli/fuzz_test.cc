// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz fuzz, with shell scripts for targets: what it asks of them, what it
// keeps of what they tell, and how their deaths are judged.
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/engine_output.h"
#include "cli/exit_code.h"
#include "cli/findings.h"
#include "cli/frames.h"
#include "cli/fuzz_testing.h"
#include "report/json_check.h"
#include "trace/limits.h"

namespace daxfuzz::cli {
namespace {

TEST(Frames, AnySplitOfTheStreamGivesTheSame) {
  const std::string one = finding_text(), stream = "FINDING " + std::to_string(one.size()) + "\n" +
                                                   one + "FINDING 3\nabc";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    Frames frames;
    std::vector<std::string> got;
    for (std::size_t at = 0; at < stream.size(); at += piece)
      for (std::string& text : frames.feed(std::string_view(stream).substr(at, piece)))
        got.push_back(std::move(text));
    ASSERT_EQ(got, (std::vector<std::string>{one, "abc"})) << piece;
    EXPECT_FALSE(frames.cut());
    EXPECT_EQ(frames.error(), "");
  }
}

TEST(Frames, HostileStreams) {
  const std::string kTooMany = "FINDING " + std::to_string(trace::kTextBytesMax + 1) + "\n";
  for (const char* bad : {"HELLO\n", "FINDING \n", "FINDING x\n", "FINDING 0\n", "FINDING -1\n",
                          "FINDING 99999999999999999999\n", "FINDING 12 \n", kTooMany.c_str()}) {
    Frames frames;
    EXPECT_TRUE(frames.feed(bad).empty());
    EXPECT_NE(frames.error(), "") << bad;
    EXPECT_TRUE(frames.feed("FINDING 3\nabc").empty());
  }
  Frames endless;
  (void)endless.feed(std::string(1000, 'F'));
  EXPECT_NE(endless.error(), "");
  Frames cut;
  EXPECT_TRUE(cut.feed("FINDING 5\nabc").empty());
  EXPECT_TRUE(cut.cut());
}

TEST(EngineOutput, ReadsLibFuzzersLines) {
  EngineOutput out;
  EXPECT_FALSE(out.begun().has_value());
  const std::string text =
      "INFO: Seed: 1\nINFO: seed corpus: files: 17 min: 1b max: 9b total: 30b rss: 30Mb\n"
      "#2\tINITED cov: 3 ft: 4 corp: 1/1b exec/s: 0 rss: 30Mb\n"
      "#1234\tNEW    cov: 12 ft: 34 corp: 5/6b lim: 4 exec/s: 999 rss: 33Mb L: 4/4 MS: 1 "
      "ChangeBit-\n#99 not a line\n";
  for (char c : text) out.feed(std::string_view(&c, 1));
  EXPECT_EQ(out.stats(), (EngineStats{1234, 999, 12, 5}));
  EXPECT_EQ(out.begun(), 17u);
  EXPECT_EQ(progress_line(out.stats(), 2),
            "execs_done=1234 execs_per_sec=999 edges_found=12 corpus_count=5 saved_crashes=2");
  out.feed("stat::number_of_executed_units: 5000\nstat::average_exec_per_sec:     700\n");
  EXPECT_EQ(out.stats().execs, 5000u);
  EXPECT_EQ(out.stats().execs_per_second, 700u);
  out.feed(std::string(1 << 20, 'x'));
  EXPECT_LE(out.tail().size(), 64u * 1024);
}

TEST(EngineOutput, Deaths) {
  using Kind = Death::Kind;
  constexpr int kExit77 = 77 << 8, kAbort = 6;
  EXPECT_EQ(death_of(0, "ERROR: AddressSanitizer: x").kind, Kind::none);
  EXPECT_EQ(death_of(kExit77, "ASSERTION FAILED: a in b\n").kind, Kind::assertion);
  EXPECT_EQ(death_of(kExit77, "ASSERTION FAILED: a in b\n").what, "a in b");
  EXPECT_EQ(death_of(kExit77, "ASSERTION FAILED: nondeterminism in replay\n").kind,
            Kind::nondeterminism);
  EXPECT_EQ(death_of(kExit77, "==1==ERROR: AddressSanitizer: heap-use-after-free on\n").kind,
            Kind::sanitizer);
  EXPECT_EQ(death_of(kExit77, "x.cc:1:2: runtime error: shift\n").kind, Kind::sanitizer);
  EXPECT_EQ(death_of(kExit77, "x.cc:1: CHECK failed: y\n==1==ERROR: AddressSanitizer: ABRT\n").kind,
            Kind::broken);
  EXPECT_TRUE(has(death_of(kAbort, "").what, "killed by"));
  EXPECT_EQ(death_of(70 << 8, "==1== ERROR: libFuzzer: timeout after 60\n").what,
            "exit code 70: libFuzzer: timeout after 60");
}

TEST(Findings, NamesNeverLeaveTheFolder) {
  EXPECT_EQ(slug(kSignature), "freed-block-pinned-in-xfs-free-extent");
  EXPECT_EQ(slug("../../etc/passwd"), "etc-passwd");
  EXPECT_EQ(slug("\x1b[2J"), "2j");
  EXPECT_EQ(slug("..."), "unnamed");
  EXPECT_LE(slug(std::string(500, 'a')).size(), 40u);
  EXPECT_EQ(short_hash("a").size(), 8u);
  EXPECT_NE(short_hash("a"), short_hash("b"));
}

TEST(Fuzz, AFindingIsStoredReplayedAndMinimized) {
  Campaign c("");
  c.script(c.tell() + c.tell() + "echo '#7\tDONE cov: 1 ft: 1 corp: 2/2b exec/s: 9 rss: 1Mb' >&2");
  EXPECT_EQ(c.fuzz(), kFinding) << c.err;
  const auto files = c.files("/findings");
  ASSERT_EQ(files.size(), 2u);
  EXPECT_TRUE(files[0].ends_with(".daxt") && files[1].ends_with(".orig.daxt"));
  EXPECT_TRUE(has(files[0], "/findings/v1/freed-block-pinned-in-xfs-free-extent-"));
  EXPECT_EQ(c.read(files[1]), finding_text());
  EXPECT_FALSE(has(c.read(files[0]), "fsync"));
  EXPECT_TRUE(has(c.err, "NEW  v1  " + std::string(kSignature)));
  EXPECT_TRUE(has(c.out, "BUG: DAXFUZZ: " + std::string(kSignature)));
  EXPECT_TRUE(has(c.out, "20/20 replays"));
  EXPECT_TRUE(has(c.out, "1 finding in 7 executions"));
  EXPECT_TRUE(c.out.ends_with("next: daxfuzz show " + files[0] + "\n")) << c.out;
  EXPECT_TRUE(c.files("/scratch").empty());
  // Found again: told, but stored and minimised once.
  const std::string small = c.read(files[0]);
  EXPECT_EQ(c.fuzz(), kFinding);
  EXPECT_TRUE(has(c.out, "(of an earlier run)"));
  EXPECT_EQ(c.files("/findings"), files);
  EXPECT_EQ(c.read(files[0]), small);
}

// Two signatures with the same beginning have the same slug; neither hides the
// other, in one campaign or over two.
TEST(Fuzz, ASharedFileNameHidesNoFinding) {
  Campaign c("");
  const std::string same(60, 'x');
  c.file("text", finding_text(same + "-one in f"));
  c.script(c.tell());
  EXPECT_EQ(c.fuzz(), kFinding);
  c.file("text", finding_text(same + "-two in f"));
  EXPECT_EQ(c.fuzz(), kFinding);
  EXPECT_TRUE(has(c.err, "NEW  v1  " + same + "-two in f")) << c.err;
  EXPECT_EQ(c.files("/findings").size(), 2u);
}

TEST(Fuzz, WhatTheTargetIsTold) {
  Campaign c("");
  c.script("env | grep DAXFUZZ_ | sort > " + c.folder + "/env; echo \"$@\" > " + c.folder +
           "/args; cat $DAXFUZZ_KNOWN > " + c.folder + "/known");
  c.file("recorded/a.daxt",
         "daxt 1\n# expect upstream FAIL a in b\n# expect legacy PASS\n"
         "# expect upstream+share=none FAIL c in d\n# expect v1 FAIL e in f\n"
         "# also legacy g in h\n" +
             kTrace.substr(7));
  setenv("DAXFUZZ_SET", "left=over", 1);
  EXPECT_EQ(c.fuzz({"--seed=5", "--budget=9-execs", "--protocol=v1",
                    "--findings=" + c.folder + "/recorded"}),
            kNothingFound)
      << c.err;
  unsetenv("DAXFUZZ_SET");
  EXPECT_TRUE(has(c.read(c.folder + "/env"), "DAXFUZZ_FINDINGS_FD=3\n"));
  EXPECT_TRUE(has(c.read(c.folder + "/env"), "DAXFUZZ_PROTOCOL=v1\n"));
  EXPECT_FALSE(has(c.read(c.folder + "/env"), "DAXFUZZ_SET"));
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-seed=5 "));
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-runs=9 " + c.out_folder + "/corpus/fake"));
  EXPECT_EQ(c.read(c.folder + "/known"), "legacy\tg in h\nupstream\ta in b\n");
  EXPECT_TRUE(has(c.out, "2 known, not counted"));
  EXPECT_EQ(c.fuzz({"--set=share=none", "--budget=1s", "--findings=" + c.folder + "/recorded"}),
            kNothingFound);
  EXPECT_TRUE(has(c.read(c.folder + "/env"), "DAXFUZZ_SET=share=none\n"));
  EXPECT_TRUE(has(c.read(c.folder + "/env"), "DAXFUZZ_PROTOCOL=all\n"));
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-max_total_time=1 "));
  EXPECT_EQ(c.read(c.folder + "/known"), "upstream\tc in d\n");
}

TEST(Fuzz, ATargetThatDiesKeepsItsInputAndLastWords) {
  const std::string artifact =
      "for a in \"$@\"; do case $a in -artifact_prefix=*) p=${a#*=};; esac; done\n";
  Campaign c("");
  c.script(artifact +
           "printf 'input' > ${p}crash-1; echo '==1==ERROR: AddressSanitizer: heap-use-after-free' "
           ">&2; exit 77");
  EXPECT_EQ(c.fuzz(), kFinding) << c.err;
  auto files = c.files("/findings/target-crash");
  ASSERT_GE(files.size(), 2u);
  EXPECT_TRUE(has(c.read(files.back()), "heap-use-after-free"));
  EXPECT_TRUE(std::ranges::any_of(
      files, [&](const std::string& f) { return f.ends_with(".bin") && c.read(f) == "input"; }));
  c.script("echo 'model/x.cc:1: CHECK failed: false' >&2; kill -ABRT $$");
  EXPECT_EQ(c.fuzz(), kEnvironment);
  EXPECT_TRUE(has(c.err, "CHECK failed: false"));
  c.script("echo 'ASSERTION FAILED: nondeterminism in replay' >&2; exit 77");
  EXPECT_EQ(c.fuzz(), kNondeterminism);
  c.script(artifact + ": > ${p}crash-2; echo 'ERROR: AddressSanitizer: x' >&2; exit 77");
  EXPECT_EQ(c.fuzz(), kEnvironment);
  EXPECT_TRUE(has(c.err, "empty input; is the disk full?")) << c.err;
  // The empty input itself is none that was lost.
  Campaign d("");
  d.script(artifact +
           ": > ${p}crash-da39a3ee5e6b4b0d3255bfef95601890afd80709; echo 'ERROR: AddressSanitizer: "
           "x' >&2; exit 77");
  EXPECT_EQ(d.fuzz(), kFinding) << d.err;
}

TEST(Fuzz, BadStreamsAreTold) {
  Campaign c("echo hello >&3");
  EXPECT_EQ(c.fuzz(), kEnvironment);
  EXPECT_TRUE(has(c.err, "expected 'FINDING <bytes>', found 'hello'"));
  c.script("printf 'FINDING 100\\nabc' >&3");
  EXPECT_EQ(c.fuzz(), kEnvironment);
  EXPECT_TRUE(has(c.err, "cut off"));
  c.script("printf 'FINDING 6\\ndaxt 9' >&3");
  EXPECT_EQ(c.fuzz(), kEnvironment);
  EXPECT_TRUE(has(c.err, "what is no trace: finding:1:"));
}

TEST(Fuzz, AFindingThatDoesNotReplayIsKeptAndTold) {
  Campaign c("");
  c.file("text", finding_text("canary-always-fails in canary"));
  c.script(c.tell());
  EXPECT_EQ(c.fuzz(), kFinding);
  EXPECT_TRUE(has(c.out, "does not replay here"));
  EXPECT_EQ(c.files("/findings").size(), 1u);
  Campaign d("");
  d.script(d.tell());
  d.differs_at = 4;
  EXPECT_EQ(d.fuzz(), kNondeterminism);
}

TEST(Fuzz, AFullDiskLosesNoFinding) {
  struct NoFindings : Syscalls {
    int open(const char* path, int flags, mode_t mode) override {
      const bool finding = std::string_view(path).find("/findings/v1/.") != std::string_view::npos;
      return finding ? (errno = ENOSPC, -1) : Syscalls::open(path, flags, mode);
    }
  } disk;
  Campaign c("");
  c.script(c.tell());
  c.context.sys = &disk;
  EXPECT_EQ(c.fuzz(), kEnvironment);
  EXPECT_TRUE(has(c.err, finding_text())) << c.err;
  EXPECT_TRUE(has(c.err, "No space left on device"));
  EXPECT_FALSE(has(c.err, "NEW  "));
}

TEST(Fuzz, AnInterruptEndsTheTargetAndKeepsItsFindings) {
  Campaign c("");
  c.script("trap 'echo asked >" + c.folder + "/asked; exit 72' INT\n" + c.tell() +
           "while :; do :; done");
  c.context.interrupted = [&] { return !c.files("/findings").empty(); };
  EXPECT_EQ(c.fuzz(), kInterrupted);
  ASSERT_EQ(c.files("/findings").size(), 1u);
  EXPECT_EQ(c.read(c.files("/findings")[0]), finding_text());
  EXPECT_EQ(c.read(c.folder + "/asked"), "asked\n");
}

TEST(Fuzz, UsageAndMissingTargets) {
  Campaign c("exit 0");
  EXPECT_EQ(c.run({"fuzz", "nosuch", "--target-dir=" + c.bin}), kEnvironment);
  EXPECT_TRUE(has(c.err, "not at " + c.bin + "/nosuch_fuzz_test_libfuzzer"));
  EXPECT_EQ(c.run({"fuzz", "../x", "--target-dir=" + c.bin}), kEnvironment);
  EXPECT_EQ(c.fuzz({"--seed=x"}), kUsage);
  EXPECT_EQ(c.fuzz({"--budget=x"}), kUsage);
  EXPECT_EQ(c.fuzz({"--protocol=x"}), kUsage);
  EXPECT_EQ(c.fuzz({"--protocol=v1,legacy"}), kUsage);
  EXPECT_EQ(c.fuzz({"--set=x"}), kUsage);
  EXPECT_EQ(c.fuzz({"--findings=" + c.folder + "/none"}), kEnvironment);
}

TEST(Fuzz, JsonIsOneDocument) {
  Campaign c("");
  c.script(c.tell());
  EXPECT_EQ(c.fuzz({"--json", "--quiet"}), kFinding);
  EXPECT_EQ(report::json_error(c.out.substr(0, c.out.size() - 1)), "") << c.out;
  EXPECT_EQ(c.err, "");
}

TEST(Fuzz, WhatAKilledCampaignStoredIsMinimizedLater) {
  Campaign c("");
  c.script(c.tell());
  c.context.interrupted = [&] { return !c.files("/findings").empty(); };
  EXPECT_EQ(c.fuzz(), kInterrupted);
  ASSERT_EQ(c.files("/findings").size(), 1u);
  c.context.interrupted = [] { return false; };
  c.script("exit 0");
  EXPECT_EQ(c.fuzz(), kFinding);
  EXPECT_TRUE(has(c.err, "unfinished  v1  " + std::string(kSignature))) << c.err;
  EXPECT_EQ(c.files("/findings").size(), 2u);
  EXPECT_TRUE(has(c.out, "minimized 2 -> 1 ops")) << c.out;
  // Now it is done, and a campaign that finds nothing has found nothing.
  EXPECT_EQ(c.fuzz(), kNothingFound) << c.err;
}

}  // namespace
}  // namespace daxfuzz::cli
