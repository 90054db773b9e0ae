// SPDX-License-Identifier: GPL-2.0-only
// The clean twin of every bug's check: the same hunts over the model without a bug find nothing, and
// the traces pass. So what a check finds is the bug.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "bugs/bug.h"
#include "bugs/check.h"
#include "corpus/expectations.h"
#include "trace/text.h"

namespace daxfuzz::bugs {
namespace {

std::vector<Bug> all() {
  std::vector<Bug> bugs;
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("bugs"))
    if (entry.path().extension() == ".patch") paths.insert(entry.path());
  for (const auto& path : paths) {
    auto bug = load(path.string());
    EXPECT_TRUE(bug) << bug.error();
    if (bug) bugs.push_back(std::move(*bug));
  }
  return bugs;
}

TEST(Clean, HuntsFindNothing) {
  std::map<trace::ProtocolId, std::vector<Bug>> hunted;
  for (Bug& bug : all()) hunted[bug.protocols.front()].push_back(std::move(bug));
  ASSERT_FALSE(hunted.empty());
  for (const auto& [protocol, bugs] : hunted)
    for (const Engine engine : kEngines) {
      const auto wanted = [&](std::string_view signature) {
        return std::ranges::any_of(bugs, [=](const Bug& bug) { return counts(bug, signature); });
      };
      const Hunted found = hunt({.engine = engine,
                                 .protocol = protocol,
                                 .seed = kCheckSeed,
                                 .executions = kCheckExecutions},
                                wanted);
      EXPECT_FALSE(found.program) << trace::name(protocol) << ", " << name(engine) << ": "
                                  << found.execution.signature() << " after " << found.executions
                                  << " executions";
      EXPECT_EQ(found.executions, kCheckExecutions);
    }
}

TEST(Clean, TracesPass) {
  for (const Bug& bug : all()) {
    const auto parsed = read_trace("corpus/litmus/bugs/" + bug.name + ".daxt");
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(exec::execute(parsed->program, {.lenient = true}).signature(), "pass") << bug.name;
  }
}

TEST(Clean, EachTraceIsABugs) {
  std::set<std::string> names;
  for (const Bug& bug : all()) names.insert(bug.name);
  for (const std::string& path : corpus::list("corpus/litmus/bugs"))
    EXPECT_TRUE(names.contains(std::filesystem::path(path).stem().string())) << path;
}

}  // namespace
}  // namespace daxfuzz::bugs
