// SPDX-License-Identifier: GPL-2.0-only
// Data races of every trace in corpus/: the executor's vector clocks find the same in each
// build, and in ThreadSanitizer's the two agree about every trace. What the kernel leaves
// unordered is not this project's to judge; whether a trace has such accesses is.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "corpus/expectations.h"
#include "sched/tsan_reports.h"
#include "trace/text.h"

namespace daxfuzz::corpus {
namespace {

std::vector<std::string> all() {
  std::vector<std::string> paths;
  for (const char* folder : {"corpus/branches", "corpus/claims", "corpus/findings", "corpus/litmus", "corpus/seeds"})
    for (std::string& path : list(folder)) paths.push_back(std::move(path));
  return paths;
}

// Who loads and who writes, in all traces: to be looked at when it changes, whichever way.
const std::set<std::string> kPairs = {
    "dax_associate_entry / dax_associate_entry", "dax_disassociate_entry / free_zone_device_folio",
    "dax_lock_folio / dax_associate_entry",      "dax_unlock_folio / dax_associate_entry",
    "mf_generic_kill_procs / dax_associate_entry",
};

TEST(Races, TsanAgreesAboutEveryTrace) {
  std::set<std::string> pairs;
  std::size_t racy = 0;
  for (const std::string& path : all()) {
    std::ifstream in(path);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto parsed = trace::parse(text, path);
    ASSERT_TRUE(parsed.has_value()) << path;
    const trace::Program& program = parsed->trace.program;
    const exec::Execution run = exec::execute(program, {.races = true});
    racy += run.races.empty() ? 0 : 1;
    std::string said;
    for (const exec::DataRace& race : run.races) {
      pairs.insert(race.load.function + " / " + race.write.function);
      said += exec::text(race) + "\n";
    }
    if (sched::tsan_linked()) EXPECT_EQ(run.tsan_reports != 0, !run.races.empty()) << path << "\n" << said;
    EXPECT_EQ(run.digest, exec::execute(program).digest) << path;
  }
  EXPECT_EQ(pairs, kPairs);
  EXPECT_EQ(racy, 3u);
}

}  // namespace
}  // namespace daxfuzz::corpus
