// SPDX-License-Identifier: GPL-2.0-only
// fork(2), a pipe each, poll(2). See jobs.h.
#include "explore/jobs.h"

#include <poll.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

constexpr int kPollMilliseconds = 100;

// The child's own way: it ends here, and never runs what its parent would do at exit.
[[noreturn]] void give(int fd, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t wrote = write(fd, text.data() + at, text.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) _exit(1);
    at += static_cast<std::size_t>(wrote);
  }
  _exit(0);
}

}  // namespace

Jobs::~Jobs() { end_all(); }

bool Jobs::run(std::size_t count, std::size_t at_once, const std::function<bool()>& interrupted) {
  CHECK(at_once > 0 && children_.empty());
  dropped_.assign(count, false);
  for (std::size_t next = 0; next < count || !children_.empty();) {
    if (interrupted && interrupted()) {
      end_all();
      return false;
    }
    if (next < count && children_.size() < at_once) {
      if (!dropped_[next] && !start(next)) {
        end_all();
        return false;
      }
      next++;
    } else {
      read_some();
    }
  }
  return true;
}

bool Jobs::start(std::size_t piece) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    // Nobody would read what it finds.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(ends[0]);
    give(ends[1], work_(piece));
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return false;
  }
  children_.push_back({.piece = piece, .pid = pid, .fd = ends[0], .text = {}});
  return true;
}

void Jobs::read_some() {
  std::vector<pollfd> fds;
  for (const Child& child : children_) fds.push_back({.fd = child.fd, .events = POLLIN, .revents = 0});
  if (poll(fds.data(), fds.size(), kPollMilliseconds) <= 0) return;
  std::vector<Child> over;
  for (const pollfd& fd : fds) {
    if (fd.revents == 0) continue;
    const auto child = std::ranges::find(children_, fd.fd, &Child::fd);
    CHECK(child != children_.end());
    char bytes[65536];
    const ssize_t got = read(fd.fd, bytes, sizeof bytes);
    if (got > 0) {
      child->text.append(bytes, static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      over.push_back(std::move(*child));
      children_.erase(child);
    }
  }
  for (Child& child : over) {
    const bool whole = reap(child);
    if (dropped_[child.piece]) continue;
    ended_(child.piece, whole ? std::optional(std::move(child.text)) : std::nullopt);
  }
}

void Jobs::drop(std::size_t piece) {
  CHECK(piece < dropped_.size());
  dropped_[piece] = true;
  const auto child = std::ranges::find(children_, piece, &Child::piece);
  if (child == children_.end()) return;
  kill(child->pid, SIGKILL);
  reap(*child);
  children_.erase(child);
}

void Jobs::end_all() {
  for (Child& child : children_) {
    kill(child.pid, SIGKILL);
    reap(child);
  }
  children_.clear();
}

bool Jobs::reap(Child& child) {
  close(child.fd);
  int status = 0;
  pid_t got;
  do got = waitpid(child.pid, &status, 0);
  while (got < 0 && errno == EINTR);
  return got == child.pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace daxfuzz::explore
