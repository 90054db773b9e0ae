// SPDX-License-Identifier: GPL-2.0-only
// campaign: runs a counted number of programs that a seed alone determines, without an
// engine, and tells which signatures they end with. What a coverage-guided fuzzer reaches
// depends on its build; this does not. Findings are not stored durably: the first program of each signature goes to
// --out as text, for daxfuzz minimize and show.
//
//   campaign --protocol=upstream --threads=1 --ops=64 --executions=1000000 --seed=1 --out=DIR
//
// --schedules=pct runs each by priorities of a depth from 1 to 4 (sched/choice_pct.h) instead of uniformly, which
// has a bound on what is missed. Lines that begin with "worth: " say what it is worth that nothing else was
// found (report/worth.h).
//
// Exit code 1 if a program failed, 2 on usage. Read next: fuzz/draw.h (how programs are drawn).
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "exec/execute.h"
#include "exec/set_up.h"
#include "fuzz/draw.h"
#include "fuzz/random.h"
#include "report/worth.h"
#include "sched/choice_pct.h"
#include "trace/number.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;

constexpr std::uint32_t kDepths = 4;
constexpr std::uint64_t kStepsFirst = 1000;

struct Settings {
  fuzz::Draw draw;
  std::uint64_t executions = 10000, seed = 1;
  std::string out;
  bool pct = false;
};

void keep(const Settings& settings, const std::string& signature, const exec::Execution& execution,
          trace::Program program) {
  if (settings.out.empty()) return;
  std::string name = std::string(trace::name(program.protocol)) + "-" + signature;
  for (char& c : name)
    if (c == ' ') c = '-';
  trace::Trace found{.program = exec::with_schedule(std::move(program), execution),
                     .digest = execution.digest,
                     .comments = {}};
  trace::set_header(found, "verdict", "FAIL " + signature);
  std::ofstream(settings.out + "/" + name + ".daxt") << trace::print(found);
}

int run(const Settings& settings) {
  fuzz::Random random(settings.seed);
  std::map<std::string, std::uint64_t> seen;
  std::uint64_t failed = 0, steps = 0;
  report::Worth worth;
  for (std::uint64_t i = 0; i < settings.executions; i++) {
    const trace::Program program = fuzz::drawn(settings.draw, random);
    std::optional<sched::PctChoice> choices;
    exec::Options options;
    // The bound is of runs that are no longer than was told: twice as long as those before, on average.
    const std::uint64_t told = i == 0 ? kStepsFirst : 2 * steps / i + 1;
    const auto depth = settings.pct ? 1 + random.number_below<std::uint32_t>(kDepths) : 0;
    std::optional<exec::SetUpFirst> after_set_up;
    if (settings.pct) {
      choices.emplace(program.schedule.seed, depth, told);
      options.choices = &after_set_up.emplace(*choices, program.schedule.set_up);
    }
    const exec::Execution execution = exec::execute(program, options);
    steps += execution.steps;
    if (settings.pct) worth.ran(program, execution, told, depth);
    else worth.ran(program, execution);
    if (!execution.failed()) continue;
    failed++;
    const std::string signature = execution.signature();
    std::uint64_t& count = seen[std::string(trace::name(program.protocol)) + "  " + signature];
    if (count++ == 0) keep(settings, signature, execution, program);
  }
  for (const auto& [name, count] : seen)
    std::printf("%8llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  std::printf("%llu of %llu programs failed\n", static_cast<unsigned long long>(failed),
              static_cast<unsigned long long>(settings.executions));
  std::fputs(worth.text().c_str(), stdout);
  return failed == 0 ? 0 : 1;
}

bool argument(std::string_view text, Settings& settings) {
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--out") settings.out = value;
  else if (key == "--threads")
    return trace::parse_number(value, settings.draw.threads) && settings.draw.threads - 1 < trace::kThreadsMax;
  else if (key == "--ops") return trace::parse_number(value, settings.draw.ops) &&
           settings.draw.ops - 1 < trace::kOpsMax;
  else if (key == "--executions") return trace::parse_number(value, settings.executions);
  else if (key == "--seed") return trace::parse_number(value, settings.seed);
  else if (key == "--pmd-order") return trace::parse_number(value, settings.draw.pmd_order);
  else if (key == "--schedules") {
    settings.pct = value == "pct";
    return settings.pct || value == "random";
  } else if (key == "--protocol") {
    settings.draw.protocol = trace::protocol_named(value);
    return settings.draw.protocol.has_value() || value == "all";
  } else return false;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; i++) {
    if (argument(argv[i], settings)) continue;
    std::fprintf(stderr,
                 "campaign: expected --protocol=NAME|all --threads=1..4 --ops=1..64 --executions=N "
                 "--seed=N --pmd-order=N --schedules=random|pct --out=DIR, found '%s'\n",
                 argv[i]);
    return 2;
  }
  return run(settings);
}
