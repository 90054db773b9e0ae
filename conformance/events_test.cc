// SPDX-License-Identifier: GPL-2.0-only
// What of events is compared, and what two right answers may differ in. See events.h.
#include <algorithm>
#include <tuple>

#include "conformance/compare.h"
#include "conformance/testing.h"

namespace daxfuzz::conformance {
namespace {

using testing::event;
using testing::renamed;
using testing::sample;

// Events of other ops than a fault: each is changed where it is.
TEST(Compare, FieldsOfEventsAreCompared) {
  const Log model = sample();
  const std::tuple<const char*, const char*, const char*> fields[] = {
      {"dax_disassociate_entry", "trunc", "event's trunc"},
      {"__dax_invalidate_entry", "index", "event's index"},
      {"__dax_invalidate_entry", "ret", "event's ret"},
      {"dax_writeback_one", "pgoff", "event's pgoff"}};
  for (const auto& [name, field, told] : fields) {
    Log kernel = renamed(model);
    const auto at = std::ranges::find_if(kernel.steps, [&](const Step& step) {
      return std::ranges::find(step.events, name, &Event::name) != step.events.end();
    });
    ASSERT_NE(at, kernel.steps.end()) << name;
    for (Step& step : kernel.steps)
      for (Event& one : step.events)
        if (one.name == "dax_writeback_one") one.fields["pglen"] = 1;
    const auto step = static_cast<std::size_t>(at - kernel.steps.begin());
    event(*at, name).fields[field] += 512;
    const Comparison found = compare(model, kernel);
    ASSERT_TRUE(found.difference.has_value()) << name;
    EXPECT_EQ(found.difference->field, told);
    EXPECT_EQ(found.difference->step, step) << name;
  }
}

TEST(Compare, ABusyPageIsCompared) {
  const Log model = sample();
  Log none = renamed(model), other = renamed(model);
  ASSERT_NE(event(none.steps.back(), "dax_layout_busy_page_range").fields["ret"], 0u);
  event(none.steps.back(), "dax_layout_busy_page_range").fields["ret"] = 0;
  event(other.steps.back(), "dax_layout_busy_page_range").fields["ret"]++;
  EXPECT_EQ(compare(model, none).difference.value().field, "event's busy page");
  EXPECT_EQ(compare(model, other).difference.value().field, "block");
}

TEST(Compare, WhereEventsWereLostNoneIsCompared) {
  const Log model = sample();
  Log kernel = renamed(model);
  event(kernel.steps.back(), "dax_layout_busy_page_range").fields["ret"] = 0;
  ASSERT_TRUE(compare(model, kernel).difference.has_value());
  const auto lost = parse_log("daxconf-log 1\nkernel 6.12\nstep 0\nR 0 ok 0\nL 3\nL 4\n");
  ASSERT_TRUE(lost.has_value()) << lost.error();
  kernel.steps.back().events_lost = lost->steps.back().events_lost;
  EXPECT_EQ(kernel.steps.back().events_lost, 7u);
  EXPECT_FALSE(compare(model, kernel).difference.has_value());
}

TEST(Compare, EventsThatMayDifferAreLeftOut) {
  const Log model = sample();
  Log kernel = renamed(model);
  // Nothing happens to an entry without a page; a major fault; how often a blocked op looks.
  kernel.steps[9].events.insert(
      kernel.steps[9].events.begin(),
      {.step = 9, .name = "dax_disassociate_entry", .fields = {{"entry", 0x11}, {"trunc", 0}}});
  event(kernel.steps[9], "dax_pte_fault_done").fields["ret"] |= 4;
  kernel.steps.back().events.push_back(event(kernel.steps.back(), "dax_layout_busy_page_range"));
  EXPECT_FALSE(compare(model, kernel).difference.has_value());
  // What the kernel cannot watch is not missed, and nothing else for it.
  for (Step& step : kernel.steps)
    std::erase_if(step.events, [](const Event& one) { return one.name == "dax_insert_entry"; });
  EXPECT_EQ(compare(model, kernel).difference.value().field, "event");
  kernel.blind = {"dax_insert_entry"};
  EXPECT_FALSE(compare(model, kernel).difference.has_value());
  const auto parsed = parse_log(print_log(kernel));
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(parsed->blind, kernel.blind);
}

// To the end of a file is to another page in each; of a PMD's hole there is no result.
TEST(Compare, PointsWithinAFaultAreCompared) {
  const auto log = [](std::vector<Event> events) {
    Log out;
    out.steps.resize(1);
    out.ended = true;
    out.steps[0].results[0] = {};
    out.steps[0].events = std::move(events);
    return out;
  };
  const auto differs = [&log](const Event& model, const Event& kernel) {
    const auto found = compare(log({model}), log({kernel})).difference;
    return found.has_value() ? found->field : "nothing";
  };
  const auto range = [](std::uint64_t first, std::uint64_t last) {
    return Event{.step = 0, .name = "dax_writeback_range", .fields = {{"first", first}, {"last", last}}};
  };
  EXPECT_EQ(differs(range(2, UINT64_MAX), range(2, (std::uint64_t{1} << 51) - 1)), "nothing");
  EXPECT_EQ(differs(range(2, 1022), range(2, UINT64_MAX)), "event's last");
  EXPECT_EQ(differs(range(2, 7), range(3, 7)), "event's first");
  const auto at = [](const char* name, std::map<std::string, std::uint64_t> fields) {
    return Event{.step = 0, .name = name, .fields = std::move(fields)};
  };
  EXPECT_EQ(differs(at("dax_pmd_load_hole", {{"pgoff", 0}}), at("dax_pmd_load_hole", {{"pgoff", 512}})),
            "event's pgoff");
  EXPECT_EQ(differs(at("dax_pmd_load_hole", {{"pgoff", 0}}),
                    at("dax_pmd_load_hole_fallback", {{"pgoff", 0}})),
            "event");
  for (const char* name : {"dax_load_hole", "dax_insert_pfn_mkwrite", "dax_insert_pfn_mkwrite_no_entry"}) {
    EXPECT_EQ(differs(at(name, {{"pgoff", 1}, {"ret", 0x104}}), at(name, {{"pgoff", 1}, {"ret", 0x100}})),
              "nothing");
    EXPECT_EQ(differs(at(name, {{"pgoff", 1}, {"ret", 0x100}}), at(name, {{"pgoff", 1}, {"ret", 0x2}})),
              "event's fault");
  }
}

// The kernel says the first page of a PMD that it writes back, the model the one it came by.
TEST(Compare, AWritebackBeginsWithItsEntry) {
  const Event model{.step = 0, .name = "dax_writeback_one", .fields = {{"pgoff", 514}}};
  Event kernel{.step = 0, .name = "dax_writeback_one", .fields = {{"pgoff", 512}, {"pglen", 512}}};
  Log one, other;
  one.steps.resize(1);
  one.ended = other.ended = true;
  other.steps = one.steps;
  one.steps[0].results[0] = other.steps[0].results[0] = {};
  one.steps[0].events = {model};
  other.steps[0].events = {kernel};
  EXPECT_FALSE(compare(one, other).difference.has_value());
  other.steps[0].events[0].fields["pglen"] = 1;
  EXPECT_EQ(compare(one, other).difference.value().field, "event's pgoff");
}

}  // namespace
}  // namespace daxfuzz::conformance
