// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz conform: runs traces, or long random programs, on the model and on a real kernel in a
// virtual machine, and compares them step by step. See docs/conformance.md; the machine is
// conformance/run's.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "cli/child.h"
#include "cli/exit_code.h"
#include "cli/store.h"
#include "cli/target.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "conformance/compare.h"
#include "conformance/generate.h"
#include "conformance/ops_text.h"
#include "conformance/release.h"
#include "conformance/sequence.h"
#include "conformance/table.h"
#include "conformance/verdict.h"
#include "trace/text.h"

namespace daxfuzz::cli {
namespace {

constexpr std::size_t kLogBytesMax = std::size_t{256} << 20;
constexpr std::uint64_t kGuestSeconds = 600;  // for each script; the runner has its own limit

struct Case {
  std::string name;  // of the trace, or "random-SEED"
  conformance::Scene scene;
  conformance::Driven driven;
};

// With links resolved: the files that it reads are beside it.
std::string find_runner(const std::string& program_path) {
  const std::string path = find_program(program_path, "conformance/run");
  return path.empty() ? path : std::filesystem::canonical(path).string();
}

class Conform {
 public:
  Conform(const Args& args, Context& context)
      : args_(args), context_(context), out_(args.get("out", "out/conform")) {}

  int run() {
    if (const int code = prepare(); code != kNothingFound) return code;
    if (cases_.empty()) return code_;
    if (const int code = run_guest(); code != kNothingFound) code_ = worse(code_, code);
    if (!started_) return code_;  // what lies there is an earlier run's
    for (const Case& each : cases_) judge(each);
    if (steps_ != 0) print(conformance::summary(steps_, ops_, fields_));
    if (next_.empty() && code_ == kEnvironment) return code_;  // its line is what to go by
    print("next: " +
          (next_.empty() ? std::string("daxfuzz conform --random=20 --ops=1000") : next_) + "\n");
    return code_;
  }

 private:
  // Of a series of Debian its name, of a kernel of one's own what its headers say.
  std::string release() const {
    if (!args_.has("headers")) return args_.get("kernel", "6.12");
    return read_file(*context_.sys, args_.get("headers") + "/include/config/kernel.release", 200)
        .value_or("");
  }

  int prepare() {
    protocol_ = conformance::protocol_of_release(release()).value_or(trace::ProtocolId::upstream71);
    if (args_.has("protocol")) {
      const auto named = parse_protocols(args_.get("protocol"));
      if (!named || named->size() != 1)
        return bad_value(args_, context_, "protocol",
                         named ? "expected one protocol" : named.error());
      protocol_ = named->front();
    }
    if (args_.has("random") == !args_.operands.empty())
      return bad_value(args_, context_, "random", "expected either traces or --random=N");
    if (args_.has("random")) return draw();
    const auto paths = trace_paths(args_.operands);
    if (!paths) return fail(paths.error());
    for (const std::string& path : *paths) take(path);
    return kNothingFound;
  }

  int draw() {
    const auto count = parse_count(args_.get("random"), 10000),
               ops = parse_count(args_.get("ops", "1000"), 100000);
    const auto seed = parse_seed(args_.get("seed", "1"));
    if (!count) return bad_value(args_, context_, "random", count.error());
    if (!ops) return bad_value(args_, context_, "ops", ops.error());
    if (!seed) return bad_value(args_, context_, "seed", seed.error());
    for (std::uint64_t i = 0; i < *count; i++) {
      const conformance::Scene scene = conformance::long_run_of(protocol_, *seed + i);
      add("random-" + std::to_string(*seed + i), scene,
          conformance::random_ops(scene, *ops, *seed + i));
    }
    return kNothingFound;
  }

  // The ops of a random program, as an earlier run has written them.
  void take_ops(const std::string& path) {
    conformance::Scene scene = conformance::long_run(protocol_);
    const auto text = read_file(*context_.sys, path, kLogBytesMax);
    const auto ops = text ? conformance::parse_ops(*text, scene)
                          : std::unexpected(text.error().str());
    if (!ops) {
      code_ = worse(code_, fail({text ? kUsage : kEnvironment, text ? path + ": " + ops.error() : ops.error()}));
      return;
    }
    add(std::filesystem::path(path).stem().string(), scene, conformance::in_order(*ops));
  }

  void take(const std::string& path) {
    if (path.ends_with(".ops")) return take_ops(path);
    const auto loaded = load_trace(*context_.sys, path, trace::Parse::strict);
    if (!loaded) {
      code_ = worse(code_, fail(loaded.error()));
      return;
    }
    auto sequence = conformance::sequence_of(loaded->trace.program);
    if (!sequence) return refuse(path, sequence.error());
    // The order is that of the trace; what is compared is the kernel that there is.
    sequence->scene.protocol = protocol_;
    sequence->scene.settings.clear();
    add(std::filesystem::path(path).stem().string(), sequence->scene,
        conformance::in_order(std::move(sequence->ops)));
  }

  void refuse(const std::string& path, const std::string& why) {
    context_.problem("daxfuzz conform: " + path + ": no guest can run it: " + why + "\n");
    code_ = worse(code_, kUsage);
  }
  int fail(const LoadError& error) {
    context_.problem("daxfuzz conform: " + error.what + "\n");
    return error.exit_code;
  }

  void add(std::string name, const conformance::Scene& scene, const conformance::Next& next) {
    cases_.push_back(
        {.name = std::move(name), .scene = scene, .driven = conformance::drive(scene, next)});
    const conformance::Driven& driven = cases_.back().driven;
    for (const std::string& text : driven.left_out)
      context_.note("note: " + cases_.back().name + ": left out: " + text + "\n");
    if (!driven.stopped.empty())
      context_.note("note: " + cases_.back().name + ": the model stops at step " +
                    std::to_string(driven.ops.size() - 1) + ": " + driven.stopped + "\n");
  }

  int run_guest() {
    const std::string runner = find_runner(context_.program_path);
    if (runner.empty()) {
      context_.problem("daxfuzz conform: conformance/run is not beside the program\n");
      return kEnvironment;
    }
    ChildSpec spec{.path = runner,
                   .arguments = {"--kernel=" + args_.get("kernel", "6.12"), "--out=" + out_},
                   .environment = {},
                   .seconds_max = 0};
    if (args_.has("unsigned")) spec.arguments.push_back("--unsigned");
    for (const char* flag : {"headers", "modules"})
      if (args_.has(flag))
        spec.arguments.push_back(std::string("--") + flag + "=" + args_.get(flag));
    // Our own names are not handed down by themselves (child.h), and these are the runner's.
    for (const char* name : {"DAXFUZZ_CACHE", "DAXFUZZ_QEMU"})
      if (const char* value = std::getenv(name))
        spec.environment.push_back(std::string(name) + "=" + value);
    spec.seconds_max = 3600 + kGuestSeconds * cases_.size();
    if (auto made = make_folders(*context_.sys, out_); !made)
      return fail({kEnvironment, made.error().str()});
    for (const Case& each : cases_) {
      const std::string path = out_ + "/" + each.name + ".script";
      for (const auto& [to, text] : {std::pair(path, each.driven.script),
                                     std::pair(out_ + "/" + each.name + ".ops",
                                               conformance::print_ops(each.scene, each.driven.ops))})
        if (auto stored = store_file(*context_.sys, to, text); !stored)
          return fail({kEnvironment, stored.error().str()});
      // What an earlier run has left is not taken for this one's.
      if (context_.sys->unlink((path + ".log").c_str()) != 0 && errno != ENOENT)
        return fail({kEnvironment, path + ".log: cannot remove it"});
      spec.arguments.push_back(path);
    }
    started_ = true;
    const auto status =
        run_child(spec, {.on_stderr = [this](std::string_view text) { context_.note(text); },
                         .on_finding_bytes = [](std::string_view) {},
                         .on_tick = [] {},
                         .interrupted = context_.interrupted});
    if (!status) return fail({kEnvironment, status.error().str()});
    if (context_.interrupted()) return kInterrupted;
    return WIFEXITED(*status) && WEXITSTATUS(*status) == 0 ? kNothingFound : kEnvironment;
  }

  void judge(const Case& each) {
    const std::string path = out_ + "/" + each.name + ".script.log";
    const auto text = read_file(*context_.sys, path, kLogBytesMax);
    if (!text && code_ == kEnvironment) return;  // the runner has said why
    if (!text) {
      code_ = worse(code_, fail({kEnvironment, text.error().str()}));
      return;
    }
    auto log = conformance::parse_log(*text);
    if (!log) {
      code_ = worse(code_, fail({kEnvironment, path + ": " + log.error()}));
      return;
    }
    std::vector<trace::Op> ops = each.driven.ops;
    if (!log->done) {
      // The runner has said why. Of what comes behind the last whole step the model knows no blocks.
      code_ = worse(code_, kEnvironment);
      log->steps.resize(log->whole_steps());
      ops.resize(std::min(ops.size(), log->steps.size()));
    }
    const conformance::Log model = conformance::follow(each.scene, ops, *log);
    const conformance::Comparison result = conformance::compare(model, *log);
    // And it is no difference.
    const bool cut = !log->done && result.difference.has_value() &&
                     result.difference->step >= log->steps.size();
    if (cut && result.steps == 0) return;
    const std::string steps = std::to_string(result.steps) + " of " +
                              std::to_string(each.driven.ops.size()) + " steps agree";
    print(each.name + "  " + std::string(trace::name(protocol_)) + " / " + log->kernel + "  " +
          steps + (cut ? ", then the guest died" : "") + "\n");
    const auto told = [&](const conformance::Log& of) {
      return cut ? conformance::warned(of, result.steps) : conformance::wrongs(of);
    };
    for (const auto& [side, wrong] :
         {std::pair{"model ", told(model)}, std::pair{"kernel", told(*log)}})
      for (const std::string& what : wrong) print("  " + std::string(side) + "  " + what + "\n");
    count(each, result);
    if (cut || !result.difference.has_value()) return;
    print(conformance::table(*result.difference, each.driven.ops));
    if (next_.empty()) next_ = "less " + path;
    code_ = worse(code_, kFinding);
  }

  void count(const Case& each, const conformance::Comparison& result) {
    steps_ += result.steps;
    for (std::size_t step = 0; step < std::min(result.steps, each.driven.ops.size()); step++)
      ops_[std::string(trace::info(each.driven.ops[step].code).name)]++;
    for (const auto& [field, times] : result.counts) fields_[field] += times;
  }

  void print(const std::string& text) { context_.result(text); }

  const Args& args_;
  Context& context_;
  std::string out_;
  trace::ProtocolId protocol_ = trace::ProtocolId::legacy;
  std::vector<Case> cases_;
  std::string next_;
  bool started_ = false;  // the runner, with no log of an earlier run in its way
  std::size_t steps_ = 0;  // that agree, in all cases
  conformance::Counts ops_, fields_;
  int code_ = kNothingFound;
};

}  // namespace

int conform(const Args& args, Context& context) { return Conform(args, context).run(); }

}  // namespace daxfuzz::cli
