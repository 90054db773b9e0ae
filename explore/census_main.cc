// SPDX-License-Identifier: GPL-2.0-only
// census [FLAGS]: all programs of a small size under all schedules (census.h), a line for
// each rule that some of them breaks. Exit code 0 if none does and all were searched to
// the end, 1 if one does, 3 if one was not.
//
//   census --ops=1 --protocol=upstream
//   census --ops=2 --jobs=2                                   # on two cores
//   census --ops=2 --part=0/2 & census --ops=2 --part=1/2     # on two machines
//
//   --budget=N  at most so many executions a program (default 200000)
//   --jobs=N    so many processes at once
//   --out=DIR   the first program of each line as DIR/NUMBER.daxt
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "explore/census.h"
#include "explore/jobs.h"
#include "trace/number.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;

std::optional<trace::ProtocolId> protocol_named(std::string_view name) {
  for (std::size_t id = 0; id < trace::protocol_count(); id++)
    if (trace::name(static_cast<trace::ProtocolId>(id)) == name) return static_cast<trace::ProtocolId>(id);
  return std::nullopt;
}

int usage() {
  std::fprintf(stderr, "usage: census [--protocol=NAME] [--ops=N] [--part=I/N] [--jobs=N] [--budget=N] [--out=DIR]\n");
  return 2;
}

// The census of a part, itself in parts if there are jobs; false if a process died.
bool count_all(const explore::Space& space, const explore::ProgramLimits& limits, std::uint64_t part,
               std::uint64_t parts, std::size_t jobs, explore::Census& all) {
  const auto progress = [](const explore::Census& so_far) {
    if (so_far.programs % 1000 == 0)
      std::fprintf(stderr, "%llu programs, %llu executions\n", static_cast<unsigned long long>(so_far.programs),
                   static_cast<unsigned long long>(so_far.executions));
    return true;
  };
  if (jobs == 1) {
    all = explore::census(space, limits, part, parts, progress);
    return true;
  }
  bool whole = true;
  explore::Jobs pieces(
      [&](std::size_t piece) {
        return explore::text(explore::census(space, limits, part + parts * piece, parts * jobs, progress));
      },
      [&](std::size_t, const std::optional<std::string>& text) {
        const auto census = text ? explore::parse_census(*text) : std::nullopt;
        whole = whole && census;
        if (census) explore::merge(all, *census);
      });
  return pieces.run(jobs, jobs) && whole;
}

unsigned long long count(std::uint64_t number) { return number; }

}  // namespace

int main(int argc, char** argv) {
  std::string protocol = "upstream", out;
  std::uint64_t ops = 1, part = 0, parts = 1, budget = 200'000, jobs = 1;
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
    } else if (flag == "--jobs") {
      if (!trace::parse_number(value, jobs)) return usage();
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
  if (!id || ops < 1 || ops > 3 || part >= parts || budget == 0 || jobs - 1 >= 256) return usage();

  const explore::Space space = explore::one_page(*id, static_cast<std::uint32_t>(ops));
  explore::ProgramLimits limits;
  limits.executions = budget;
  explore::Census all;
  const bool whole = count_all(space, limits, part, parts, jobs, all);
  int number = 0;
  for (const auto& [signature, violated] : all.violated) {
    std::printf("%6llu  %s\n", count(violated.programs), signature.c_str());
    if (out.empty()) continue;
    trace::Trace trace;
    trace.program = explore::example(space, limits, violated);
    trace::set_header(trace, "verdict", "FAIL " + signature);
    std::ofstream(out + "/" + std::to_string(number++) + ".daxt") << trace::print(trace);
  }
  std::printf("%s, 2 threads of %llu ops out of %zu after %zu: %llu programs, %llu searched to the end, "
              "%llu executions, %llu states: %s\n",
              protocol.c_str(), count(ops), space.alphabet.size(), space.set_up.size(), count(all.programs),
              count(all.complete), count(all.executions), count(all.states),
              !all.violated.empty()           ? "rules are broken"
              : !whole                       ? "not all, a process died"
              : all.complete == all.programs ? "no schedule of any violates anything"
                                              : "none was seen to violate anything");
  if (!all.violated.empty()) return 1;
  return whole && all.complete == all.programs ? 0 : 3;
}
