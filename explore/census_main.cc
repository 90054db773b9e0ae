// SPDX-License-Identifier: GPL-2.0-only
// census [FLAGS]: all programs of a small size under all schedules (census.h), a line for
// each rule that some of them breaks. Exit code 0 if none does and all were searched to
// the end, 1 if one does, 3 if one was not.
//
//   census --ops=1 --protocol=upstream
//   census --ops=2 --part=0/2 & census --ops=2 --part=1/2     # on two cores
//
//   --budget=N  at most so many executions a program (default 200000)
//   --out=DIR   the first program of each line as DIR/NUMBER.daxt
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "explore/census.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;

std::optional<trace::ProtocolId> protocol_named(std::string_view name) {
  for (std::size_t id = 0; id < trace::protocol_count(); id++)
    if (trace::name(static_cast<trace::ProtocolId>(id)) == name) return static_cast<trace::ProtocolId>(id);
  return std::nullopt;
}

int usage() {
  std::fprintf(stderr, "usage: census [--protocol=NAME] [--ops=N] [--part=I/N] [--budget=N] [--out=DIR]\n");
  return 2;
}

unsigned long long count(std::uint64_t number) { return number; }

}  // namespace

int main(int argc, char** argv) {
  std::string protocol = "upstream", out;
  std::uint64_t ops = 1, part = 0, parts = 1, budget = 200'000;
  for (int i = 1; i < argc; i++) {
    const std::string_view word = argv[i];
    const std::size_t equals = word.find('=');
    if (equals == word.npos) return usage();
    const std::string flag(word.substr(0, equals)), value(word.substr(equals + 1));
    char* end = nullptr;
    if (flag == "--protocol") {
      protocol = value;
    } else if (flag == "--out") {
      out = value;
    } else if (flag == "--ops") {
      ops = std::strtoull(value.c_str(), &end, 10);
    } else if (flag == "--budget") {
      budget = std::strtoull(value.c_str(), &end, 10);
    } else if (flag == "--part") {
      part = std::strtoull(value.c_str(), &end, 10);
      if (*end != '/') return usage();
      parts = std::strtoull(end + 1, &end, 10);
    } else {
      return usage();
    }
    if (end != nullptr && *end != 0) return usage();
  }
  const auto id = protocol_named(protocol);
  if (!id || ops < 1 || ops > 3 || part >= parts || budget == 0) return usage();

  const explore::Space space = explore::one_page(*id, static_cast<std::uint32_t>(ops));
  explore::ProgramLimits limits;
  limits.executions = budget;
  const explore::Census all = explore::census(space, limits, part, parts, [](const explore::Census& so_far) {
    if (so_far.programs % 1000 == 0)
      std::fprintf(stderr, "%llu programs, %llu executions\n", count(so_far.programs), count(so_far.executions));
    return true;
  });
  int number = 0;
  for (const auto& [signature, violated] : all.violated) {
    std::printf("%6llu  %s\n", count(violated.programs), signature.c_str());
    if (out.empty()) continue;
    trace::Trace trace;
    trace.program = violated.first;
    trace::set_header(trace, "verdict", "FAIL " + signature);
    std::ofstream(out + "/" + std::to_string(number++) + ".daxt") << trace::print(trace);
  }
  std::printf("%s, 2 threads of %llu ops out of %zu after %zu: %llu programs, %llu searched to the end, "
              "%llu executions, %llu states: %s\n",
              protocol.c_str(), count(ops), space.alphabet.size(), space.set_up.size(), count(all.programs),
              count(all.complete), count(all.executions), count(all.states),
              !all.violated.empty()           ? "rules are broken"
              : all.complete == all.programs ? "no schedule of any violates anything"
                                              : "none was seen to violate anything");
  if (!all.violated.empty()) return 1;
  return all.complete == all.programs ? 0 : 3;
}
