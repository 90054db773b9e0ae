// SPDX-License-Identifier: GPL-2.0-only
// Every verb that writes, with every one of its system calls made to fail in every way, and killed before
// every one of them: whatever was announced is there afterwards and whole, nothing half is, and the
// same command, given again, comes to what it would have come to undisturbed.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <random>

#include "cli/exit_code.h"
#include "cli/faulty_disk.h"
#include "cli/kept.h"
#include "cli/testing.h"
#include "trace/bytes.h"
#include "trace/text.h"

namespace daxfuzz::cli {
namespace {

namespace fs = std::filesystem;

// Thousands of runs sync their files: in memory, if that is to be had.
const bool g_in_memory = access("/dev/shm", W_OK) == 0 && setenv("TEST_TMPDIR", "/dev/shm", 1) == 0;

using Fault = FaultyDisk::Fault;
using Files = std::map<std::string, std::string>;

std::string with(std::string text, const std::string& old, const std::string& now) {
  return text.replace(text.find(old), old.size(), now);
}

std::string bytes_of(const std::string& text) {
  const auto bytes = trace::encode(trace::parse(text, "test")->trace.program);
  return {bytes.begin(), bytes.end()};
}

const std::string kOther = with(kTrace, "fsync a", "read a+0 len=1");
std::string finding(const std::string& signature, const std::string& trace = kTrace) {
  return "daxt 1\n# verdict   FAIL " + signature + "\n" + trace.substr(7);
}

// The bench's executor gives the last of them: the other does not replay here.
constexpr const char* kTold[] = {"first rule in f", kSignature};

// A verb in a folder of its own. `out` is emptied between runs; what the verb reads stays.
struct Place : Bench {
  FaultyDisk disk;
  std::string out_folder, log;
  std::vector<std::string> words;

  explicit Place(const std::string& verb) {
    out_folder = folder + "/out", log = folder + "/log";
    context.sys = &disk;
    // Announced is what has left the process.
    const auto append = [this](std::string_view text) { std::ofstream(log, std::ios::app | std::ios::binary) << text; };
    context.out = context.err = append;
    file("crashes/crash-1", bytes_of(kTrace));
    file("crashes/crash-2", bytes_of(kOther));
    file("crashes/crash-3", bytes_of(with(kTrace, "v1", "legacy")));
    file("x.daxt", kTrace);
    file("y.daxt", finding(kSignature));
    if (verb == "fuzz") {
      std::string tell;
      for (const char* signature : kTold) {
        const std::string path = file(std::string("told-") + signature[0], finding(signature));
        tell += "printf 'FINDING %s\\n' $(wc -c < '" + path + "') >&3; cat '" + path + "' >&3\n";
      }
      const std::string target = file("bin/fake_fuzz_test_libfuzzer", "#!/bin/sh\n" + tell);
      chmod(target.c_str(), 0755);
      words = {"fuzz", "fake", "--seed=1", "--out=" + out_folder, "--target-dir=" + folder + "/bin"};
    } else if (verb == "fuzz aflpp") {
      // AFL++ as a script whose last act is a crash.
      chmod(file("bin/fake_fuzz_test_aflpp", "#!/bin/sh\n").c_str(), 0755);
      const std::string tool = file("tools/afl-fuzz",
                                    "#!/bin/sh\nwhile [ $1 != -o ]; do shift; done\nmkdir -p $2/job0/crashes\n"
                                    "cp '" + folder + "/crashes/crash-1' $2/job0/crashes/.new\n"
                                    "exec mv $2/job0/crashes/.new $2/job0/crashes/id:000000,sig:06\n");
      chmod(tool.c_str(), 0755);
      static const std::string path = std::getenv("PATH");
      setenv("PATH", (folder + "/tools:" + path).c_str(), 1);
      words = {"fuzz", "fake", "--engine=aflpp", "--seed=1", "--out=" + out_folder, "--target-dir=" + folder + "/bin"};
    } else if (verb == "minimize FILE") {
      words = {"minimize", folder + "/x.daxt", "--out=" + out_folder};
    } else if (verb == "minimize DIR") {
      words = {"minimize", folder + "/crashes", "--jobs=2", "--out=" + out_folder};
    } else if (verb == "corpus merge") {
      words = {"corpus", "merge", out_folder, folder + "/crashes", folder + "/y.daxt"};
    } else if (verb == "corpus add") {
      words = {"corpus", "add", out_folder, folder + "/crashes", folder + "/y.daxt"};
    } else if (verb == "replay --junit") {
      words = {"replay", "--expect", folder + "/y.daxt", "--junit=" + out_folder + "/a/b.xml"};
    }
  }

  int once() {
    std::ofstream(log, std::ios::trunc);
    return cli::run(words, context);
  }
  // In a process of its own, which may be killed. -1: it was.
  int apart() {
    std::ofstream(log, std::ios::trunc);
    const pid_t pid = fork();
    if (pid == 0) _exit(cli::run(words, context));
    int status = 0;
    while (waitpid(pid, &status, 0) == -1 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] std::string said() const { return read(log); }

  // What is kept, and what a killed process may leave: hidden files and the engine's scratch.
  [[nodiscard]] Files files(bool all = false) const {
    Files found;
    if (!fs::exists(out_folder)) return found;
    for (const auto& e : fs::recursive_directory_iterator(out_folder)) {
      const std::string path = e.path().string().substr(out_folder.size());
      const bool left = path.find("/.") != std::string::npos || path.starts_with("/scratch/");
      if (e.is_regular_file() && (all || !left)) found[path] = read(e.path().string());
    }
    return found;
  }
  void clear() const { fs::remove_all(out_folder); }
};

// A file that is neither what it becomes nor what it may be before that: a finding as it was told, or
// a whole record of less. "" if there is none.
std::string half(const Files& files, const Files& whole) {
  for (const auto& [path, text] : files) {
    bool good = whole.contains(path) && whole.at(path) == text;
    if (path.starts_with("/findings/"))
      for (const char* signature : kTold) good = good || text == finding(signature);
    // Of AFL++'s the text is made here.
    const auto told = whole.find(path.substr(0, path.rfind(".daxt")) + ".orig.daxt");
    good = good || (told != whole.end() && told->second == text);
    // What could not be read is told in it, too.
    if (path.ends_with(".xml")) good = text.starts_with("<?xml ") && text.ends_with("</testsuites>\n");
    if (path == "/progress.kept") {
      const std::size_t line = text.find('\n');
      const auto parts = unpacked(std::string_view(text).substr(std::min(line + 1, text.size())));
      good = text.starts_with("daxfuzz kept 1 ") && parts && parts->size() % 2 == 0;
    }
    if (!good) return path + ":\n" + text;
  }
  return "";
}

// "-> PATH" and the paths of `NEW`, of lines that are whole.
std::vector<std::string> announced(const std::string& said) {
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = said.find("-> ", at)) != std::string::npos; at += 3) {
    const std::size_t end = said.find('\n', at);
    if (end == std::string::npos) break;
    const std::string path = said.substr(at + 3, end - at - 3);
    if (path.starts_with('/')) out.push_back(path);
  }
  return out;
}

class Verb : public testing::TestWithParam<const char*> {};

Files undisturbed(Place& place, int& code) {
  place.clear();
  place.disk.plan(~std::size_t{0}, Fault::none);
  code = place.once();
  return place.files(true);
}

TEST_P(Verb, EachCallThatFailsIsToldAndNothingIsHalf) {
  Place place(GetParam());
  int good = 0;
  const Files whole = undisturbed(place, good);
  ASSERT_FALSE(whole.empty()) << place.said();
  const std::size_t calls = place.disk.calls();
  ASSERT_GT(calls, 8u);
  std::size_t unreported = 0, tried = 0;
  struct Kind {
    Fault fault;
    int error;
  };
  for (const Kind& kind : {Kind{Fault::error, ENOSPC}, Kind{Fault::error, EIO}, Kind{Fault::short_write, 0}})
    for (std::size_t call = 0; call < calls; ++call) {
      SCOPED_TRACE("call " + std::to_string(call) + " of " + std::to_string(calls) + ", error " +
                   std::to_string(kind.error));
      place.clear();
      place.disk.plan(call, kind.fault, kind.error);
      if (kind.fault == Fault::short_write && !place.disk.is_write(call)) continue;
      const int code = place.once();
      // With an error the way may be shorter.
      if (!place.disk.fired()) continue;
      ++tried;
      const Files left = place.files();
      ASSERT_EQ(half(left, whole), "");
      for (const std::string& path : announced(place.said())) EXPECT_TRUE(fs::exists(path)) << path;
      if (kind.fault == Fault::short_write) {
        EXPECT_EQ(code, good) << place.said();
        EXPECT_EQ(place.files(true), whole);
      } else if (place.disk.wrote() && code == good && left != whole) {
        ADD_FAILURE() << "not told, and something is missing:\n" << place.said();
      } else if (code == good) {
        ++unreported;
      } else {
        EXPECT_EQ(code, kEnvironment) << place.said();
        EXPECT_NE(place.said().find(kind.error == EIO ? "(EIO)" : "(ENOSPC)"), std::string::npos) << place.said();
      }
      // Not even temporary files are left, and the same again comes to the same.
      for (const auto& [path, text] : place.files(true)) EXPECT_EQ(path.find("/."), std::string::npos) << path;
      if (kind.error != ENOSPC) continue;  // once is enough
      place.disk.plan(~std::size_t{0}, Fault::none);
      EXPECT_EQ(place.once(), good) << place.said();
      EXPECT_EQ(place.files(), whole);
    }
  std::printf("%s: %zu calls, %zu faults, %zu of them without harm%s\n", GetParam(), calls, tried, unreported,
              g_in_memory ? "" : ", on a disk");
}

TEST_P(Verb, KilledBeforeEachCallItGoesOn) {
  Place place(GetParam());
  int good = 0;
  const Files whole = undisturbed(place, good);
  const std::size_t calls = place.disk.calls();
  for (std::size_t call = 0; call < calls; ++call) {
    SCOPED_TRACE("call " + std::to_string(call) + " of " + std::to_string(calls));
    place.clear();
    place.disk.plan(call, Fault::kill);
    if (place.apart() != -1) continue;  // the way was shorter
    ASSERT_EQ(half(place.files(), whole), "");
    for (const std::string& path : announced(place.said())) EXPECT_TRUE(fs::exists(path)) << path;
    place.disk.plan(~std::size_t{0}, Fault::none);
    EXPECT_EQ(place.once(), good) << place.said();
    EXPECT_EQ(place.files(), whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Writes, Verb,
                         testing::Values("fuzz", "fuzz aflpp", "minimize FILE", "minimize DIR",
                                         "corpus merge", "corpus add", "replay --junit"),
                         [](const auto& info) {
                           std::string name;
                           for (const char c : std::string(info.param))
                             if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
                           return name;
                         });

// One campaign, killed fifty times, and each time it goes on: what was ever announced stays.
TEST(Campaign, FiftyKills) {
  Place place("fuzz");
  int good = 0;
  const Files whole = undisturbed(place, good);
  const std::size_t calls = place.disk.calls();
  place.clear();
  std::mt19937 random(7);  // its numbers are the same everywhere
  std::vector<std::string> ever;
  for (int kills = 0, runs = 0; kills < 50; ++runs) {
    ASSERT_LT(runs, 1000) << "it is too seldom killed";
    // A campaign that has come to its end begins anew with nothing.
    if (place.files() == whole) place.clear(), ever.clear();
    place.disk.plan(random() % calls, Fault::kill);
    kills += place.apart() == -1 ? 1 : 0;
    for (const std::string& path : announced(place.said())) ever.push_back(path);
    for (const std::string& path : ever) ASSERT_TRUE(fs::exists(path)) << path << " after " << kills << " kills";
  }
  place.disk.plan(~std::size_t{0}, Fault::none);
  EXPECT_EQ(place.once(), good) << place.said();
  EXPECT_EQ(place.files(), whole);
}

}  // namespace
}  // namespace daxfuzz::cli
