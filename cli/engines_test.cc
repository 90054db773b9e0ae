// SPDX-License-Identifier: GPL-2.0-only
// The engines of `daxfuzz fuzz`, with shell scripts for them: what each is asked, several at once, and what AFL++
// leaves in its folders.
#include "cli/engines.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/exit_code.h"
#include "cli/fuzz_testing.h"
#include "trace/bytes.h"
#include "trace/text.h"

namespace daxfuzz::cli {
namespace {

namespace fs = std::filesystem;

TEST(Engines, JobsAreOneCampaign) {
  Campaign c("");
  // The first tells one finding, the second another; both say how far they came.
  c.file("other", finding_text("other-rule in f"));
  c.script("for a in \"$@\"; do case $a in -seed=5) s=1;; esac; done\nif [ -n \"$s\" ]; then f=text; else f=other; fi\n"
           "printf 'FINDING %s\\n' $(wc -c < " + c.folder + "/$f) >&3; cat " + c.folder + "/$f >&3\n"
           "echo \"$@\" > " + c.folder + "/args-$f\n"
           "echo '#7\tDONE cov: 1 ft: 1 corp: 2/2b exec/s: 9 rss: 1Mb' >&2");
  EXPECT_EQ(c.fuzz({"--jobs=2", "--seed=5", "--budget=1000-execs"}), kFinding) << c.err;
  EXPECT_TRUE(has(c.out, "2 findings in 14 executions")) << c.out;
  EXPECT_TRUE(has(c.err, "execs_done=14 execs_per_sec=18 edges_found=1 corpus_count=2 saved_crashes=2")) << c.err;
  EXPECT_TRUE(has(c.read(c.folder + "/args-other"), "-seed=6 "));
  EXPECT_TRUE(has(c.read(c.folder + "/args-other"), "-reload=1 -runs=500 " + c.out_folder + "/corpus/fake"));
  EXPECT_TRUE(has(c.read(c.folder + "/args-other"), "-max_len=1024 "));
  EXPECT_EQ(c.fuzz({"--jobs=0"}), kUsage);
  EXPECT_EQ(c.fuzz({"--engine=honggfuzz"}), kUsage);
  EXPECT_TRUE(has(c.err, "expected libfuzzer, aflpp, random, pct or portfolio, found 'honggfuzz'")) << c.err;
}

// Seeds of it would be cut at what a program needs.
TEST(Engines, TextIsLonger) {
  Campaign c("");
  chmod(c.file("bin/trace_text_fuzz_test_libfuzzer", "#!/bin/sh\necho \"$@\" > " + c.folder + "/args\n").c_str(), 0755);
  EXPECT_EQ(c.run({"fuzz", "trace_text", "--out=" + c.out_folder, "--target-dir=" + c.bin}), kNothingFound) << c.err;
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-max_len=16384 ")) << c.read(c.folder + "/args");
}

// Two jobs die of different things: each death has its own input and its own last words, and no other's.
TEST(Engines, EachJobsDeathHasItsOwnInput) {
  Campaign c("");
  c.script("for a in \"$@\"; do case $a in -seed=5) s=1;; -artifact_prefix=*) p=${a#*=};; esac; done\n"
           "if [ -n \"$s\" ]; then printf one > ${p}crash-1; echo '==1==ERROR: AddressSanitizer: use' >&2\n"
           "else printf two > ${p}crash-2; echo 'ASSERTION FAILED: some-rule in f' >&2; fi; exit 77");
  EXPECT_EQ(c.fuzz({"--jobs=2", "--seed=5"}), kFinding) << c.err;
  std::vector<std::string> inputs;
  for (const std::string& file : c.files("/findings/target-crash")) {
    EXPECT_TRUE(has(c.out, file + "\n")) << file << " is not told: " << c.out;
    if (file.ends_with(".bin")) inputs.push_back(file);
  }
  ASSERT_EQ(inputs.size(), 2u) << c.err;
  EXPECT_EQ(c.read(inputs[0]), "one");
  EXPECT_TRUE(has(inputs[0], "/error-addresssanitizer-use-")) << inputs[0];
  EXPECT_EQ(c.read(inputs[1]), "two");
  EXPECT_TRUE(has(inputs[1], "/some-rule-in-f-")) << inputs[1];
  for (const std::string& input : inputs) {
    const std::string log = c.read(input.substr(0, input.size() - 4) + ".log");
    EXPECT_EQ(has(log, "some-rule"), input == inputs[1]) << log;
    EXPECT_EQ(has(log, "AddressSanitizer"), input == inputs[0]) << log;
  }
  EXPECT_TRUE(c.files("/scratch").empty());
}

TEST(Engines, CampaignsWithoutAnEngine) {
  Campaign c("");
  const std::string path = c.file("bin/campaign", "#!/bin/sh\necho \"$@\" > " + c.folder + "/args\n" + c.tell() +
                                                      "echo 'worth: 9 runs' >&2\n");
  chmod(path.c_str(), 0755);
  const std::vector<std::string> words = {"fuzz", "interleaving", "--engine=pct", "--out=" + c.out_folder,
                                          "--target-dir=" + c.bin, "--seed=5", "--budget=70-execs"};
  EXPECT_EQ(c.run(words), kFinding) << c.err;
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "--seed=5 --schedules=pct --protocol=all --executions=70")) << c.out;
  EXPECT_TRUE(has(c.out, "Found by"));
  EXPECT_EQ(c.fuzz({"--engine=random"}), kEnvironment);
  EXPECT_TRUE(has(c.err, "--engine=random draws programs for the target interleaving, not for 'fake'")) << c.err;
  fs::remove(path);
  EXPECT_EQ(c.run(words), kEnvironment);
  EXPECT_TRUE(has(c.err, "next: bazel build //fuzz:campaign\n")) << c.err;
}

// AFL++ as a script that leaves its folders: crashes come while it runs, and are imported as they are found.
TEST(Engines, AflPlusPlus) {
  Campaign c("");
  const std::string target = c.file("bin/fake_fuzz_test_aflpp", "#!/bin/sh\n");
  chmod(target.c_str(), 0755);
  const std::string path = std::getenv("PATH");
  setenv("PATH", (c.folder + "/empty").c_str(), 1);
  EXPECT_EQ(c.fuzz({"--engine=aflpp"}), kEnvironment);
  EXPECT_EQ(c.err, "daxfuzz fuzz: --engine=aflpp needs afl-fuzz, which is not on PATH\nnext: apt install afl++\n");

  const auto bytes = trace::encode(trace::parse(kTrace, "test")->trace.program);
  c.file("crash", std::string(bytes.begin(), bytes.end()));
  std::string passes = kTrace;
  passes.replace(passes.find("v1"), 2, "zap");
  const auto others = trace::encode(trace::parse(passes, "test")->trace.program);
  c.file("passes", std::string(others.begin(), others.end()));
  const std::string afl = c.file(
      "tools/afl-fuzz",
      "#!/bin/sh\necho \"$@\" >> " + c.folder + "/args\nenv | grep -E 'AFL_AUTORESUME|MUTATOR' > " + c.folder + "/env\n"
      "while [ $# -gt 0 ]; do case $1 in -o) out=$2;; -M|-S) name=$2;; esac; shift; done\n"
      "mkdir -p $out/$name/crashes $out/$name/queue\n"
      "cp " + c.folder + "/passes $out/$name/crashes/.new\n"
      "mv $out/$name/crashes/.new $out/$name/crashes/id:000000,sig:06\n"
      "cp " + c.folder + "/crash $out/$name/queue/id:000000\n"
      "[ $name = job0 ] || exit 0\n"
      "printf 'execs_done        : 700\\nexecs_per_sec     : 35.20\\nedges_found       : 9\\ncorpus_count : 3\\n' > "
      "$out/$name/fuzzer_stats\n"
      "cp " + c.folder + "/crash $out/$name/crashes/.new\n"
      "mv $out/$name/crashes/.new $out/$name/crashes/id:000001,sig:06\n"
      // It goes on until its finding is there.
      "for i in $(seq 60); do ls " + c.out_folder + "/findings/v1/*.daxt > /dev/null 2>&1 && echo came > " +
          c.folder + "/came && exit 0; sleep 0.5; done\n");
  chmod(afl.c_str(), 0755);
  setenv("PATH", (c.folder + "/tools:" + path).c_str(), 1);
  EXPECT_EQ(c.fuzz({"--engine=aflpp", "--jobs=2", "--seed=3", "--budget=9s"}), kFinding) << c.err;
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(c.read(c.folder + "/came"), "came\n") << c.err;
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-M job0 -s 3 -V 9 -- " + target)) << c.read(c.folder + "/args");
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-S job1 -s 4 -V 9 -- " + target));
  EXPECT_EQ(c.read(c.folder + "/env"), "AFL_AUTORESUME=1\n");
  EXPECT_TRUE(has(c.out, "1 finding in 700 executions")) << c.out;
  const auto files = c.files("/findings");
  ASSERT_EQ(files.size(), 2u) << c.err;
  EXPECT_TRUE(has(c.read(files[1]), "# found-by  id:000001,sig:06\n")) << c.read(files[1]);
  EXPECT_TRUE(c.files("/scratch").empty());
  // It goes on from the 700 of job0, and what is asked for comes on top.
  setenv("PATH", (c.folder + "/tools:" + path).c_str(), 1);
  EXPECT_EQ(c.fuzz({"--engine=aflpp", "--jobs=2", "--seed=3", "--budget=100-execs"}), kFinding) << c.err;
  setenv("PATH", path.c_str(), 1);
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-M job0 -s 3 -E 750 -- " + target)) << c.read(c.folder + "/args");
  EXPECT_TRUE(has(c.read(c.folder + "/args"), "-S job1 -s 4 -E 50 -- " + target)) << c.read(c.folder + "/args");
}

// What AFL++ finds between the last look into its folder and its end, when it was asked to end, is taken, too.
TEST(Engines, AflPlusPlusLastSecondBeforeAnInterrupt) {
  Campaign c("");
  chmod(c.file("bin/fake_fuzz_test_aflpp", "#!/bin/sh\n").c_str(), 0755);
  const auto bytes = trace::encode(trace::parse(kTrace, "test")->trace.program);
  c.file("crash", std::string(bytes.begin(), bytes.end()));
  const std::string afl = c.file(
      "tools/afl-fuzz",
      "#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in -o) out=$2;; esac; shift; done\n"
      "trap 'cp " + c.folder + "/crash $out/job0/crashes/.new; mv $out/job0/crashes/.new "
      "$out/job0/crashes/id:000000,sig:06; exit 0' INT\n"
      "mkdir -p $out/job0/crashes; echo > " + c.folder + "/begun; while :; do sleep 0.1; done\n");
  chmod(afl.c_str(), 0755);
  const std::string path = std::getenv("PATH");
  setenv("PATH", (c.folder + "/tools:" + path).c_str(), 1);
  c.context.interrupted = [&] { return fs::exists(c.folder + "/begun"); };
  EXPECT_EQ(c.fuzz({"--engine=aflpp"}), kInterrupted) << c.err;
  setenv("PATH", path.c_str(), 1);
  ASSERT_EQ(c.files("/findings").size(), 1u) << c.err;
  EXPECT_TRUE(has(c.err, "NEW  v1  " + std::string(kSignature))) << c.err;
  EXPECT_TRUE(has(c.out, "1 finding in ")) << c.out;
}

// The mutator of programs is AFL++'s without being asked for, where programs are the input and nobody named another.
TEST(Engines, AflPlusPlusHasTheMutatorBesideItsTarget) {
  Campaign c("");
  for (const char* name : {"fake", "bytes"})
    chmod(c.file(std::string("bin/") + name + "_fuzz_test_aflpp", "#!/bin/sh\n").c_str(), 0755);
  chmod(c.file("tools/afl-fuzz", "#!/bin/sh\nenv | grep MUTATOR > " + c.folder + "/env\nexit 0\n").c_str(), 0755);
  const std::string path = std::getenv("PATH"), library = c.bin + "/aflpp_mutator.so";
  setenv("PATH", (c.folder + "/tools:" + path).c_str(), 1);
  const auto asked = [&](const std::string& target) {
    EXPECT_EQ(c.run({"fuzz", target, "--engine=aflpp", "--budget=9-execs", "--out=" + c.out_folder,
                     "--target-dir=" + c.bin}),
              kNothingFound)
        << c.err;
    return c.read(c.folder + "/env");
  };
  EXPECT_EQ(asked("fake"), "");
  EXPECT_TRUE(has(c.err, "there is no " + library + "; it finds more with it: bazel build //fuzz:aflpp_mutator.so\n"))
      << c.err;
  chmod(c.file("bin/aflpp_mutator.so", "").c_str(), 0755);
  EXPECT_EQ(asked("fake"), "AFL_CUSTOM_MUTATOR_LIBRARY=" + library + "\n");
  EXPECT_FALSE(has(c.err, "mutates bytes alone")) << c.err;
  EXPECT_EQ(asked("bytes"), "");
  EXPECT_FALSE(has(c.err, "mutates bytes alone")) << c.err;
  setenv("AFL_CUSTOM_MUTATOR_LIBRARY", "mine.so", 1);
  EXPECT_EQ(asked("fake"), "AFL_CUSTOM_MUTATOR_LIBRARY=mine.so\n");
  unsetenv("AFL_CUSTOM_MUTATOR_LIBRARY");
  setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace daxfuzz::cli
