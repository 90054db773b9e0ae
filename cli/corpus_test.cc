// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz corpus: merges of real programs, in any order, and what check, add and stat say. That what is kept
// has the properties it should: corpus/merge_test.cc.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/testing.h"
#include "exec/execute.h"
#include "report/json_check.h"
#include "trace/bytes.h"
#include "trace/generators.h"

namespace daxfuzz::cli {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string bytes_of(const trace::Program& program) {
  const auto bytes = trace::encode(program);
  return {bytes.begin(), bytes.end()};
}

std::string with(std::string text, const std::string& old, const std::string& now) {
  return text.replace(text.find(old), old.size(), now);
}

struct Corpora : Bench {
  std::string to;
  // All take the same edges, but for tests of these.
  Corpora() : to(folder + "/to") {
    context.edges = [](const std::vector<std::string>& inputs) {
      return std::vector<std::optional<std::vector<std::uint64_t>>>(inputs.size(), {{17}});
    };
  }
  Files files(const std::string& below) const {
    Files out;
    if (!fs::exists(below)) return out;
    for (const auto& e : fs::recursive_directory_iterator(below))
      if (e.is_regular_file()) out[e.path().string().substr(below.size() + 1)] = read(e.path().string());
    return out;
  }
  std::string put(const std::string& name, const std::string& text) { return file(name, text); }
  std::string bytes(const std::string& name, const std::string& text) {
    return file(name, bytes_of(trace::parse(text, "test")->trace.program));
  }
};

// The model itself runs. Few seeds: for each merge processes begin.
TEST(Corpus, TheOrderOfMergesDoesNotMatter) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    rc::Random random(seed);
    const auto arbitrary = trace::arbitrary_program();
    Corpora c;
    c.context.execute = [](const trace::Program& p, const exec::Options& o) { return exec::execute(p, o); };
    for (const char* from : {"a", "b"})
      for (int n = 0; n < 4; ++n)
        c.put(std::string(from) + "/id:00000" + std::to_string(n), bytes_of(arbitrary(random.split(), 20).value()));
    const std::string a = c.folder + "/a", b = c.folder + "/b", one = c.folder + "/one", other = c.folder + "/other";
    ASSERT_EQ(c.run({"corpus", "merge", one, a, b}), kNothingFound) << c.err;
    ASSERT_EQ(c.run({"corpus", "merge", other, b}), kNothingFound) << c.err;
    ASSERT_EQ(c.run({"corpus", "merge", other, a}), kNothingFound) << c.err;
    const Files merged = c.files(one);
    EXPECT_GT(merged.size(), 1u);
    EXPECT_EQ(c.files(other), merged);
    ASSERT_EQ(c.run({"corpus", "merge", one, other, a}), kNothingFound) << c.err;
    EXPECT_EQ(c.files(one), merged);
    EXPECT_EQ(c.run({"corpus", "check", one}), kNothingFound) << c.err;
  }
}

TEST(Corpus, RegressionsStayAndTheLeastInputsToo) {
  Corpora c;
  const std::string regression = "daxt 1\n# verdict FAIL " + std::string(kSignature) + "\n" + kTrace.substr(7);
  c.put("in/regression.daxt", regression);
  c.bytes("in/queue/id:000000", kTrace);                                // covers what the regression does
  c.bytes("in/queue/id:000001", with(kTrace, "v1", "legacy"));          // passes: its ops' results are covered
  c.bytes("in/queue/id:000002", with(kTrace, "T0: punch", "T1: punch"));  // covers the same
  c.bytes("in/0123456789abcdef0123456789abcdef01234567", with(kTrace, "fsync a", "read a+0 len=1"));
  c.put("in/fuzzer_stats", "start_time : 1\n");
  c.put("in/.state/x", "y");
  c.put("in/README.txt", "z");
  EXPECT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kNothingFound) << c.err;
  EXPECT_TRUE(has(c.out, "1 regressions\n  read 5, added 2, dropped 0\n")) << c.out;
  const Files files = c.files(c.to);
  EXPECT_EQ(files.size(), 3u);  // and what says that it is a corpus
  EXPECT_EQ(std::ranges::count(files, regression, [](const auto& f) { return f.second; }), 1);
  // Without the regression its features belong to the least input, and that goes when the regression comes.
  EXPECT_EQ(c.run({"corpus", "merge", c.folder + "/small", c.folder + "/in/queue"}), kNothingFound);
  EXPECT_TRUE(has(c.out, "read 3, added 1, dropped 0\n")) << c.out;
  EXPECT_EQ(c.run({"corpus", "add", c.folder + "/small", c.folder + "/in/regression.daxt"}), kNothingFound);
  EXPECT_TRUE(has(c.out, "read 1, added 1, dropped 0\n")) << c.out;
  EXPECT_EQ(c.run({"corpus", "merge", c.folder + "/small", c.folder + "/in"}), kNothingFound);
  EXPECT_TRUE(has(c.out, "added 1, dropped 1\n")) << c.out;
  EXPECT_EQ(c.files(c.folder + "/small"), files);
  EXPECT_EQ(c.run({"corpus", "stat", c.to}), kNothingFound);
  EXPECT_TRUE(has(c.out, "  2  v1  " + std::string(kSignature) + "\n")) << c.out;
  EXPECT_TRUE(has(c.out, "  signatures 1\n")) << c.out;
}

// What the command's own run sees nothing of. The edges are those of the target, which is beside the program or not.
TEST(Corpus, AnEdgeKeepsItsInput) {
  Corpora c;
  const std::string longer = with(kTrace, "T0: punch", "T1: punch");
  c.bytes("in/id:1", kTrace);
  c.bytes("in/id:2", longer);
  const std::string special = bytes_of(trace::parse(longer, "test")->trace.program);
  const auto edges = [&](const std::vector<std::string>& inputs) {
    std::vector<std::optional<std::vector<std::uint64_t>>> out;
    for (const std::string& input : inputs) out.push_back(std::vector<std::uint64_t>{input == special ? 33u : 17u});
    return out;
  };
  EXPECT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kNothingFound) << c.err;
  EXPECT_TRUE(has(c.out, "read 2, added 1,") && has(c.out, "  edges 1\n")) << c.out;
  c.context.edges = edges;
  EXPECT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kNothingFound) << c.err;
  EXPECT_TRUE(has(c.out, "read 2, added 1, dropped 0\n") && has(c.out, "  edges 2\n")) << c.out;
  // Nobody counts: nothing goes, and that is said.
  const Files files = c.files(c.to);
  c.context.edges = nullptr;
  EXPECT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kNothingFound) << c.err;
  EXPECT_EQ(c.files(c.to), files);
  EXPECT_TRUE(has(c.err, "edges of the code are not counted, so nothing is dropped, for there is no " + c.folder +
                             "/bin/interleaving_fuzz_test_libfuzzer"))
      << c.err;
  // The target dies of one, which is told and stays.
  c.context.edges = [&](const std::vector<std::string>& inputs) {
    auto out = edges(inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i] == special) out[i].reset();
    return out;
  };
  EXPECT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kFinding);
  EXPECT_TRUE(has(c.err, "the target dies of it")) << c.err;
  EXPECT_EQ(c.files(c.to), files);
  // A target that knows nothing of edges has not died of all there is.
  chmod(c.file("bin/interleaving_fuzz_test_libfuzzer", "#!/bin/sh\n").c_str(), 0755);
  c.context.edges = nullptr;
  EXPECT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kEnvironment);
  EXPECT_TRUE(has(c.err, "tells of no edges; build it anew")) << c.err;
  EXPECT_EQ(c.files(c.to), files);
}

TEST(Corpus, CheckSeesWhatIsWrong) {
  Corpora c;
  const std::string promise = "daxt 1\n# verdict FAIL " + std::string(kSignature) + "\n# expect legacy PASS\n";
  c.put("in/a.daxt", promise + kTrace.substr(7));
  c.bytes("in/id:1", with(kTrace, "fsync a", "read a+0 len=1"));
  ASSERT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kNothingFound);
  ASSERT_EQ(c.run({"corpus", "check", c.to}), kNothingFound) << c.err;
  // A stranger's file is let be, and is no entry.
  c.put("to/notes.txt", "mine");
  ASSERT_EQ(c.run({"corpus", "check", c.to}), kNothingFound) << c.err;
  EXPECT_EQ(c.run({"corpus", "check", c.folder + "/in"}), kEnvironment);
  EXPECT_TRUE(has(c.err, "is it a corpus?")) << c.err;

  for (const auto& [name, text] : c.files(c.to)) {
    if (name.size() != 32) continue;
    c.put("to/" + name, text.substr(0, text.size() - 1) + "x");
    EXPECT_EQ(c.run({"corpus", "check", c.to}), kBadTrace);
    EXPECT_TRUE(has(c.err, name + ": is not what its name says")) << c.err;
    c.put("to/" + name, text);
  }
  c.put("bad/b.daxt", with(promise, "legacy PASS", "legacy FAIL x in y") + kTrace.substr(7));
  EXPECT_EQ(c.run({"corpus", "add", c.to, c.folder + "/bad"}), kNothingFound);
  EXPECT_EQ(c.run({"corpus", "check", c.to}), kFinding);
  EXPECT_TRUE(has(c.err, "legacy: PASS, not FAIL x in y")) << c.err;
  c.put("bad/c.daxt", "daxt 9\n");
  EXPECT_EQ(c.run({"corpus", "add", c.to, c.folder + "/bad"}), kBadTrace);
}

TEST(Corpus, RunsThatDifferAndInputsThatKill) {
  Corpora c;
  c.bytes("in/id:1", kTrace);
  c.bytes("in/id:2", with(kTrace, "fsync a", "evict a"));
  const auto inner = c.context.execute;
  c.context.execute = [&](const trace::Program& p, const exec::Options& o) {
    if (p.ops[0].code == trace::OpCode::evict) kill(getpid(), SIGKILL);
    return inner(p, o);
  };
  EXPECT_EQ(c.run({"corpus", "merge", c.to, c.folder + "/in"}), kFinding);
  EXPECT_TRUE(has(c.err, "in/id:2: the model dies of it")) << c.err;
  EXPECT_TRUE(has(c.out, "read 2, added 1,")) << c.out;
  c.differs_at = 1;
  EXPECT_EQ(c.run({"corpus", "merge", c.folder + "/new", c.folder + "/in"}), kNondeterminism);
  EXPECT_TRUE(has(c.err, "in/id:1: two runs of it differ")) << c.err;
  EXPECT_TRUE(has(c.out, "added 0,")) << c.out;
}

TEST(Corpus, AFolderOfSomebodyElsesIsNoCorpus) {
  Corpora c;
  c.bytes("in/id:1", kTrace);
  c.put("mine/thesis", "years of work");
  EXPECT_EQ(c.run({"corpus", "merge", c.folder + "/mine", c.folder + "/in"}), kEnvironment);
  EXPECT_TRUE(has(c.err, "has files and is no corpus")) << c.err;
  EXPECT_EQ(c.files(c.folder + "/mine").size(), 1u);
}

TEST(Corpus, UsageAndJson) {
  Corpora c;
  c.bytes("in/id:1", kTrace);
  EXPECT_EQ(c.run({"corpus", "mend", c.to}), kUsage);
  EXPECT_EQ(c.run({"corpus", "merge", c.to}), kUsage);
  EXPECT_EQ(c.run({"corpus", "check", c.to, c.folder + "/in"}), kUsage);
  EXPECT_EQ(c.run({"corpus", "merge", "--jobs=x", c.to, c.folder + "/in"}), kUsage);
  EXPECT_EQ(c.run({"corpus", "merge", "--json", "--quiet", c.to, c.folder + "/in"}), kNothingFound);
  EXPECT_EQ(report::json_error(c.out.substr(0, c.out.size() - 1)), "") << c.out;
  EXPECT_TRUE(has(c.out, "\"added\":1")) << c.out;
  EXPECT_EQ(c.err, "");
}

}  // namespace
}  // namespace daxfuzz::cli
