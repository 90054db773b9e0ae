// SPDX-License-Identifier: GPL-2.0-only
// How many inputs the interleaving target runs in a second, of programs of three threads with eight ops each, and
// where the time goes. It is fuzz/interleaving_fuzz_test.cc itself, without an engine, under whatever --config:
//
//   target [--milliseconds=N] [--rounds=N] [--require=N] [--no-profile]
//
// --require: exit code 1 if the median is less. 2: usage. Read next: profile.h, bench/README.md.
#include <fcntl.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bench/target/profile.h"
#include "exec/execute.h"
#include "fuzz/draw.h"
#include "fuzz/random.h"
#include "sched/check.h"
#include "trace/bytes.h"
#include "trace/number.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// The target's mutator would ask for it.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t*, std::size_t size, std::size_t) { return size; }

namespace {

using namespace daxfuzz;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kThreads = 3, kOpsOfThread = 8, kInputs = 256, kTopFunctions = 12;
constexpr std::uint64_t kSeed = 1;
constexpr const char* kProtocol = "upstream";

struct Settings {
  std::uint64_t milliseconds = 400, rounds = 9, require = 0;
  bool profile = true;
};

bool argument(std::string_view text, Settings& settings) {
  if (text == "--no-profile") return settings.profile = false, true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--milliseconds") return trace::parse_number(value, settings.milliseconds);
  if (key == "--rounds") return trace::parse_number(value, settings.rounds) && settings.rounds > 0;
  return key == "--require" && trace::parse_number(value, settings.require);
}

// As those of bench/cost, but for the few that fail: a bare target ends at its first finding.
std::vector<Bytes> inputs() {
  fuzz::Random random(kSeed);
  std::vector<Bytes> out;
  while (out.size() < kInputs) {
    trace::Program program = fuzz::drawn({.protocol = trace::protocol_named(kProtocol),
                                          .threads = kThreads,
                                          .ops = kThreads * kOpsOfThread,
                                          .focused = false},
                                         random);
    for (std::size_t i = 0; i < program.ops.size(); i++)
      program.ops[i].thread = static_cast<std::uint8_t>(i % kThreads);
    if (!exec::execute(program, {.keep_schedule = false}).failed()) out.push_back(trace::encode(program));
  }
  return out;
}

double seconds_now() {
  timespec now{};
  CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Executions in a second of processor time.
template <class Run>
double rate(const std::vector<Bytes>& inputs, std::uint64_t milliseconds, Run run) {
  const double begin = seconds_now(), least = static_cast<double>(milliseconds) / 1e3;
  double done = 0, took = 0;
  do {
    for (const Bytes& input : inputs) run(input);
    done += static_cast<double>(inputs.size());
    took = seconds_now() - begin;
  } while (took < least);
  return done / took;
}

std::string build() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return "AddressSanitizer, UBSan";
#elif __has_feature(thread_sanitizer)
  return "ThreadSanitizer";
#endif
#endif
  return "plain";
}

std::string without_arguments(const std::string& function) {
  constexpr std::string_view kNowhere = "(anonymous namespace)::";
  std::string out = function;
  for (std::size_t at; (at = out.find(kNowhere)) != std::string::npos;) out.erase(at, kNowhere.size());
  return out.substr(0, out.find('('));
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void row(const char* what, std::vector<double> values) {
  std::ranges::sort(values);
  std::printf("| %s | %.0f | %.0f | %.0f |\n", what, values[values.size() / 2], values.front(), values.back());
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; i++) {
    if (argument(argv[i], settings)) continue;
    std::fprintf(stderr, "target: expected --milliseconds=N --rounds=N --require=N --no-profile, found '%s'\n",
                 argv[i]);
    return 2;
  }
  const std::vector<Bytes> all = inputs();
  setenv("DAXFUZZ_PROTOCOL", kProtocol, 1);
  for (const char* name :
       {"DAXFUZZ_SET", "DAXFUZZ_KNOWN", "DAXFUZZ_FINDINGS_FD", "DAXFUZZ_DIGESTS_FD", "DAXFUZZ_EDGES_FD"})
    unsetenv(name);
  LLVMFuzzerInitialize(&argc, &argv);
  const auto target = [](const Bytes& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); };
  const auto decode = [](const Bytes& input) { CHECK(!trace::decode(input).ops.empty()); };
  const auto alone = [](const Bytes& input) { (void)exec::execute(trace::decode(input), {.keep_schedule = false}); };

  std::vector<double> targets, runs, decodes;
  for (std::uint64_t i = 0; i < settings.rounds; ++i) {
    targets.push_back(rate(all, settings.milliseconds, target));
    runs.push_back(rate(all, settings.milliseconds, alone));
    decodes.push_back(rate(all, settings.milliseconds / 8, decode));
  }
  std::printf("%s build, clang %s, %zu programs of %zu threads x %zu ops, %s, seed %llu; per second of processor "
              "time\n\n",
              build().c_str(), __clang_version__, all.size(), kThreads, kOpsOfThread, kProtocol,
              static_cast<unsigned long long>(kSeed));
  std::printf("| | median | lowest | highest |\n|---|---|---|---|\n");
  row("`LLVMFuzzerTestOneInput`", targets);
  row("`exec::execute` of the decoded input", runs);
  row("`trace::decode`", decodes);
  if (settings.profile) {
    const target::Profile profile =
        target::profile([&] { (void)rate(all, settings.milliseconds * settings.rounds, target); });
    std::printf("\nOf %llu samples of `LLVMFuzzerTestOneInput`:\n\n| %% | folder |\n|---|---|\n%s\n"
                "| %% | function |\n|---|---|\n%s",
                static_cast<unsigned long long>(profile.samples), profile.rows(target::folder_of, 20).c_str(),
                profile.rows(without_arguments, kTopFunctions).c_str());
  }
  if (median(targets) >= static_cast<double>(settings.require)) return 0;
  std::printf("MISSED: %.0f executions per second, at least %llu are required\n", median(targets),
              static_cast<unsigned long long>(settings.require));
  return 1;
}
