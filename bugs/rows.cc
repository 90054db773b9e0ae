// SPDX-License-Identifier: GPL-2.0-only
// The twin is read from while the hunt goes on. See rows.h.
#include "bugs/rows.h"

#include <cstdio>
#include <ctime>
#include <memory>

#include "sched/check.h"

namespace daxfuzz::bugs {
namespace {

struct Close {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

// The digests of the clean model's runs, one after the other.
class Twin {
 public:
  Twin(const Hunt& hunt, const std::string& program, const std::string& patch) {
    if (program.empty()) return;
    const std::string command = "exec '" + program + "' --patch='" + patch + "' --digests --engine=" +
                                std::string(name(hunt.engine)) + " --seed=" + std::to_string(hunt.seed) +
                                " --executions=" + std::to_string(hunt.executions);
    pipe_.reset(popen(command.c_str(), "r"));
    CHECK(pipe_ != nullptr);
  }

  // Number `run` of the hunt, from 1.
  void saw(std::uint64_t run, std::uint64_t digest) {
    if (!pipe_) return;
    std::uint64_t clean = 0;
    // A twin that ends early is no twin: it would look as if nothing diverged.
    CHECK(std::fread(&clean, sizeof(clean), 1, pipe_.get()) == 1);
    if (clean == digest) return;
    diverged_ = run;
    pipe_.reset();  // ends it, at its next write
  }
  [[nodiscard]] std::optional<std::uint64_t> diverged() const { return diverged_; }

 private:
  std::unique_ptr<std::FILE, Close> pipe_;
  std::optional<std::uint64_t> diverged_;
};

}  // namespace

Row row_of(const Bug& bug, const Hunt& hunt, const std::string& clean, const std::string& patch) {
  Twin twin(hunt, clean, patch);
  std::uint64_t runs = 0;
  const std::clock_t start = std::clock();
  const Hunted found = bugs::hunt(
      hunt, [&bug](std::string_view signature) { return counts(bug, signature); },
      [&](const Ran& ran) { twin.saw(++runs, ran.execution.digest); });
  const std::clock_t took = std::clock() - start;
  return {.bug = bug.name,
          .engine = std::string(name(hunt.engine)),
          .seed = hunt.seed,
          .budget = hunt.executions,
          .executions = found.executions,
          .diverged = twin.diverged(),
          .steps = found.steps,
          .microseconds = static_cast<std::uint64_t>(took) * 1000000 / CLOCKS_PER_SEC,
          .signature = found.program ? found.execution.signature() : ""};
}

void write_digests(const Hunt& hunt) {
  (void)bugs::hunt(hunt, [](std::string_view) { return false; },
                   [](const Ran& ran) {
                     std::fwrite(&ran.execution.digest, sizeof(ran.execution.digest), 1, stdout);
                   });
}

}  // namespace daxfuzz::bugs
