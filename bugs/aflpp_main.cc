// SPDX-License-Identifier: GPL-2.0-only
// The model with one bug in it, hunted by AFL++. One such program a bug (bugs.bzl), all of this source; its main() is
// AFL++'s driver, which calls LLVMFuzzerInitialize() first. Asked for rows it runs afl-fuzz on itself, once a hunt.
//
//   NAME_aflpp --patch=FILE --rows --mutator=FILE --seed=N --seeds=N --executions=N [--twin]
//                                                a row a hunt (row.h); the mutator is //fuzz:aflpp_mutator.so
//
// Executions are counted here, of every process of afl-fuzz, so a budget is exact. What is run is chosen by what
// took how long, so a hunt is NOT REPEATABLE. Exit code 0, 1 afl-fuzz did not come to an end, 2 usage, 5 bad input.
// Read first: libfuzzer_main.cc.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "bugs/bug.h"
#include "bugs/engine.h"
#include "bugs/row.h"
#include "exec/execute.h"
#include "sched/check.h"
#include "trace/bytes.h"
#include "trace/number.h"

namespace {

using namespace daxfuzz;

constexpr const char* kProgress = "DAXFUZZ_HUNT";       // a file of one Progress: this is afl-fuzz's target
constexpr const char* kPatch = "DAXFUZZ_HUNT_PATCH";

// A file that afl-fuzz's processes share, one of them running at a time.
struct Progress {
  std::uint64_t budget = 0, executions = 0, steps = 0, clocks = 0;
  char signature[256] = "";
  [[nodiscard]] bool over() const { return executions == budget || signature[0] != 0; }
};

Progress* mapped(const std::string& path, int flags) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
  CHECK(fd >= 0 && ftruncate(fd, sizeof(Progress)) == 0);
  void* memory = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(memory != MAP_FAILED && close(fd) == 0);
  return static_cast<Progress*>(memory);
}

// Of the target.
Progress* g_progress = nullptr;
bugs::Bug g_bug;

struct Settings {
  std::string program, patch, mutator;
  bool rows = false, twin = false;
  std::uint64_t seed = 1, seeds = 1, executions = bugs::kCheckExecutions;
};

bool argument(std::string_view text, Settings& settings) {
  if (text == "--rows") return settings.rows = true;
  if (text == "--twin") return settings.twin = true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--patch") return settings.patch = value, true;
  if (key == "--mutator") return settings.mutator = value, true;
  if (key == "--engine") return value == bugs::name(bugs::Engine::aflpp);
  if (key == "--seed") return trace::parse_number(value, settings.seed) && settings.seed > 0;
  if (key == "--seeds") return trace::parse_number(value, settings.seeds) && settings.seeds > 0;
  return key == "--executions" && trace::parse_number(value, settings.executions) && settings.executions > 0;
}

[[noreturn]] void leave(int code) {
  std::fflush(stdout);
  std::_Exit(code);
}

// afl-fuzz's budget is about so many, and once ours is over the target does nothing, at no cost.
[[noreturn]] void afl_fuzz(const Settings& settings, std::uint64_t seed, const std::string& folder) {
  for (const char* name : {"AFL_SKIP_CPUFREQ", "AFL_NO_AFFINITY", "AFL_NO_UI", "AFL_BENCH_UNTIL_CRASH",
                           "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "AFL_IGNORE_SEED_PROBLEMS"})
    setenv(name, "1", 1);
  setenv("AFL_CUSTOM_MUTATOR_LIBRARY", settings.mutator.c_str(), 1);
  setenv(kProgress, (folder + "/progress").c_str(), 1);
  setenv(kPatch, settings.patch.c_str(), 1);
  const int log = open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  dup2(log, 1);
  dup2(log, 2);
  std::vector<std::string> words = {"afl-fuzz", "-s", std::to_string(seed), "-E",
                                    std::to_string(settings.executions + settings.executions / 4 + 5000),
                                    "-G", "1024", "-t", "20000", "-m", "none", "-i", folder + "/in", "-o",
                                    folder + "/out", "--", settings.program};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::perror("afl-fuzz");
  _exit(127);
}

// Of a process that has ended, without its children, whose time Progress has.
std::uint64_t own_microseconds(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  unsigned long user = 0, system = 0;
  const std::size_t at = text.rfind(')');
  CHECK(at != std::string::npos);
  CHECK(std::sscanf(text.c_str() + at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) == 2);
  return (user + system) * 1000000 / static_cast<unsigned long>(sysconf(_SC_CLK_TCK));
}

bool row(const bugs::Bug& bug, const Settings& settings, std::uint64_t seed) {
  std::string folder = std::filesystem::temp_directory_path() / "daxfuzz-aflpp-XXXXXX";
  CHECK(mkdtemp(folder.data()) != nullptr);
  std::filesystem::create_directory(folder + "/in");
  std::ofstream(folder + "/in/nothing") << '\0';  // as little as afl-fuzz begins with
  Progress& progress = *mapped(folder + "/progress", O_CREAT);
  progress.budget = settings.executions;
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) afl_fuzz(settings, seed, folder);
  siginfo_t ended{};
  while (waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) < 0) CHECK(errno == EINTR);
  const std::uint64_t own = own_microseconds(child);
  waitpid(child, nullptr, 0);
  const bool over = progress.over();
  if (over) {
    std::printf("%s", bugs::text({.bug = bug.name,
                                  .engine = std::string(bugs::name(bugs::Engine::aflpp)),
                                  .seed = seed,
                                  .budget = settings.executions,
                                  .executions = progress.executions,
                                  .diverged = {},
                                  .steps = progress.steps,
                                  .microseconds = own + progress.clocks * 1000000 / CLOCKS_PER_SEC,
                                  .signature = progress.signature}).c_str());
    std::fflush(stdout);
  } else {
    std::ifstream log(folder + "/log");
    for (std::string line; std::getline(log, line);) std::fprintf(stderr, "%s\n", line.c_str());
    std::fprintf(stderr, "%s: afl-fuzz ended after %llu of %llu executions\n", bug.name.c_str(),
                 static_cast<unsigned long long>(progress.executions),
                 static_cast<unsigned long long>(settings.executions));
  }
  munmap(&progress, sizeof progress);
  std::filesystem::remove_all(folder);
  return over;
}

bugs::Bug loaded(const std::string& path) {
  auto bug = bugs::load(path);
  if (bug) return *bug;
  std::fprintf(stderr, "%s\n", bug.error().c_str());
  leave(5);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (const char* progress = std::getenv(kProgress); progress != nullptr) {
    g_bug = loaded(std::getenv(kPatch));
    g_progress = mapped(progress, 0);
    return 0;
  }
  Settings settings;
  bool good = true;
  for (int i = 1; i < *argc; i++) good = argument((*argv)[i], settings) && good;
  if (!good || !settings.rows || settings.patch.empty() || settings.mutator.empty()) {
    std::fprintf(stderr, "expected --patch=FILE --rows --mutator=FILE [--twin] --seed=N --seeds=N --executions=N\n");
    leave(2);
  }
  bugs::Bug bug = loaded(settings.patch);
  if (settings.twin) bug.name = bugs::twin_of(bug);
  settings.program = std::filesystem::canonical("/proc/self/exe");
  settings.mutator = std::filesystem::absolute(settings.mutator);
  for (std::uint64_t i = 0; i < settings.seeds; i++)
    if (!row(bug, settings, settings.seed + i)) leave(1);
  leave(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Progress& progress = *g_progress;
  if (progress.over()) return 0;
  const std::clock_t start = std::clock();
  trace::Program program = trace::decode({data, size});
  program.protocol = g_bug.protocols.front();
  program.settings = g_bug.settings();
  const exec::Execution execution = exec::execute(program, {.keep_schedule = false});
  progress.steps += execution.steps;
  progress.clocks += static_cast<std::uint64_t>(std::clock() - start);
  progress.executions++;
  if (!execution.failed() || !bugs::counts(g_bug, execution.signature())) return 0;
  std::snprintf(progress.signature, sizeof progress.signature, "%s", execution.signature().c_str());
  std::abort();
}
