// SPDX-License-Identifier: GPL-2.0-only
// See hunt.h. What programs are drawn from is what a campaign's are, with up to four threads.
#include "bugs/hunt.h"

#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "fuzz/draw.h"
#include "properties/programs.h"
#include "sched/choice_pct.h"

namespace daxfuzz::bugs {
namespace {

constexpr std::uint64_t kThreads = 4, kOpsLeast = 8, kOpsMore = 25;
constexpr std::uint32_t kDepths = 4;
// rc::check() grows sizes from 0 to 100 over its runs; a long hunt begins anew.
constexpr int kSizes = 101;

// All that the properties' shapes leave in by choice, and every kind of op.
properties::Shape shape_of(const Hunt& hunt) {
  properties::Shape shape;
  shape.protocols = {hunt.protocol};
  shape.allowed = ~properties::Kinds{0} >> (32 - trace::op_count());
  shape.threads_max = static_cast<int>(kThreads);
  shape.failures = shape.map_sync = true;
  return shape;
}

class Source {
 public:
  explicit Source(const Hunt& hunt)
      : hunt_(hunt),
        random_(hunt.seed),
        rc_random_(hunt.seed),
        shaped_(properties::programs(shape_of(hunt))),
        arbitrary_(trace::arbitrary_program()) {}

  trace::Program program() {
    if (hunt_.engine == Engine::rapidcheck) return generated();
    const std::uint64_t threads = 1 + random_.below(kThreads);
    const std::uint64_t ops = kOpsLeast + random_.below(kOpsMore);
    return fuzz::drawn({.protocol = hunt_.protocol, .threads = threads, .ops = ops}, random_);
  }

  // A run as long as those before, on average.
  std::unique_ptr<sched::ChoiceSource> choices(const trace::Program& program, const Hunted& before) {
    if (hunt_.engine != Engine::pct) return nullptr;
    const std::uint64_t steps = before.executions == 0 ? 500 : before.steps / before.executions;
    const auto depth = static_cast<std::uint32_t>(1 + random_.below(kDepths));
    return std::make_unique<sched::PctChoice>(program.schedule.seed, depth,
                                              std::max<std::uint64_t>(steps, 1));
  }

 private:
  // By turns from what properties are tried with, and from any program.
  trace::Program generated() {
    const int size = size_++ % kSizes;
    if (size % 2 == 0) return shaped_(rc_random_.split(), size).value();
    trace::Program program = arbitrary_(rc_random_.split(), size).value();
    program.protocol = hunt_.protocol;
    program.settings.clear();
    return trace::clamped(std::move(program));
  }

  const Hunt& hunt_;
  fuzz::Random random_;
  rc::Random rc_random_;
  rc::Gen<trace::Program> shaped_, arbitrary_;
  int size_ = 0;
};

}  // namespace

Hunted hunt(const Hunt& hunt, const std::function<bool(std::string_view)>& wanted,
            const std::function<void(const exec::Execution&)>& seen) {
  Source source(hunt);
  Hunted hunted;
  while (hunted.executions < hunt.executions) {
    const trace::Program program = source.program();
    const auto choices = source.choices(program, hunted);
    exec::Execution execution = exec::execute(program, {.choices = choices.get()});
    hunted.executions++;
    hunted.steps += execution.steps;
    if (seen) seen(execution);
    if (!execution.failed()) continue;
    if (!wanted(execution.signature())) {
      hunted.others++;
      continue;
    }
    hunted.program = exec::with_schedule(program, execution);
    hunted.execution = std::move(execution);
    break;
  }
  return hunted;
}

}  // namespace daxfuzz::bugs
