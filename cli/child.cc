// SPDX-License-Identifier: GPL-2.0-only
// fork, exec, poll. See child.h. Between fork and exec only async-signal-safe
// calls are made, so everything they need is made before.
#include "cli/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace daxfuzz::cli {
namespace {

constexpr int kTickMs = 250;
constexpr std::int64_t kGraceSeconds = 5;

std::int64_t seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

// Our environment with the child's own entries instead of ours of the same name.
std::vector<std::string> merged_environment(const std::vector<std::string>& own) {
  std::vector<std::string> out = own;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('=') + 1);
    if (name.starts_with("DAXFUZZ_")) continue;  // what we ask of the child is said whole, by us
    if (std::ranges::none_of(own, [&](const std::string& o) { return o.starts_with(name); }))
      out.emplace_back(text);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& s : strings) out.push_back(s.data());
  out.push_back(nullptr);
  return out;
}

[[noreturn]] void become(const char* path, char** argv, char** envp, int err_fd, int findings_fd,
                         pid_t parent) {
  setpgid(0, 0);  // a Ctrl-C at the terminal is ours to pass on
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  for (int signal : {SIGINT, SIGTERM, SIGPIPE}) std::signal(signal, SIG_DFL);
  // Away from the numbers that are about to be given out.
  const int err = fcntl(err_fd, F_DUPFD, 10), findings = fcntl(findings_fd, F_DUPFD, 10);
  dup2(err, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  dup2(findings, kFindingsFd);
  ::close(err);
  ::close(findings);
  execve(path, argv, envp);
  _exit(127);
}

class Running {
 public:
  Running(pid_t pid, int err, int findings, const ChildSpec& spec, const ChildEvents& events)
      : pid_(pid),
        fds_{{{err, POLLIN, 0}, {findings, POLLIN, 0}}},
        spec_(&spec),
        events_(&events),
        started_(seconds_now()) {}

  [[nodiscard]] bool open() const { return fds_[0].fd >= 0 || fds_[1].fd >= 0; }
  std::array<pollfd, 2>& fds() { return fds_; }
  void read_some() {
    drain(0, events_->on_stderr);
    drain(1, events_->on_finding_bytes);
  }
  void signals() {
    const std::int64_t now = seconds_now();
    if (events_->interrupted() && asked_ < 0) {
      kill(pid_, SIGINT);
      asked_ = now;
    }
    const bool too_long =
        spec_->seconds_max != 0 && now - started_ > static_cast<std::int64_t>(spec_->seconds_max);
    if (!killed_ && (too_long || (asked_ >= 0 && now - asked_ > kGraceSeconds))) {
      kill(-pid_, SIGKILL);
      killed_ = true;
    }
  }

  void kill_all() const { kill(-pid_, SIGKILL); }
  int to_its_end() const {
    int status = 0;
    while (waitpid(pid_, &status, 0) == -1 && errno == EINTR) {
    }
    return status;
  }

 private:
  void drain(std::size_t i, const std::function<void(std::string_view)>& take) {
    if (fds_[i].fd < 0 || fds_[i].revents == 0) return;
    char buffer[65536];
    const ssize_t n = ::read(fds_[i].fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) return;
    if (n > 0) return take({buffer, static_cast<std::size_t>(n)});
    ::close(fds_[i].fd);
    fds_[i].fd = -1;  // poll() passes over it
  }

  pid_t pid_;
  std::array<pollfd, 2> fds_;
  const ChildSpec* spec_;
  const ChildEvents* events_;
  std::int64_t started_, asked_ = -1;
  bool killed_ = false;
};

std::expected<Running, StoreError> start(const ChildSpec& spec, const ChildEvents& events) {
  const auto failed = [&](const char* call) {
    return std::unexpected(StoreError{spec.path, call, errno});
  };
  if (access(spec.path.c_str(), X_OK) != 0) return failed("access");
  std::vector<std::string> arguments = spec.arguments,
                           environment = merged_environment(spec.environment);
  arguments.insert(arguments.begin(), spec.path);
  std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
  int err[2], findings[2];
  if (pipe2(err, O_CLOEXEC) != 0) return failed("pipe2");
  if (pipe2(findings, O_CLOEXEC) != 0) {
    ::close(err[0]), ::close(err[1]);
    return failed("pipe2");
  }
  const pid_t parent = getpid(), pid = fork();
  if (pid == 0) become(spec.path.c_str(), argv.data(), envp.data(), err[1], findings[1], parent);
  const int fork_error = errno;
  ::close(err[1]);
  ::close(findings[1]);
  if (pid < 0) {
    ::close(err[0]), ::close(findings[0]);
    errno = fork_error;
    return failed("fork");
  }
  return Running(pid, err[0], findings[0], spec, events);
}

}  // namespace

std::expected<std::vector<int>, StoreError> run_children(const std::vector<ChildSpec>& specs,
                                                         const std::vector<ChildEvents>& events) {
  std::vector<Running> running;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto started = start(specs[i], events[i]);
    if (!started) {
      for (const Running& other : running) other.kill_all();
      for (const Running& other : running) (void)other.to_its_end();
      return std::unexpected(started.error());
    }
    running.push_back(std::move(*started));
  }
  while (std::ranges::any_of(running, &Running::open)) {
    std::vector<pollfd> fds;
    for (Running& one : running) fds.insert(fds.end(), one.fds().begin(), one.fds().end());
    const int ready = poll(fds.data(), fds.size(), kTickMs);
    for (std::size_t i = 0; i < running.size(); ++i) {
      for (std::size_t k = 0; k < 2; ++k) running[i].fds()[k].revents = ready > 0 ? fds[2 * i + k].revents : short{0};
      running[i].read_some();
    }
    if (!events.empty()) events.front().on_tick();
    for (Running& one : running) one.signals();
  }
  std::vector<int> statuses;
  for (const Running& one : running) statuses.push_back(one.to_its_end());
  return statuses;
}

std::expected<int, StoreError> run_child(const ChildSpec& spec, const ChildEvents& events) {
  const auto statuses = run_children({spec}, {events});
  if (!statuses) return std::unexpected(statuses.error());
  return statuses->front();
}

}  // namespace daxfuzz::cli
