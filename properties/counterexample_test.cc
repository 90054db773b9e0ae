// SPDX-License-Identifier: GPL-2.0-only
// What a counterexample's file says and its run does not do is told.
#include "properties/counterexample.h"

#include <gtest/gtest.h>

#include <string>

#include "exec/execute.h"
#include "properties/shape.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

// Two threads that meet on a page.
trace::Program program() {
  using trace::OpCode;
  trace::Program program;
  program.ops = {{.code = OpCode::mmap, .len = 1},
                 {.code = OpCode::fault, .thread = 1},
                 {.code = OpCode::write, .len = 1, .value = 7}};
  program.schedule.seed = 3;
  return program;
}

trace::Trace saved() {
  const Property property{.suite = "Some", .name = "Property", .rule = "a rule", .citation = "a place"};
  const std::string text = as_daxt(program(), property, {}, "of a test", exec::execute(program()));
  const auto parsed = trace::parse(text, "saved");
  return parsed.has_value() ? parsed->trace : trace::Trace();
}

std::string told(const trace::Trace& trace) { return not_replayed(trace::print(trace)); }

TEST(Counterexample, DoesAgainWhatItSays) { EXPECT_EQ(told(saved()), ""); }

TEST(Counterexample, AnotherDigestIsTold) {
  trace::Trace trace = saved();
  trace.digest = *trace.digest + 1;
  EXPECT_EQ(told(trace), "another digest");
  trace.digest.reset();
  EXPECT_EQ(told(trace), "it has no digest");
}

TEST(Counterexample, AnotherVerdictIsTold) {
  trace::Trace trace = saved();
  trace::set_header(trace, "verdict", "deadlock in do_munmap");
  EXPECT_EQ(told(trace), "the verdict is pass, not deadlock in do_munmap");
}

TEST(Counterexample, AScheduleThatCannotBeFollowedIsTold) {
  trace::Trace trace = saved();
  trace.program.schedule.segments.front().thread = 2;  // there is none
  EXPECT_EQ(told(trace).substr(0, 10), "diverged: ");
}

TEST(Counterexample, WhatIsNoTraceIsTold) {
  EXPECT_EQ(not_replayed("daxt 1\nT0: fsnyc a\n").substr(0, 16), "counterexample:2");
}

}  // namespace
}  // namespace daxfuzz::properties
