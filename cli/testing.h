// SPDX-License-Identifier: GPL-2.0-only
// For tests of verbs: a context with an executor of its own, streams as strings
// and a folder that goes away. The executor knows one rule: under v1 a program
// with a `punch` fails; it follows no model.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/verbs.h"

namespace daxfuzz::cli {

inline constexpr const char* kSignature = "freed-block-pinned in xfs_free_extent";

struct Bench {
  Context context;
  std::string out, err, folder;
  std::uint64_t executions = 0;
  trace::Program last;  // what was executed last, and how
  exec::Options last_options;
  std::uint64_t differs_at = 0;  // this execution and those after it get another digest

  Bench() {
    const char* base = std::getenv("TEST_TMPDIR");
    folder = std::string(base != nullptr ? base : "/tmp") + "/cli-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    context.out = [this](std::string_view text) { out += text; };
    context.err = [this](std::string_view text) { err += text; };
    context.execute = [this](const trace::Program& p, const exec::Options& o) {
      return execute(p, o);
    };
    context.minimize = [](const trace::Program& p, const exec::Runner& run, std::uint64_t) {
      exec::Minimized small{.program = p, .execution = {}, .executions = 2, .complete = true};
      while (small.program.ops.size() > 1) {
        trace::Program less = small.program;
        less.ops.erase(less.ops.begin());
        if (!run(less, {}).failed()) break;
        small.program = less;
      }
      small.execution = run(small.program, {});
      return small;
    };
    context.program_path = folder + "/bin/daxfuzz";
  }
  ~Bench() { std::filesystem::remove_all(folder); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  int run(const std::vector<std::string>& words) {
    out.clear();
    err.clear();
    return cli::run(words, context);
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(folder + "/" + folder_part(name));
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
    return folder + "/" + name;
  }
  [[nodiscard]] std::string read(const std::string& path) const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  static std::string folder_part(const std::string& name) {
    const std::size_t slash = name.rfind('/');
    return slash == std::string::npos ? "" : name.substr(0, slash);
  }

  exec::Execution execute(const trace::Program& program, const exec::Options& options) {
    ++executions;
    last = program;
    last_options = options;
    exec::Execution run;
    run.results.assign(program.ops.size(), 0);
    run.segments = {{0, 3, ""}};
    run.steps = 3;
    for (const trace::Op& op : program.ops) {
      if (op.code != trace::OpCode::punch || program.protocol != trace::ProtocolId::v1) continue;
      run.verdict = exec::Verdict::invariant;
      run.finding = {.id = "freed-block-pinned",
                     .function = "xfs_free_extent",
                     .rule = "r",
                     .citation = "c",
                     .value = "v",
                     .waits = {},
                     .pfn = 3,
                     .step = 3,
                     .task = 0};
    }
    const bool differs = differs_at != 0 && executions >= differs_at;
    run.digest = 0x1000 + static_cast<std::uint64_t>(program.protocol) + (differs ? executions : 0);
    if (options.keep_events)
      run.events = {{1, 0, sched::EventKind::note, "same", 0, 0, 0},
                    {3, 0, sched::EventKind::note, "here",
                     differs ? static_cast<std::int64_t>(executions) : 0, 0, 0}};
    return run;
  }
};

inline const std::string kTrace =
    "daxt 1\nprotocol v1\ngeometry files=1 blocks=4 pmd_order=1 mms=1\nT0: fsync a\nT0: punch a+0 "
    "len=1\nschedule T0*3\n";

}  // namespace daxfuzz::cli
