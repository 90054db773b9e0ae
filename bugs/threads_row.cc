// SPDX-License-Identifier: GPL-2.0-only
// The child says in shared memory how far it is, which outlives it. See threads_row.h.
#include "bugs/threads_row.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>

namespace daxfuzz::bugs {
namespace {

struct Progress {
  std::uint64_t executions = 0, steps = 0;
  char signature[256] = "";
};

// alarm() ends the process whatever its threads do.
[[noreturn]] void hunt(Progress& progress, std::uint64_t budget, std::uint32_t patience,
                       const std::function<Stressed()>& next) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(SIGALRM, SIG_DFL);
  while (progress.executions < budget && progress.signature[0] == 0) {
    alarm(patience);
    progress.executions++;
    const Stressed run = next();
    progress.steps += run.steps;
    std::snprintf(progress.signature, sizeof progress.signature, "%s", run.signature.c_str());
  }
  _exit(0);
}

std::string end_of(int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? "" : "exit code " + std::to_string(WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGALRM) return std::string(kHang);
  const char* name = sigabbrev_np(WTERMSIG(status));
  return name == nullptr ? "killed" : std::string("killed by SIG") + name;
}

std::uint64_t microseconds(const rusage& used) {
  return static_cast<std::uint64_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
         static_cast<std::uint64_t>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

std::unexpected<std::string> failed(const char* what) {
  return std::unexpected(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

std::expected<Row, std::string> threads_row(Row row, std::uint32_t patience, const std::function<Stressed()>& next) {
  void* memory = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return failed("mmap");
  auto& progress = *new (memory) Progress;
  const pid_t child = fork();
  if (child == 0) hunt(progress, row.budget, patience, next);
  int status = 0;
  rusage used{};
  pid_t ended = child;
  if (child > 0) {
    while ((ended = wait4(child, &status, 0, &used)) < 0 && errno == EINTR) {
    }
  }
  if (ended < 0) return munmap(memory, sizeof(Progress)), failed(child < 0 ? "fork" : "wait4");
  row.executions = progress.executions;
  row.steps = progress.steps;
  row.signature = progress.signature;
  if (const std::string end = end_of(status); !end.empty()) row.signature = end;
  row.microseconds = microseconds(used);
  munmap(memory, sizeof(Progress));
  return row;
}

}  // namespace daxfuzz::bugs
