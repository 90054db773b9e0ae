// SPDX-License-Identifier: GPL-2.0-only
// main(): the process around the command. Signals, streams, the folder that the
// user stood in. The command itself: verbs.h.
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>

#include "cli/exit_code.h"
#include "cli/verbs.h"
#include "exec/execute.h"
#include "exec/minimize.h"

namespace {

using namespace daxfuzz;

volatile std::sig_atomic_t g_interrupted = 0;

void interrupt(int) {
  // The second one means it: nothing that was announced is lost by that.
  if (g_interrupted != 0) _exit(cli::kInterrupted);
  g_interrupted = 1;
}

void handle_signals() {
  // A reader that left (head) ends the output, not a campaign.
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction action{};
  action.sa_handler = interrupt;  // no SA_RESTART: poll() must return
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// Writes all, or remembers that it could not. A closed pipe is the reader's
// choice and no error.
class Stream {
 public:
  explicit Stream(int fd) : fd_(fd) {}
  void write(std::string_view text) {
    while (!text.empty() && !closed_) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        closed_ = true;
        broken_ = errno != EPIPE;
        return;
      }
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  int fd_;
  bool closed_ = false, broken_ = false;
};

std::string own_path() {
  char buffer[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", buffer, sizeof buffer);
  return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : "./daxfuzz";
}

}  // namespace

int main(int argc, char** argv) {
  handle_signals();
  Stream out(STDOUT_FILENO), err(STDERR_FILENO);
  cli::Context context;
  context.program_path = own_path();
  // `bazel run` starts programs in its own folder; paths are meant from the user's.
  if (const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
      folder != nullptr && chdir(folder) != 0) {
    err.write(std::string("daxfuzz: cannot change to BUILD_WORKING_DIRECTORY ") + folder + "\n");
    return cli::kEnvironment;
  }
  context.out = [&](std::string_view text) { out.write(text); };
  context.err = [&](std::string_view text) { err.write(text); };
  context.execute = [](const trace::Program& program, const exec::Options& options) {
    return exec::execute(program, options);
  };
  context.minimize = [](const trace::Program& program, const exec::Runner& run,
                        std::uint64_t budget) { return exec::minimize(program, run, budget); };
  context.interrupted = [] { return g_interrupted != 0; };
  context.out_is_tty = isatty(STDOUT_FILENO) == 1;
  context.err_is_tty = isatty(STDERR_FILENO) == 1;
  const std::vector<std::string> words(argv + 1, argv + argc);
  const int code = cli::run(words, context);
  if (out.broken()) {
    err.write("daxfuzz: stdout: the results could not be written\n");
    return cli::kEnvironment;
  }
  return code;
}
