// SPDX-License-Identifier: GPL-2.0-only
// For tests: a run of a program given as text, its ops in that order, and a log that a kernel could
// have printed that agrees with it: the model's own, with other blocks and other addresses.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "conformance/drive.h"
#include "conformance/sequence.h"
#include "model/testing.h"
#include "trace/text.h"

namespace daxfuzz::conformance::testing {

inline trace::Program program_of(const std::string& ops, const std::string& protocol = "legacy") {
  const std::string text = "daxt 1\nprotocol    " + protocol +
                           "\ngeometry    files=2 blocks=4096 pmd_order=9 mms=2\n" + ops +
                           "schedule    replay\n";
  auto parsed = trace::parse(text, "test", trace::Parse::lenient);
  EXPECT_TRUE(parsed.has_value()) << (parsed.has_value() ? "" : parsed.error().str());
  return parsed.has_value() ? parsed->trace.program : trace::Program{};
}

// drive(); the port of a kernel that races is made to race by it.
inline Driven driven(const Scene& scene, const Next& next) {
  const kernel::testing::KernelRaces races;
  return drive(scene, next);
}

inline Driven run(const trace::Program& program) {
  const Scene scene{.protocol = program.protocol,
                    .settings = program.settings,
                    .geometry = program.geometry,
                    .threads = program.threads()};
  return driven(scene, in_order(program.ops));
}

// A shared page, a PMD with a pin in it, a page table, a pinned page that no entry has, and a
// truncate that waits.
inline Log sample() {
  return run(program_of("T0: alloc   a+0 len=512\n"
                        "T0: mmap    a+0 len=512 -> m0\n"
                        "T0: fault   m0+3 write 0x5a\n"
                        "T0: pin     m0+7 read pin fast -> p0\n"
                        "T0: write   b+0 len=2 0x11\n"
                        "T0: reflink b+0 b+4 len=1\n"
                        "T0: mmap    b+0 len=8 -> m1\n"
                        "T0: fault   m1+0 read\n"
                        "T0: fault   m1+4 read\n"
                        "T0: fault   m1+1 read\n"
                        "T0: pin     m1+1 read get slow -> p1\n"
                        "T0: munmap  m1\n"
                        "T0: truncate b 1\n"
                        "T0: fault   m0+600 read\n"
                        "T0: fsync   a\n"
                        "T1: truncate a 0\n"))
      .log;
}

// The first event of that name in a step.
inline Event& event(Step& step, std::string_view name) {
  const auto at = std::ranges::find(step.events, name, &Event::name);
  if (at == step.events.end()) throw std::out_of_range(std::string(name));
  return *at;
}

// The same log by another allocator: the device's PMDs in the opposite order, and pages of
// ordinary memory (from 0x10000 on) by a guest's names, also in the opposite order.
inline Log renamed(Log log) {
  const auto pfn = [](std::uint64_t& number) {
    if (number >= 512 && number < 512 + 4096)
      number = 0x40000 + (8 - number / 512) * 512 + number % 512;
    else if (number >= 0x10000)
      number = 0x1fff - number % 0x1000;
  };
  const auto step = [&pfn](Step& step) {
    for (auto& [at, entry] : step.entries) pfn(entry.pfn);
    std::map<std::uint64_t, PageState> pages;
    for (const auto& [number, state] : step.pages) {
      std::uint64_t to = number;
      pfn(to);
      pages[to] = state;
    }
    step.pages = std::move(pages);
    for (auto& [slot, number] : step.pins) pfn(number);
    for (auto& [at, pte] : step.ptes) pfn(pte.pfn);
    for (Event& event : step.events)
      for (auto& [name, value] : event.fields)
        if (name == "entry" || (name == "ret" && event.name == "dax_insert_entry")) {
          std::uint64_t number = value >> 5;  // fs/dax.c's encoding
          pfn(number);
          value = number << 5 | value % 32;
        } else if (name == "ret" && event.name == "dax_layout_busy_page_range") {
          pfn(value);
        }
  };
  for (Step& each : log.steps) step(each);
  step(log.end);
  log.kernel = "renamed";
  return log;
}

}  // namespace daxfuzz::conformance::testing
