// SPDX-License-Identifier: GPL-2.0-only
// The child's fuzz target, and the parent that waits for what it tells. The bytes mean what they
// mean to fuzz/interleaving_fuzz_test.cc, and the mutator is the same. See libfuzzer_hunt.h.
#include "bugs/libfuzzer_hunt.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <utility>

#include "exec/execute.h"
#include "fuzz/mutator_engine.h"
#include "fuzz/random.h"
#include "sched/check.h"
#include "trace/bytes.h"

namespace daxfuzz::bugs {
namespace {

// Of the child: what it hunts, how far it is, whom it tells.
struct State {
  const Bug* bug = nullptr;
  GuidedHunt hunt;
  fuzz::Random random{0};  // schedules of an unsteered hunt
  std::uint64_t executions = 0, steps = 0;
  std::clock_t start = 0;
  int tell = -1;
};
State g_state;

// libFuzzer's atexit() would report on what is not over, and its crash handler is not wanted.
[[noreturn]] void end(const std::string& signature) {
  const std::clock_t took = std::clock() - g_state.start;
  const std::string line = text({.bug = g_state.bug->name,
                                 .engine = std::string(name(g_state.hunt.engine)),
                                 .seed = g_state.hunt.seed,
                                 .budget = g_state.hunt.executions,
                                 .executions = g_state.executions,
                                 .diverged = {},
                                 .steps = g_state.steps,
                                 .microseconds = static_cast<std::uint64_t>(took) * 1000000 / CLOCKS_PER_SEC,
                                 .signature = signature});
  CHECK(write(g_state.tell, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  _exit(0);
}

// -use_cmp=0: what libFuzzer learns of comparisons it files by what was compared, pointers too, and
// addresses are not the same each time. One mutation in eight would use it (fuzz/mutator_engine.cc).
// The rest is as in cli/fuzz.cc.
std::vector<std::string> arguments_of(const GuidedHunt& hunt) {
  return {"-seed=" + std::to_string(hunt.seed), "-use_cmp=0", "-len_control=0",
          "-max_len=1024", "-verbosity=0", "-print_funcs=0", "-detect_leaks=0", "-rss_limit_mb=0",
          "-exact_artifact_path=/dev/null"};
}

// Under the protocol of the bug, without settings.
trace::Program as_it_runs(trace::Program program) {
  program.protocol = g_state.bug->protocols.front();
  program.settings = g_state.bug->settings();
  return program;
}

fuzz::Moves moves_of(Engine engine) {
  switch (engine) {
    case Engine::unpointed: return fuzz::Moves::no_change_points;
    case Engine::changing: return fuzz::Moves::changes_only;
    case Engine::bytes: return fuzz::Moves::bytes_only;
    default: return fuzz::Moves::all;
  }
}

std::string all_of(int fd) {
  std::string out;
  std::array<char, 4096> some{};
  for (;;) {
    const ssize_t got = read(fd, some.data(), some.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    out.append(some.data(), static_cast<std::size_t>(got));
  }
}

std::expected<Row, std::string> told(int fd, pid_t child, const Bug& bug) {
  const std::string line = all_of(fd);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!line.ends_with('\n') || status != 0)
    return std::unexpected(bug.name + ": libFuzzer ended with status " + std::to_string(status));
  return parse_row(std::string_view(line).substr(0, line.size() - 1));
}

}  // namespace

std::optional<std::expected<Row, std::string>> guided_hunt(const Bug& bug, const GuidedHunt& hunt,
                                                           std::vector<std::string>& arguments) {
  CHECK(guided(hunt.engine) && hunt.executions > 0);
  CHECK(hunt.seed > 0 && hunt.seed <= kGuidedSeedMax);
  int fds[2];
  if (pipe(fds) != 0) return std::unexpected(std::string("pipe: ") + std::strerror(errno));
  const pid_t child = fork();
  if (child < 0) return std::unexpected(std::string("fork: ") + std::strerror(errno));
  if (child > 0) {
    close(fds[1]);
    auto row = told(fds[0], child, bug);
    close(fds[0]);
    return row;
  }
  close(fds[0]);
  g_state = {.bug = &bug, .hunt = hunt, .random = fuzz::Random(hunt.seed), .start = std::clock(), .tell = fds[1]};
  arguments = arguments_of(hunt);
  // Who does not say when to switch has no use for points at which to.
  if (hunt.engine != Engine::unsteered) fuzz::mutator_sees(as_it_runs);
  fuzz::mutator_moves(moves_of(hunt.engine));
  return std::nullopt;
}

}  // namespace daxfuzz::bugs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daxfuzz;
  bugs::State& state = bugs::g_state;
  trace::Program program = bugs::as_it_runs(trace::decode({data, size}));
  if (state.hunt.engine == bugs::Engine::unsteered) {
    program.schedule = {};
    program.schedule.seed = state.random.next();
  }
  const exec::Execution execution = exec::execute(program, {.keep_schedule = false});
  state.executions++;
  state.steps += execution.steps;
  if (execution.failed() && bugs::counts(*state.bug, execution.signature()))
    bugs::end(execution.signature());
  if (state.executions == state.hunt.executions) bugs::end("");
  return 0;
}
