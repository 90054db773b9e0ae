// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz doctor: what of the machine and the build matters to a campaign, one line
// each. Code 3 only for what is needed; the rest is for reading.
#include <sys/personality.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/exit_code.h"
#include "cli/store.h"
#include "cli/target.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "report/json_writer.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kDiskMinMb = 64;

struct Check {
  enum class State { good, note, bad } state;
  std::string name, value;
};

// The program's path as a shell would find it, "" if it does not.
std::string on_path(const char* program) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "" : path, ':')) {
    const std::string file = folder + "/" + program;
    if (!folder.empty() && access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

// The first line of a small file of the kernel's, or why there is none.
std::string first_line(Syscalls& sys, const char* path) {
  const auto text = read_file(sys, path, 4096);
  return text ? text->substr(0, text->find('\n')) : text.error().str();
}

Check tool(const char* program, const char* what_for) {
  const std::string path = on_path(program);
  if (path.empty())
    return {Check::State::note, program, std::string("not found; needed to ") + what_for};
  return {Check::State::good, program, path};
}

Check target(const Args& args, const Context& context) {
  std::vector<std::string> tried;
  const std::string path =
      find_target(context.program_path, args.get("target-dir"), "interleaving_fuzz_test_libfuzzer",
                  tried);
  if (path.empty())
    return {Check::State::bad, "target",
            "not found; bazel build //fuzz:interleaving_fuzz_test_libfuzzer"};
  return {Check::State::good, "target", std::filesystem::path(path).lexically_normal().string()};
}

Check disk(const std::string& folder) {
  struct statvfs info{};
  if (statvfs(folder.c_str(), &info) != 0 && statvfs(".", &info) != 0)
    return {Check::State::bad, "disk", "cannot be asked"};
  const std::uint64_t free_mb = info.f_bavail * info.f_frsize >> 20;
  return {free_mb < kDiskMinMb ? Check::State::bad : Check::State::good, "disk",
          std::to_string(free_mb) + " MB free, " + std::to_string(kDiskMinMb) + " needed"};
}

Check core_pattern(Syscalls& sys) {
  const std::string pattern = first_line(sys, "/proc/sys/kernel/core_pattern");
  const bool piped = pattern.starts_with('|');
  return {piped ? Check::State::note : Check::State::good, "core_pattern",
          pattern + (piped ? "; AFL++ wants no pipe here" : "")};
}

Check aslr(Syscalls& sys) {
  const bool off = (personality(0xffffffff) & ADDR_NO_RANDOMIZE) != 0;
  const std::string bits = first_line(sys, "/proc/sys/vm/mmap_rnd_bits");
  const auto count = parse_count(bits, 64);
  const bool many = count && *count > 30;
  return {many ? Check::State::note : Check::State::good, "aslr",
          bits + " bits" + (off ? ", off for this process" : "") +
              (many ? "; sanitizers may want 28" : "")};
}

Check ptrace_scope(Syscalls& sys) {
  const auto text = read_file(sys, "/proc/sys/kernel/yama/ptrace_scope", 64);
  const std::string scope = text ? text->substr(0, text->find('\n')) : "no yama: allowed";
  return {scope == "3" ? Check::State::note : Check::State::good, "ptrace",
          scope + (scope == "3" ? "; LeakSanitizer cannot work" : "")};
}

}  // namespace

int doctor(const Args& args, Context& context) {
  Syscalls& sys = *context.sys;
  const std::vector<Check> checks = {
      {Check::State::good, "build", tool_line()},
      tool("clang++-19", "build"),
      tool("bazel", "build"),
      target(args, context),
      disk(args.get("out", ".")),
      core_pattern(sys),
      aslr(sys),
      ptrace_scope(sys),
  };
  int code = kNothingFound;
  report::JsonWriter list('[');
  std::string text;
  for (const Check& check : checks) {
    const char* state = check.state == Check::State::good   ? "ok"
                        : check.state == Check::State::note ? "note"
                                                            : "BAD";
    if (check.state == Check::State::bad) code = kEnvironment;
    text += std::string(state) + std::string(6 - std::string_view(state).size(), ' ') + check.name +
            std::string(14 - check.name.size(), ' ') + check.value + "\n";
    list.item(report::JsonWriter('{')
                  .text("name", check.name)
                  .text("state", state)
                  .text("value", check.value)
                  .done());
  }
  if (args.has("json")) {
    context.result(report::JsonWriter('{')
                       .text("schema", "daxfuzz.doctor/1")
                       .number("exit", code)
                       .member("checks", list.done())
                       .done() +
                   "\n");
  } else {
    context.result(text + (code == kNothingFound
                               ? "next: daxfuzz fuzz interleaving --budget=60s\n"
                               : "next: mend what is BAD, then daxfuzz doctor again\n"));
  }
  return code;
}

}  // namespace daxfuzz::cli
