// SPDX-License-Identifier: GPL-2.0-only
// The child runs and the parent judges how it ended. See trial.h.
#include "bench/mutation/trial.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "bench/mutation/mutant.h"
#include "sched/check.h"

namespace daxfuzz::mutation {
namespace {

// A run takes a few milliseconds at most; processor time, so that a busy machine hangs nobody.
constexpr int kHangSeconds = 2;
constexpr std::size_t kMemoryMore = std::size_t{2} << 30;
constexpr std::string_view kCheckFailed = "CHECK failed: ";

void arm() {
  const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = kHangSeconds, .tv_usec = 0}};
  CHECK(setitimer(ITIMER_VIRTUAL, &timer, nullptr) == 0);
}

// As much as the parent has, and some.
void limit_memory() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
  rusage usage{};
  CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  limit.rlim_cur = static_cast<std::size_t>(usage.ru_maxrss) * 1024 * 2 + kMemoryMore;
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  CHECK(setrlimit(RLIMIT_CORE, &no_core) == 0);
}

}  // namespace

struct Trial::Shared {
  std::uint64_t probe;  // the one that runs, or the last
  std::uint64_t runs, differ;
  bool ended;           // by itself
  char signature[256];  // empty: none failed
};

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::corpus: return "corpus";
    case Verdict::hunt: return "hunt";
    case Verdict::result: return "result";
    case Verdict::crash: return "crash";
    case Verdict::hang: return "hang";
    case Verdict::survived: return "survived";
    case Verdict::unreached: return "unreached";
  }
  return "";
}

std::optional<Verdict> verdict_named(std::string_view word) {
  for (const Verdict verdict : kVerdicts)
    if (name(verdict) == word) return verdict;
  return std::nullopt;
}

Trial::Trial(const Probes& probes, std::uint32_t mutant)
    : probes_(probes),
      mutant_(mutant),
      shared_(static_cast<Shared*>(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0))),
      said_(memfd_create("stderr", MFD_CLOEXEC)) {
  CHECK(shared_ != MAP_FAILED && said_ >= 0);
  pid_ = fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) child();
}

Trial::~Trial() {
  munmap(shared_, sizeof(Shared));
  close(said_);
}

void Trial::child() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(said_, STDERR_FILENO);
  limit_memory();
  active_mutant = mutant_;
  for (std::size_t i = 0; i < probes_.all().size(); i++) {
    if (!probes_.reaches(i, mutant_)) continue;
    const Probe& probe = probes_.all()[i];
    shared_->probe = i;
    shared_->runs++;
    arm();
    const exec::Execution execution = Probes::run(probe);
    const std::string signature = Probes::wrong(probe, execution);
    if (digest_of(execution) != probe.digest) shared_->differ++;
    if (signature.empty()) continue;
    std::strncpy(shared_->signature, signature.c_str(), sizeof shared_->signature - 1);
    break;
  }
  shared_->ended = true;
  _exit(0);
}

// The CHECK that failed, without its place.
std::string Trial::last_words() const {
  char text[4096] = "";
  const ssize_t size = pread(said_, text, sizeof text - 1, 0);
  std::string_view words(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  words = words.substr(0, words.find('\n'));
  const std::size_t at = words.find(kCheckFailed);
  std::string said(at == std::string_view::npos ? words : words.substr(at));
  std::ranges::replace(said, '\t', ' ');
  return said;
}

bool Trial::interrupted(int status) {
  if (!WIFSIGNALED(status)) return false;
  const int signal = WTERMSIG(status);
  return signal == SIGTERM || signal == SIGINT || signal == SIGKILL || signal == SIGHUP;
}

Outcome Trial::outcome(int status) const {
  Outcome outcome{.runs = shared_->runs, .differ = shared_->differ, .signature = shared_->signature};
  if (outcome.runs != 0) {
    const Probe& probe = probes_.all()[shared_->probe];
    outcome.set = probes_.set(probe);
    outcome.number = probe.number;
  }
  if (shared_->ended) {
    outcome.verdict = outcome.runs == 0             ? Verdict::unreached
                      : outcome.signature.empty() ? Verdict::survived
                      : outcome.set == "corpus"   ? Verdict::corpus
                      : outcome.set == "sequential" ? Verdict::result
                                                    : Verdict::hunt;
  } else {
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    outcome.verdict = signal == SIGVTALRM ? Verdict::hang : Verdict::crash;
    outcome.signature = last_words();
    if (outcome.signature.empty()) outcome.signature = signal == 0 ? "exit" : strsignal(signal);
  }
  if (outcome.signature.empty()) outcome.signature = "-";
  return outcome;
}

}  // namespace daxfuzz::mutation
