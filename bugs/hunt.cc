// SPDX-License-Identifier: GPL-2.0-only
// See hunt.h. Half of the programs are drawn as a campaign's are, with up to four threads, and half are scenes
// (fuzz/scene.h).
#include "bugs/hunt.h"

#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "exec/set_up.h"
#include "fuzz/draw.h"
#include "fuzz/focus.h"
#include "fuzz/scene.h"
#include "properties/programs.h"
#include "sched/choice_pct.h"
#include "sched/choice_pos.h"

namespace daxfuzz::bugs {
namespace {

constexpr std::uint64_t kThreads = 4, kOpsLeast = 8, kOpsMore = 25;
constexpr std::size_t kSceneOneIn = 2;     // of what fuzz/draw.h would draw
constexpr std::size_t kAllOpsOneIn = 4;    // of rapidcheck's programs of one page: fuzz/focus.h, the others are scenes
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

// fuzz/focus.h and fuzz/scene.h in small worlds of any size.
rc::Gen<trace::Program> focused_programs() {
  return rc::gen::map(
      rc::gen::tuple(trace::arbitrary_geometry(), rc::gen::inRange<std::size_t>(1, kThreads + 1),
                     rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>())),
      [](const std::tuple<trace::Geometry, std::size_t, std::uint64_t>& drawn) {
        fuzz::Random random(std::get<2>(drawn));
        trace::Program program;
        program.geometry = std::get<0>(drawn);
        if (program.geometry.pmd_order > trace::kPmdOrderMax) program.geometry = {};
        const std::size_t threads = std::get<1>(drawn);
        if (threads > 1 && random.one_in(kAllOpsOneIn)) fuzz::focus(program, threads, random);
        else fuzz::scene(program, threads, random);
        program.schedule.seed = random.next();
        return program;
      });
}

}  // namespace

class Programs::Source {
 public:
  explicit Source(const Hunt& hunt)
      : hunt_(hunt),
        random_(hunt.seed),
        rc_random_(hunt.seed),
        shaped_(properties::programs(shape_of(hunt))),
        focused_(focused_programs()),
        arbitrary_(trace::arbitrary_program()) {}

  trace::Program program() {
    if (hunt_.engine == Engine::rapidcheck) return generated();
    const std::uint64_t threads = 1 + random_.below(kThreads);
    const std::uint64_t ops = kOpsLeast + random_.below(kOpsMore);
    if (!random_.one_in(kSceneOneIn))
      return fuzz::drawn({.protocol = hunt_.protocol, .threads = threads, .ops = ops}, random_);
    // Its world and its schedule's seed, but other ops.
    trace::Program program = fuzz::drawn({.protocol = hunt_.protocol, .threads = 1, .ops = 1}, random_);
    program.ops.clear();
    fuzz::scene(program, threads, random_);
    return trace::clamped(std::move(program));
  }

  [[nodiscard]] const std::vector<trace::Setting>& settings() const { return hunt_.settings; }
  [[nodiscard]] bool pos() const { return hunt_.engine == Engine::pos; }
  std::uint32_t depth() {
    return hunt_.engine == Engine::pct ? static_cast<std::uint32_t>(1 + random_.below(kDepths)) : 0;
  }

 private:
  // By turns from what properties are tried with, from programs of one page (twice), and from any program.
  trace::Program generated() {
    const int size = size_++ % kSizes;
    if (size % 4 == 0) return shaped_(rc_random_.split(), size).value();
    trace::Program program = (size % 4 == 2 ? arbitrary_ : focused_)(rc_random_.split(), size).value();
    program.protocol = hunt_.protocol;
    program.settings.clear();  // those drawn
    return trace::clamped(std::move(program));
  }

  const Hunt hunt_;
  fuzz::Random random_;
  rc::Random rc_random_;
  rc::Gen<trace::Program> shaped_, focused_, arbitrary_;
  int size_ = 0;
};

Programs::Programs(const Hunt& hunt) : source_(std::make_unique<Source>(hunt)) {}
Programs::~Programs() = default;

Draw Programs::next() {
  trace::Program program = source_->program();
  program.settings = source_->settings();
  return {.program = std::move(program), .depth = source_->depth(), .pos = source_->pos()};
}

std::unique_ptr<sched::ChoiceSource> choices(const Draw& draw, std::uint64_t steps) {
  const trace::Schedule& schedule = draw.program.schedule;
  std::unique_ptr<sched::ChoiceSource> then;
  if (draw.pos) then = std::make_unique<sched::PosChoice>(schedule.seed);
  else if (draw.depth != 0)
    then = std::make_unique<sched::PctChoice>(schedule.seed, draw.depth, std::max<std::uint64_t>(steps, 1));
  if (then == nullptr || schedule.set_up == 0) return then;
  return std::make_unique<exec::SetUpFirst>(std::move(then), schedule.set_up);
}

void Steps::ran(const trace::Program& program, const exec::Execution& execution) {
  Sum& alike = of(program);
  alike.runs++;
  alike.steps += execution.steps - exec::set_up_steps(program, execution);
}

std::uint64_t Steps::mean(const trace::Program& program) const {
  const Sum& alike = of(program);
  return alike.runs == 0 ? kFirst : alike.steps / alike.runs;
}

Hunted hunt(const Hunt& hunt, const std::function<bool(std::string_view)>& wanted,
            const std::function<void(const Ran&)>& seen) {
  Programs programs(hunt);
  Hunted hunted;
  Steps steps;
  while (hunted.executions < hunt.executions) {
    const Draw draw = programs.next();
    const std::uint64_t told = steps.mean(draw.program);
    const auto chosen = choices(draw, told);
    exec::Execution execution = exec::execute(
        draw.program, {.races = hunt.races, .keep_schedule = hunt.schedules, .choices = chosen.get()});
    hunted.executions++;
    hunted.steps += execution.steps;
    steps.ran(draw.program, execution);
    if (seen) seen({.draw = draw, .execution = execution, .steps = told});
    if (!execution.failed()) continue;
    if (!wanted(execution.signature())) {
      hunted.others++;
      continue;
    }
    hunted.program = exec::with_schedule(draw.program, execution);
    hunted.execution = std::move(execution);
    break;
  }
  return hunted;
}

// PCT's bound is of schedules without a set-up: what T0 does before is no choice.
void count(report::Worth& worth, const Ran& ran) {
  if (ran.draw.depth != 0 && ran.draw.program.schedule.set_up == 0)
    worth.ran(ran.draw.program, ran.execution, ran.steps, ran.draw.depth);
  else
    worth.ran(ran.draw.program, ran.execution);
}

}  // namespace daxfuzz::bugs
