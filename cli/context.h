// SPDX-License-Identifier: GPL-2.0-only
// What a verb needs of the world: where results and progress go, the executor, the
// files. main() fills it with the real ones, tests with their own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/syscalls.h"
#include "exec/execute.h"
#include "exec/minimize.h"

namespace daxfuzz::cli {

struct Context {
  std::function<void(std::string_view)> out;  // stdout
  std::function<void(std::string_view)> err;  // stderr
  std::function<exec::Execution(const trace::Program&, const exec::Options&)> execute;
  std::function<exec::Minimized(const trace::Program&, const exec::Runner&, std::uint64_t)>
      minimize;
  // The edges of the code that inputs take: cli/corpus_edges.h. Null: the target beside the program is asked.
  std::function<std::vector<std::optional<std::vector<std::uint64_t>>>(const std::vector<std::string>&)> edges;
  std::function<bool()> interrupted = [] { return false; };  // by SIGINT or SIGTERM
  Syscalls* sys = &real_syscalls();
  std::string program_path;  // of the running binary, links resolved
  bool out_is_tty = false;
  bool err_is_tty = false;
  bool quiet = false;

  // A result: stdout. A problem: stderr. A note: stderr unless --quiet. A
  // stranger's bytes in any of them reach no terminal.
  void result(std::string_view text) const { out(clean(text)); }
  void problem(std::string_view text) const { err(clean(text)); }
  void note(std::string_view text) const {
    if (!quiet) err(clean(text));
  }

  // Printable ASCII and line feeds; other bytes become '?'.
  static std::string clean(std::string_view text) {
    std::string out(text);
    for (char& c : out)
      if ((c < ' ' || c > '~') && c != '\n') c = '?';
    return out;
  }
};

}  // namespace daxfuzz::cli
