// SPDX-License-Identifier: GPL-2.0-only
// Writes JSON by hand: a tree would be longer than the document. See json.h.
#include "report/json.h"

#include <cstdint>
#include <limits>

#include "report/ascii.h"
#include "report/json_writer.h"

namespace daxfuzz::report {
namespace {

constexpr std::int64_t kNeverEnded = std::numeric_limits<std::int64_t>::min();

const char* kind_name(sched::EventKind kind) {
  switch (kind) {
    case sched::EventKind::step:
      return "step";
    case sched::EventKind::block:
      return "block";
    case sched::EventKind::wake:
      return "wake";
    case sched::EventKind::enter:
      return "enter";
    case sched::EventKind::leave:
      return "leave";
    case sched::EventKind::note:
      return "note";
    case sched::EventKind::op_begin:
      return "op_begin";
    case sched::EventKind::op_end:
      return "op_end";
  }
  return "?";
}

// null for no task and for no page, so that no reader takes -1 or 255 for one.
std::string task(sched::TaskId id) { return id == sched::kNoTask ? "null" : std::to_string(id); }

std::string finding(const exec::Finding& f) {
  return JsonWriter('{')
      .text("id", f.id)
      .text("function", f.function)
      .text("rule", f.rule)
      .text("citation", f.citation)
      .text("value", f.value)
      .text("waits", f.waits)
      .member("pfn", f.pfn < 0 ? "null" : std::to_string(f.pfn))
      .member("step", std::to_string(f.step))
      .member("task", task(f.task))
      .done();
}

std::string settings(const trace::Program& program) {
  JsonWriter out('{');
  for (const trace::Setting& s : program.settings)
    out.text(trace::info(s.id).name, trace::value_name(s.id, s.value));
  return out.done();
}

std::string geometry(const trace::Geometry& g) {
  return JsonWriter('{')
      .number("files", g.files)
      .number("blocks", g.blocks)
      .number("pmd_order", g.pmd_order)
      .number("mms", g.mms)
      .number("waits", g.waits)
      .number("bias", g.bias)
      .done();
}

std::string ops(const trace::Program& program, const exec::Execution& run) {
  JsonWriter out('[');
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const std::int64_t result = i < run.results.size() ? run.results[i] : kNeverEnded;
    JsonWriter op('{');
    op.number("thread", program.ops[i].thread).text("op", squeezed(trace::print(program.ops[i])));
    op.member("result", result == kNeverEnded ? "null" : std::to_string(result));
    if (result != kNeverEnded && result < 0) op.text("errno", result_name(result));
    out.item(op.done());
  }
  return out.done();
}

std::string segments(const exec::Execution& run) {
  JsonWriter out('[');
  for (const trace::Segment& s : run.segments)
    out.item(JsonWriter('{')
                 .number("thread", s.thread)
                 .number("steps", s.steps)
                 .text("label", s.label)
                 .done());
  return out.done();
}

std::string events(const exec::Execution& run) {
  JsonWriter out('[');
  const bool states = run.page_states.size() == run.events.size();
  for (std::size_t i = 0; i < run.events.size(); ++i) {
    const sched::Event& e = run.events[i];
    JsonWriter event('{');
    event.member("step", std::to_string(e.step))
        .member("task", task(e.task))
        .text("kind", kind_name(e.kind))
        .text("what", e.what.text())
        .number("a", e.a)
        .number("b", e.b)
        .number("c", e.c);
    if (states) {
      const exec::PageState& p = run.page_states[i];
      event.number("ref", p.ref).number("map", p.map).number("pin", p.pin).number("share", p.share);
    }
    out.item(event.done());
  }
  return out.done();
}

std::string races(const exec::Execution& run) {
  const auto side = [](const exec::DataRace::Side& who) {
    return JsonWriter('{').number("thread", who.thread).text("function", who.function).text("at", who.at).done();
  };
  JsonWriter out('[');
  for (const exec::DataRace& race : run.races)
    out.item(JsonWriter('{')
                 .member("load", side(race.load))
                 .member("write", side(race.write))
                 .flag("load_first", race.load_first)
                 .done());
  return out.done();
}

}  // namespace

std::string json(const trace::Trace& trace, const exec::Execution& run) {
  const trace::Program& program = trace.program;
  JsonWriter out('{');
  out.text("schema", "daxfuzz.execution/1")
      .text("verdict", exec::name(run.verdict))
      .text("signature", run.signature())
      .member("finding", run.failed() ? finding(run.finding) : "null")
      .text("protocol", trace::name(program.protocol))
      .member("settings", settings(program))
      .member("geometry", geometry(program.geometry))
      .member("ops", ops(program, run))
      .member("segments", segments(run))
      .text("digest", hex64(run.digest))
      .member("steps", std::to_string(run.steps))
      .flag("diverged", run.diverged)
      .text("divergence", run.divergence)
      .number("races", static_cast<std::int64_t>(run.races.size()))
      .member("data_races", races(run))
      .number("tsan_reports", run.tsan_reports);
  if (!run.events.empty()) out.member("events", events(run));
  return out.done();
}

}  // namespace daxfuzz::report
