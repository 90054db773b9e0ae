// SPDX-License-Identifier: GPL-2.0-only
// campaign: runs a counted number of programs that a seed alone determines, without an
// engine, and tells which signatures they end with. What a coverage-guided fuzzer reaches
// depends on its build; this does not. Findings are not stored durably: the first program of each signature goes to
// --out as text, for daxfuzz minimize and show.
//
//   campaign --protocol=upstream --threads=1 --ops=64 --executions=1000000 --seed=1 --out=DIR
//
// --schedules=pct runs each by priorities of a depth from 1 to 4 (sched/choice_pct.h) instead of uniformly, which
// has a bound on what is missed; --schedules=portfolio runs each nine times, by all strategies in turn
// (sched/strategy.h). Lines that begin with "worth: " say what it is worth that nothing else was
// found (report/worth.h).
//
// Under `daxfuzz fuzz --engine=random|pct|portfolio`, which sets DAXFUZZ_FINDINGS_FD (environment.h), findings go to
// the pipe, progress to stderr as libFuzzer's does, and the exit code is 0. --seconds=N ends it by the clock.
//
// Exit code 1 if a program failed, 2 on usage. Read next: fuzz/draw.h (how programs are drawn).
#include <chrono>
#include <csignal>
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
#include "fuzz/environment.h"
#include "fuzz/finding_stream.h"
#include "fuzz/random.h"
#include "report/worth.h"
#include "sched/choice_pct.h"
#include "sched/strategy.h"
#include "trace/number.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;

constexpr std::uint32_t kDepths = 4;
constexpr std::uint64_t kStepsFirst = 1000;

struct Settings {
  fuzz::Draw draw;
  std::uint64_t executions = 10000, seed = 1;
  std::uint64_t seconds = 0;  // 0: no matter
  std::string out;
  bool pct = false, portfolio = false;
};

volatile std::sig_atomic_t g_interrupted = 0;

// What daxfuzz fuzz reads: findings, and lines of progress as libFuzzer writes them.
class Told {
 public:
  Told(const fuzz::Environment& environment, const std::string& found_by) : stream_(environment, found_by) {}
  void found(const trace::Program& program, const exec::Execution& execution) {
    stream_.found(program.protocol, execution.signature(), [&] {
      trace::Program written = exec::with_schedule(program, execution);
      if (!trace::valid(written)) written = program;
      return trace::Trace{.program = written, .digest = execution.digest, .comments = {}};
    });
  }
  void ran(std::uint64_t executions) {
    using std::chrono::steady_clock;
    if (executions % kLook != 0) return;
    const auto now = steady_clock::now();
    if (now - last_ < std::chrono::seconds(1)) return;
    last_ = now;
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - start_).count();
    std::fprintf(stderr, "#%llu\tpulse  exec/s: %llu rss: 0Mb\n", static_cast<unsigned long long>(executions),
                 static_cast<unsigned long long>(executions / static_cast<std::uint64_t>(passed > 0 ? passed : 1)));
  }
  [[nodiscard]] bool over(std::uint64_t seconds) const {
    const auto passed = std::chrono::steady_clock::now() - start_;
    return g_interrupted != 0 || (seconds != 0 && passed >= std::chrono::seconds(seconds));
  }

 private:
  static constexpr std::uint64_t kLook = 64;
  fuzz::FindingStream stream_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_ = start_;
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

class Campaign {
 public:
  explicit Campaign(const Settings& settings) : settings_(settings), random_(settings.seed) {
    environment_ = fuzz::environment_or_exit();
    if (!environment_.findings_fd) return;
    const char* schedules = settings.pct ? "pct" : settings.portfolio ? "portfolio" : "random";
    told_.emplace(environment_, std::string("campaign ") + schedules + ", seed " + std::to_string(settings.seed));
    std::signal(SIGINT, [](int) { g_interrupted = 1; });
  }

  int run() {
    while (executions_ < settings_.executions && !(told_ && told_->over(settings_.seconds))) {
      trace::Program program = fuzz::drawn(settings_.draw, random_);
      if (told_) program = fuzz::forced(std::move(program), environment_);
      if (settings_.portfolio) by_portfolio(program);
      else once(program);
    }
    return told_ ? last_words() : table();
  }

 private:
  void once(const trace::Program& program) {
    std::optional<sched::PctChoice> choices;
    exec::Options options;
    // The bound is of runs that are no longer than was told: twice as long as those before, on average.
    const std::uint64_t told = executions_ == 0 ? kStepsFirst : 2 * steps_ / executions_ + 1;
    const auto depth = settings_.pct ? 1 + random_.number_below<std::uint32_t>(kDepths) : 0;
    std::optional<exec::SetUpFirst> after_set_up;
    if (settings_.pct) {
      choices.emplace(program.schedule.seed, depth, told);
      options.choices = &after_set_up.emplace(*choices, program.schedule.set_up);
    }
    const exec::Execution execution = exec::execute(program, options);
    if (settings_.pct) worth_.ran(program, execution, told, depth);
    else worth_.ran(program, execution);
    ran(program, execution);
  }

  void by_portfolio(const trace::Program& program) {
    sched::Sampler sampler(sched::Strategy::portfolio, program.schedule.seed);
    for (std::uint32_t i = 0; i + 1 < sched::kStrategies && executions_ < settings_.executions; ++i) {
      exec::Options options;
      exec::SetUpFirst after_set_up(sampler.next_run(), program.schedule.set_up);
      options.choices = &after_set_up;
      const exec::Execution execution = exec::execute(program, options);
      worth_.ran(program, execution);
      ran(program, execution);
    }
  }

  void ran(const trace::Program& program, const exec::Execution& execution) {
    ++executions_;
    steps_ += execution.steps;
    if (told_) told_->ran(executions_);
    if (!execution.failed()) return;
    ++failed_;
    if (told_) return told_->found(program, execution);
    const std::string signature = execution.signature();
    std::uint64_t& count = seen_[std::string(trace::name(program.protocol)) + "  " + signature];
    if (count++ == 0) keep(settings_, signature, execution, program);
  }

  int table() const {
    for (const auto& [name, count] : seen_)
      std::printf("%8llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
    std::printf("%llu of %llu programs failed\n", static_cast<unsigned long long>(failed_),
                static_cast<unsigned long long>(executions_));
    std::fputs(worth_.text().c_str(), stdout);
    return failed_ == 0 ? 0 : 1;
  }

  int last_words() const {
    std::fputs(worth_.text().c_str(), stderr);
    std::fprintf(stderr, "stat::number_of_executed_units: %llu\n", static_cast<unsigned long long>(executions_));
    return 0;
  }

  const Settings& settings_;
  fuzz::Random random_;
  fuzz::Environment environment_;
  std::optional<Told> told_;
  std::map<std::string, std::uint64_t> seen_;
  std::uint64_t executions_ = 0, failed_ = 0, steps_ = 0;
  report::Worth worth_;
};

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
  else if (key == "--seconds") return trace::parse_number(value, settings.seconds);
  else if (key == "--seed") return trace::parse_number(value, settings.seed);
  else if (key == "--pmd-order") return trace::parse_number(value, settings.draw.pmd_order);
  else if (key == "--memory") {
    settings.draw.tso = value == "tso";
    return settings.draw.tso || value == "sc";
  } else if (key == "--schedules") {
    settings.pct = value == "pct";
    settings.portfolio = value == "portfolio";
    return settings.pct || settings.portfolio || value == "random";
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
                 "--seconds=N --seed=N --pmd-order=N --schedules=random|pct|portfolio --memory=sc|tso --out=DIR, "
                 "found '%s'\n",
                 argv[i]);
    return 2;
  }
  return Campaign(settings).run();
}
