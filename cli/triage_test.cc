// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz minimize of folders, with an executor of the test's own: what counts as an input, what becomes of
// it, and that a run which was killed goes on. Runs are in processes of their own, so what they do is counted
// in files.
#include "cli/triage.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "cli/exit_code.h"
#include "cli/kept.h"
#include "cli/testing.h"
#include "report/json_check.h"
#include "trace/bytes.h"

namespace daxfuzz::cli {
namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

trace::Program program(const std::string& text) { return trace::parse(text, "test")->trace.program; }

std::string bytes_of(const std::string& text) {
  const auto bytes = trace::encode(program(text));
  return {bytes.begin(), bytes.end()};
}

std::string with(const std::string& text, const std::string& old, const std::string& now) {
  std::string out = text;
  return out.replace(out.find(old), old.size(), now);
}

// A second defect beside the bench's: `collapse`. An op `evict` kills the process.
struct Crashes : Bench {
  std::string from, to;
  Crashes() {
    from = folder + "/crashes", to = folder + "/out";
    const auto inner = context.execute;
    context.execute = [this, inner](const trace::Program& p, const exec::Options& o) {
      count("executed");
      exec::Execution run = inner(p, o);
      for (const trace::Op& op : p.ops) {
        if (op.code == trace::OpCode::evict) kill(getpid(), SIGKILL);
        if (op.code != trace::OpCode::collapse || run.failed()) continue;
        run.verdict = exec::Verdict::invariant;
        run.finding = {.id = "other-rule", .function = "collapse", .rule = "r", .citation = "c", .value = "v",
                       .waits = {}, .pfn = 3, .step = 3, .task = 0};
      }
      return run;
    };
    const auto small = context.minimize;
    context.minimize = [this, small](const trace::Program& p, const exec::Runner& r, std::uint64_t b) {
      count("minimized");
      return small(p, r, b);
    };
  }
  // From any process.
  void count(const std::string& what) const { std::ofstream(folder + "/" + what, std::ios::app) << '.'; }
  [[nodiscard]] std::size_t counted(const std::string& what) const { return read(folder + "/" + what).size(); }

  void put(const std::string& name, const std::string& text) const { (void)file("crashes/" + name, text); }
  int minimize(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"minimize", from, "--out=" + to};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  // Below a folder: path and content of each file.
  [[nodiscard]] std::map<std::string, std::string> files(const std::string& below) const {
    std::map<std::string, std::string> out;
    if (!fs::exists(below)) return out;
    for (const auto& e : fs::recursive_directory_iterator(below))
      if (e.is_regular_file()) out[e.path().string().substr(below.size())] = read(e.path().string());
    return out;
  }
};

const std::string kCollapse = with(kTrace, "punch a+0 len=1", "collapse a+0 len=1");

TEST(IsInput, ByNameAndFolder) {
  for (const char* path : {"d/crash-0a1b", "d/oom-1", "d/timeout-1", "d/leak-1", "d/crashes/id:000000,sig:06,src:0",
                           "d/id:000001", "d/x.daxt", "d/x.bin"})
    EXPECT_TRUE(is_input(path)) << path;
  for (const char* path : {"d/queue/id:000000", "d/x.min.daxt", "d/x.orig.daxt", "d/README.txt", "d/x.log", "d/.x.daxt",
                           "d/crash-1.txt", "d/notes", "d/slow-unit-1"})
    EXPECT_FALSE(is_input(path)) << path;
}

TEST(Triage, AFolderBecomesOneFindingASignature) {
  Crashes c;
  c.put("crash-1", bytes_of(kTrace));
  c.put("default/crashes/id:000000,sig:06", bytes_of(with(kTrace, "fsync a", "read a+0 len=1")));
  c.put("default/queue/id:000000", bytes_of(kCollapse));  // is not looked at
  c.put("more/a.daxt", with(kCollapse, "daxt 1\n", "daxt 1\n# first-seen 2001-02-03T04:05:06Z\n# found-by hand\n"));
  c.put("passes.bin", bytes_of(with(kTrace, "v1", "legacy")));
  c.put("same.bin", bytes_of(kTrace));
  const auto before = c.files(c.from);
  EXPECT_EQ(c.minimize(), kNothingFound) << c.err;
  EXPECT_TRUE(has(c.out, "of 5 inputs, 2 signatures, 1 pass here\n")) << c.out;
  EXPECT_EQ(c.files(c.from), before);

  const auto files = c.files(c.to);
  const std::string one = "/v1/freed-block-pinned-in-xfs-free-extent-", other = "/v1/other-rule-in-collapse-";
  std::size_t minimal = 0;
  for (const auto& [path, text] : files) {
    if (!path.ends_with("/minimal.daxt")) continue;
    ++minimal;
    EXPECT_TRUE(path.starts_with(one) || path.starts_with(other)) << path;
    EXPECT_EQ(program(text).ops.size(), 1u) << text;
    const std::string stem = path.substr(0, path.rfind('/'));
    EXPECT_TRUE(has(files.at(stem + "/report.txt"), "BUG: DAXFUZZ: "));
    EXPECT_TRUE(has(files.at(stem + "/report.txt"), "20/20 replays"));
    EXPECT_TRUE(has(files.at(stem + "/report.txt"), "Critical:   none: it is of one thread"));
    if (path.starts_with(other)) {
      EXPECT_TRUE(has(text, "# first-seen 2001-02-03T04:05:06Z\n")) << text;
      EXPECT_TRUE(has(text, "# found-by  hand\n")) << text;
      EXPECT_EQ(files.at(stem + "/original.daxt"), before.at("/more/a.daxt"));
      EXPECT_EQ(files.at(stem + "/inputs.tsv"), "2001-02-03T04:05:06Z\t" + c.from + "/more/a.daxt\n");
    } else {
      EXPECT_TRUE(before.contains("/crash-1") && files.contains(stem + "/original.bin"));
      EXPECT_EQ(std::ranges::count(files.at(stem + "/inputs.tsv"), '\n'), 3);
    }
  }
  EXPECT_EQ(minimal, 2u);
  EXPECT_TRUE(has(c.out, "next: daxfuzz show " + c.to + one));
}

TEST(Triage, TheSameAgainDoesNothing) {
  Crashes c;
  c.put("crash-1", bytes_of(kTrace));
  c.put("crash-2", bytes_of(kCollapse));
  EXPECT_EQ(c.minimize(), kNothingFound);
  const auto files = c.files(c.to);
  const std::size_t minimized = c.counted("minimized"), executed = c.counted("executed");
  EXPECT_EQ(minimized, 2u);
  const std::string told = c.out;
  EXPECT_EQ(c.minimize(), kNothingFound);
  EXPECT_EQ(c.out, told);
  EXPECT_EQ(c.files(c.to), files);
  EXPECT_EQ(c.counted("minimized"), minimized);
  EXPECT_EQ(c.counted("executed"), executed);
  // One that is new is all that is looked at.
  c.put("crash-3", bytes_of(with(kCollapse, "fsync a", "read a+0 len=1")));
  EXPECT_EQ(c.minimize(), kNothingFound);
  EXPECT_EQ(c.counted("minimized"), minimized + 1);
  EXPECT_TRUE(has(c.out, "2 inputs, first seen"));
  // Another budget may come to something else.
  EXPECT_EQ(c.minimize({"--budget=77-execs"}), kNothingFound);
  EXPECT_EQ(c.counted("minimized"), minimized + 1 + 3);
}

TEST(Triage, HowManyAtOnceChangesNothing) {
  Crashes c;
  for (int i = 0; i < 8; ++i) {
    const std::string page = std::to_string(i % 4);
    c.put("crash-a" + std::to_string(i),
          bytes_of(with(kTrace, "T0: fsync a\n", "T0: fsync a\nT0: read a+" + page + " len=1\n")));
    c.put("crash-b" + std::to_string(i), bytes_of(with(kCollapse, "len=1", "len=" + std::to_string(1 + i % 4))));
  }
  EXPECT_EQ(c.minimize({"--jobs=1"}), kNothingFound) << c.err;
  auto alone = c.files(c.to);
  fs::remove_all(c.to);
  EXPECT_EQ(c.minimize({"--jobs=4"}), kNothingFound) << c.err;
  EXPECT_EQ(c.files(c.to), alone);
  EXPECT_EQ(c.minimize({"--jobs=0"}), kUsage);
}

TEST(Triage, WhatKillsTheModelEndsNothingElse) {
  Crashes c;
  for (int i = 0; i < 5; ++i)
    c.put("crash-" + std::to_string(i), bytes_of(with(kTrace, "len=1", "len=" + std::to_string(1 + i))));
  c.put("crash-evil", bytes_of(with(kTrace, "T0: fsync a", "T0: evict a")));
  EXPECT_EQ(c.minimize(), kEnvironment);
  EXPECT_TRUE(has(c.err, c.from + "/crash-evil: the model died of it")) << c.err;
  EXPECT_TRUE(has(c.out, "of 6 inputs, 1 signatures, 0 pass here, the model died of 1\n")) << c.out;
  EXPECT_TRUE(has(c.out, "5 inputs, first seen"));
}

// A worker that somebody kills says nothing of its input: told, but tried again by the same command.
TEST(Triage, AWorkerKilledFromOutsideIsNotRemembered) {
  Crashes c;
  c.put("crash-1", bytes_of(kTrace));
  const auto inner = c.context.execute;
  bool killed = true;
  c.context.execute = [&](const trace::Program& p, const exec::Options& o) {
    if (killed) kill(getpid(), SIGKILL);
    return inner(p, o);
  };
  EXPECT_EQ(c.minimize(), kEnvironment);
  EXPECT_TRUE(has(c.err, "crash-1: the model died of it")) << c.err;
  killed = false;
  EXPECT_EQ(c.minimize(), kNothingFound) << c.err;
  EXPECT_TRUE(has(c.out, "of 1 inputs, 1 signatures")) << c.out;

  // The same while it is minimised.
  Crashes d;
  d.put("crash-1", bytes_of(kTrace));
  const auto small = d.context.minimize;
  killed = true;
  d.context.minimize = [&](const trace::Program& p, const exec::Runner& r, std::uint64_t b) {
    if (killed) kill(getpid(), SIGKILL);
    return small(p, r, b);
  };
  EXPECT_EQ(d.minimize(), kEnvironment);
  EXPECT_TRUE(has(d.err, "the model died while it was minimized")) << d.err;
  killed = false;
  EXPECT_EQ(d.minimize(), kNothingFound) << d.err;
  EXPECT_EQ(std::ranges::count_if(d.files(d.to), [](const auto& f) { return f.first.ends_with("/minimal.daxt"); }), 1);
}

TEST(Triage, WhatIsRefused) {
  Crashes c;
  c.put("crash-1", bytes_of(kTrace));
  c.put("crash-2", "");
  c.put("bad.daxt", "daxt 9\n");
  EXPECT_EQ(c.minimize(), kBadTrace);
  EXPECT_TRUE(has(c.err, "crash-2: the engine left an empty input"));
  EXPECT_TRUE(has(c.err, "bad.daxt:1:"));
  EXPECT_TRUE(has(c.out, "of 1 inputs, 1 signatures"));
  fs::remove_all(c.from);
  c.put("README.txt", "");
  EXPECT_EQ(c.minimize(), kEnvironment);
  EXPECT_TRUE(has(c.err, "no crash-*, id:*, *.bin or *.daxt below it"));
  // A folder of somebody else's is not written into.
  Crashes d;
  d.put("crash-1", bytes_of(kTrace));
  d.file("out/progress.kept", "mine\n");
  EXPECT_EQ(d.minimize(), kEnvironment);
  EXPECT_EQ(d.files(d.to).size(), 1u);
}

TEST(Triage, BytesAreRunAsTheirTargetWas) {
  Crashes c;
  c.put("crash-1", bytes_of(with(kTrace, "v1", "legacy")));
  EXPECT_EQ(c.minimize(), kNothingFound);
  EXPECT_TRUE(has(c.out, "0 signatures, 1 pass here"));
  EXPECT_EQ(c.minimize({"--protocol=v1", "--set=share=none"}), kNothingFound);
  EXPECT_TRUE(has(c.out, "  v1+share=none  " + std::string(kSignature))) << c.out;
}

TEST(Triage, JsonIsOneDocument) {
  Crashes c;
  c.put("crash-1", bytes_of(kTrace));
  EXPECT_EQ(c.minimize({"--json", "--quiet"}), kNothingFound);
  EXPECT_EQ(report::json_error(c.out.substr(0, c.out.size() - 1)), "") << c.out;
  EXPECT_TRUE(has(c.out, "\"critical\":\"none: it is of one thread\"")) << c.out;
  EXPECT_EQ(c.err, "");
}

TEST(Triage, AnInterruptKeepsWhatIsDone) {
  Crashes c;
  for (int i = 0; i < 6; ++i)
    c.put("crash-" + std::to_string(i),
          bytes_of(with(i % 2 != 0 ? kTrace : kCollapse, "fsync a", "read a+" + std::to_string(i) + " len=1")));
  c.context.interrupted = [&] { return c.counted("minimized") >= 3; };
  EXPECT_EQ(c.minimize({"--jobs=1"}), kInterrupted);
  c.context.interrupted = [] { return false; };
  EXPECT_EQ(c.minimize({"--jobs=1"}), kNothingFound) << c.err;
  const auto files = c.files(c.to);
  // One was cut short, and is all that was begun twice.
  EXPECT_LE(c.counted("minimized"), 6u + 1);
  fs::remove_all(c.to);
  EXPECT_EQ(c.minimize({"--jobs=1"}), kNothingFound);
  EXPECT_EQ(c.files(c.to), files);
}

TEST(Kept, PacksAnything) {
  const std::vector<std::string> parts = {"", "a\nb", std::string("\0\n7\n", 4), "x"};
  EXPECT_EQ(unpacked(packed(parts)), parts);
  EXPECT_EQ(unpacked(""), std::vector<std::string>{});
  for (const char* bad : {"1", "1\n", "1\na", "2\na\n", "x\na\n", "-1\na\n", "99999999999999999999\na\n"})
    EXPECT_FALSE(unpacked(bad).has_value()) << bad;
}

TEST(Kept, NothingIsTakenOfAnotherBuild) {
  Bench b;
  Kept one(real_syscalls(), b.folder + "/kept", "one"), other(real_syscalls(), b.folder + "/kept", "other");
  ASSERT_TRUE(one.load() && one.put({{"k", "v"}}));
  Kept again(real_syscalls(), b.folder + "/kept", "one");
  ASSERT_TRUE(again.load());
  ASSERT_NE(again.find("k"), nullptr);
  EXPECT_EQ(*again.find("k"), "v");
  ASSERT_TRUE(other.load());
  EXPECT_EQ(other.find("k"), nullptr);
}

}  // namespace
}  // namespace daxfuzz::cli
