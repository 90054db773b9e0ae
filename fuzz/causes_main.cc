// SPDX-License-Identifier: GPL-2.0-only
// causes FILE...: of each trace its verdict; and of what is left of it when it is minimised, each
// change of one switch of its protocol with which it passes. For the files that campaign keeps:
// which rule makes the difference. A program of one thread runs the same way under another
// rule; of more, its schedule is followed by labels, and a pass may be another interleaving's.
//
//   causes out/legacy60-stale-entry-in-dax_insert_entry.daxt
//
// Exit code 0 whatever is found, 5 if a file is no trace. Read next: fuzz/campaign_main.cc.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "exec/execute.h"
#include "exec/minimize.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;

trace::Program with(trace::Program program, trace::Setting setting) {
  std::erase_if(program.settings, [&](const trace::Setting& s) { return s.id == setting.id; });
  program.settings.push_back(setting);
  return program;
}

// "cow_write=drops, share=magic_0x1"; empty if no single change helps.
std::string cures(const trace::Program& program) {
  std::string found;
  for (std::size_t id = 0; id < trace::switch_count(); id++) {
    if (static_cast<trace::SwitchId>(id) == trace::SwitchId::memory) continue;  // the machine's, no kernel's
    for (std::size_t value = 0; value < trace::value_count(static_cast<trace::SwitchId>(id)); value++) {
      const trace::Setting setting{.id = static_cast<trace::SwitchId>(id),
                                   .value = static_cast<std::uint8_t>(value)};
      if (exec::execute(with(program, setting), {.lenient = true}).failed()) continue;
      if (!found.empty()) found += ", ";
      found += std::string(trace::info(setting.id).name) + "=";
      found += trace::value_name(setting.id, setting.value);
    }
  }
  return found;
}

int tell(const char* path) {
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto parsed = trace::parse(text, path);
  if (!in || !parsed) {
    const std::string wrong = in ? parsed.error().str() : std::string(path) + ": cannot be read";
    std::fprintf(stderr, "causes: %s\n", wrong.c_str());
    return 5;
  }
  const trace::Program& program = parsed->trace.program;
  const exec::Execution execution = exec::execute(program, {.lenient = true});
  std::printf("%s  %s", std::string(trace::name(program.protocol)).c_str(), execution.signature().c_str());
  if (execution.failed()) {
    // The schedule may not fit a patched model step by step: minimised is what it came to here.
    const bool written = !execution.segments.empty();
    const trace::Program ran = written ? exec::with_schedule(program, execution) : program;
    const exec::Minimized least =
        exec::minimize(ran, [](const trace::Program& p, const exec::Options& o) { return exec::execute(p, o); });
    const std::string found = cures(least.program);
    std::printf("  %zu ops  %s", least.program.ops.size(), found.empty() ? "no single switch" : found.c_str());
  }
  std::printf("\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: causes FILE...\n");
    return 2;
  }
  int status = 0;
  for (int i = 1; i < argc; i++)
    if (const int code = tell(argv[i]); code != 0) status = code;
  return status;
}
