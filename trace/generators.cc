// SPDX-License-Identifier: GPL-2.0-only
// The generators of generators.h. Half of the ops fail no allocation and most
// threads, slots and pages are small, as programs that reach deep are.
#include "trace/generators.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <tuple>
#include <utility>
#include <vector>

namespace daxfuzz::trace {
namespace {

constexpr std::size_t kFewPages = file_pages(kPmdOrderMax);
constexpr std::size_t kManyPages = file_pages(kPmdOrderReal);

rc::Gen<std::uint8_t> below(std::size_t count) {
  return rc::gen::inRange<std::uint8_t>(0, static_cast<std::uint8_t>(count));
}
// Of a small world most often: a large one is clamped to it.
rc::Gen<std::uint16_t> page_below(std::size_t count, std::size_t real_count) {
  const auto up_to = [](std::size_t n) {
    return rc::gen::inRange<std::uint16_t>(0, static_cast<std::uint16_t>(n));
  };
  return rc::gen::weightedOneOf<std::uint16_t>({{7, up_to(count)}, {1, up_to(real_count)}});
}
rc::Gen<std::uint8_t> between(std::size_t low, std::size_t high) {
  return rc::gen::inRange<std::uint8_t>(static_cast<std::uint8_t>(low),
                                        static_cast<std::uint8_t>(high + 1));
}

template <class Enum>
rc::Gen<Enum> row(std::size_t count) {
  return rc::gen::map(below(count), [](std::uint8_t value) { return static_cast<Enum>(value); });
}

rc::Gen<Setting> arbitrary_setting() {
  return rc::gen::build<Setting>(rc::gen::set(&Setting::id, row<SwitchId>(switch_count())),
                                 rc::gen::set(&Setting::value, below(8)));
}

rc::Gen<Segment> arbitrary_segment() {
  const auto label = rc::gen::map(rc::gen::string<std::string>(), [](std::string text) {
    if (text.size() > kLabelCharsMax) text.resize(kLabelCharsMax);
    for (char& c : text)
      c = static_cast<char>('+' + static_cast<unsigned char>(c) % ('~' - '+' + 1));
    return text;
  });
  return rc::gen::build<Segment>(
      rc::gen::set(&Segment::thread, below(kScheduleTasksMax)),
      rc::gen::set(&Segment::steps, rc::gen::inRange<std::uint16_t>(1, kSegmentStepsMax)),
      rc::gen::set(&Segment::label, label));
}

rc::Gen<Schedule> arbitrary_schedule() {
  return rc::gen::build<Schedule>(
      rc::gen::set(&Schedule::strategy, row<Strategy>(kStrategies)),
      rc::gen::set(&Schedule::seed, rc::gen::arbitrary<std::uint64_t>()),
      rc::gen::set(&Schedule::set_up, below(kFewPages)),
      rc::gen::set(&Schedule::bytes),
      rc::gen::set(&Schedule::segments,
                   rc::gen::container<std::vector<Segment>>(arbitrary_segment())));
}

}  // namespace

rc::Gen<Geometry> arbitrary_geometry() {
  return rc::gen::map(
      rc::gen::build<Geometry>(
          rc::gen::set(&Geometry::files, between(1, kFilesMax)),
          rc::gen::set(&Geometry::blocks, rc::gen::cast<std::uint16_t>(between(1, kBlocksMax))),
          rc::gen::set(&Geometry::pmd_order, between(kPmdOrderMin, kPmdOrderMax + 1)),
          rc::gen::set(&Geometry::mms, between(1, kMmsMax)),
          rc::gen::set(&Geometry::waits, between(kWaitsMin, kWaitsMax)),
          rc::gen::set(&Geometry::bias, rc::gen::element<std::uint16_t>(kPinBiasReal, kPinBiasSmall)),
          rc::gen::set(&Geometry::check_sched,
                       rc::gen::element<std::uint16_t>(kCheckSchedReal, kCheckSchedSmall))),
      [](Geometry geometry) {
        if (geometry.pmd_order > kPmdOrderMax) geometry.pmd_order = kPmdOrderReal;
        geometry.blocks =
            static_cast<std::uint16_t>(geometry.blocks * blocks_unit(geometry.pmd_order));
        return geometry;
      });
}

// Of the allocation that fails: half of the ops have none.
rc::Gen<std::uint8_t> maybe_a_failure() {
  return rc::gen::weightedOneOf<std::uint8_t>(
      {{1, rc::gen::just<std::uint8_t>(0)}, {1, between(0, kFailNthMax)}});
}

rc::Gen<Op> arbitrary_op() {
  return rc::gen::build<Op>(
      rc::gen::set(&Op::code, row<OpCode>(op_count())),
      rc::gen::set(&Op::thread, below(kThreadsMax)), rc::gen::set(&Op::file, below(kFilesMax)),
      rc::gen::set(&Op::page, page_below(kFewPages, kManyPages)),
      rc::gen::set(&Op::file2, below(kFilesMax)),
      rc::gen::set(&Op::page2, page_below(kFewPages, kManyPages)),
      rc::gen::set(&Op::len, page_below(kFewPages + 1, kManyPages + 1)),
      rc::gen::set(&Op::map, below(kMapsMax)),
      rc::gen::set(&Op::pin, below(kPinsMax)), rc::gen::set(&Op::mm, below(kMmsMax)),
      rc::gen::set(&Op::access, row<Access>(2)), rc::gen::set(&Op::pin_kind, row<PinKind>(3)),
      rc::gen::set(&Op::pin_walk, row<PinWalk>(2)),
      rc::gen::set(&Op::value, rc::gen::arbitrary<std::uint8_t>()),
      rc::gen::set(&Op::fail_nth, maybe_a_failure()),
      rc::gen::set(&Op::fail_from, maybe_a_failure()),
      rc::gen::set(&Op::edge, row<Edge>(4)), rc::gen::set(&Op::map2, below(kMapsMax)),
      rc::gen::set(&Op::map_kind, row<MapKind>(3)),
      rc::gen::set(&Op::at, page_below(kFewPages, kManyPages / 2)),
      rc::gen::set(&Op::block, page_below(kBlocksMax, blocks_max(kPmdOrderReal))),
      rc::gen::set(&Op::answer, row<Answer>(2)));
}

rc::Gen<Program> arbitrary_program() {
  return rc::gen::map(
      rc::gen::build<Program>(
          rc::gen::set(&Program::protocol, row<ProtocolId>(protocol_count())),
          rc::gen::set(&Program::settings,
                       rc::gen::container<std::vector<Setting>>(arbitrary_setting())),
          rc::gen::set(&Program::geometry, arbitrary_geometry()),
          rc::gen::set(&Program::ops,
                       rc::gen::nonEmpty(rc::gen::container<std::vector<Op>>(arbitrary_op()))),
          rc::gen::set(&Program::schedule, arbitrary_schedule())),
      [](Program program) { return clamped(std::move(program)); });
}

rc::Gen<Trace> arbitrary_trace() {
  using Comments = std::vector<std::pair<std::uint8_t, std::string>>;
  return rc::gen::map(rc::gen::tuple(arbitrary_program(), rc::gen::arbitrary<std::uint64_t>(),
                                     rc::gen::arbitrary<bool>(), rc::gen::arbitrary<Comments>()),
                      [](const std::tuple<Program, std::uint64_t, bool, Comments>& drawn) {
                        Trace trace;
                        trace.program = std::get<0>(drawn);
                        if (std::get<2>(drawn)) trace.digest = std::get<1>(drawn);
                        // Comments stand in order, before a line that there is: parse() numbers
                        // so, and print() parses back to the same.
                        const std::string text = print(trace);
                        const auto lines =
                            static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
                        std::uint32_t before = 0;
                        for (const auto& [skipped, raw] : std::get<3>(drawn)) {
                          if (trace.comments.size() == kCommentsMax) break;
                          before = std::min<std::uint32_t>(before + skipped % 4, lines);
                          std::string comment = "#";
                          for (char c : raw)
                            comment += static_cast<char>(' ' + static_cast<unsigned char>(c) % 95);
                          trace.comments.push_back({before, comment.substr(0, kTextLineCharsMax)});
                        }
                        return trace;
                      });
}

void showValue(const Op& op, std::ostream& out) { out << print(op); }
void showValue(const Program& program, std::ostream& out) {
  Trace trace;
  trace.program = program;
  out << '\n' << print(trace);
}
void showValue(const Trace& trace, std::ostream& out) { out << '\n' << print(trace); }

}  // namespace daxfuzz::trace
