// SPDX-License-Identifier: GPL-2.0-only
// What a corpus promises of merges, for any inputs; and what features a run has.
#include "corpus/merge.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "corpus/edges.h"
#include "corpus/expectations.h"
#include "corpus/marks.h"
#include "exec/execute.h"

namespace daxfuzz::corpus {
namespace {

using Set = std::map<std::string, Candidate>;

// Few features and sizes, so that inputs cover the same and are as large; the key says what an input is, as a
// hash of its content would.
rc::Gen<Set> inputs() {
  return rc::gen::exec([] {
    Set out;
    for (int n = *rc::gen::inRange(0, 12); n > 0; --n) {
      Candidate c;
      c.size = *rc::gen::inRange<std::size_t>(1, 4);
      c.regression = *rc::gen::inRange(0, 6) == 0;
      for (int f = *rc::gen::inRange(0, 5); f > 0; --f)
        c.features.push_back({FeatureKind{}, *rc::gen::inRange<std::uint64_t>(0, 8)});
      std::ranges::sort(c.features);
      c.features.erase(std::ranges::unique(c.features).begin(), c.features.end());
      c.key = std::to_string(c.size) + (c.regression ? "r" : "-");
      for (const Feature& f : c.features) c.key += std::to_string(f.id);
      c.key += std::to_string(*rc::gen::inRange(0, 2));
      out.emplace(c.key, c);
    }
    return out;
  });
}

Set merged(const Set& a, const Set& b) {
  Set all = a;
  all.insert(b.begin(), b.end());
  std::vector<Candidate> list;
  for (const auto& [key, c] : all) list.push_back(c);
  Set out;
  for (const std::size_t i : kept(list)) out.emplace(list[i].key, list[i]);
  return out;
}

std::set<Feature> features(const Set& set) {
  std::set<Feature> out;
  for (const auto& [key, c] : set) out.insert(c.features.begin(), c.features.end());
  return out;
}

std::set<std::string> keys(const Set& set) {
  std::set<std::string> out;
  for (const auto& [key, c] : set) out.insert(key);
  return out;
}

RC_GTEST_PROP(Merge, AgainChangesNothing, ()) {
  const Set a = merged({}, *inputs());
  RC_ASSERT(keys(merged(a, a)) == keys(a));
  RC_ASSERT(keys(merged({}, a)) == keys(a));
}

RC_GTEST_PROP(Merge, TheOrderDoesNotMatter, ()) {
  const Set a = *inputs(), b = *inputs(), c = *inputs();
  const auto all = keys(merged(merged(a, b), c));
  RC_ASSERT(keys(merged(b, a)) == keys(merged(a, b)));
  RC_ASSERT(keys(merged(a, merged(b, c))) == all);
  RC_ASSERT(keys(merged(merged(c, a), b)) == all);
  RC_ASSERT(keys(merged(merged(merged({}, a), merged({}, b)), merged({}, c))) == all);
}

RC_GTEST_PROP(Merge, NothingIsLost, ()) {
  const Set a = *inputs(), b = *inputs();
  const Set both = merged(a, b);
  std::set<Feature> wanted = features(a);
  wanted.merge(features(b));
  RC_ASSERT(features(both) == wanted);
  for (const Set* set : {&a, &b})
    for (const auto& [key, c] : *set) RC_ASSERT(!c.regression || both.contains(key));
}

RC_GTEST_PROP(Merge, WhatIsKeptIsTheLeastOfSomething, ()) {
  const Set all = *inputs(), small = merged({}, all);
  for (const auto& [key, c] : small) {
    const bool wins = std::ranges::any_of(c.features, [&](const Feature& f) {
      return std::ranges::none_of(all, [&](const auto& other) {
        return other.first != key && std::ranges::binary_search(other.second.features, f) &&
               (other.second.regression || other.second.size < c.size);
      });
    });
    RC_ASSERT(c.regression || wins);
  }
}

// Planted: keeping a least set that covers all, as engines do, depends on the order.
TEST(Merge, GreedyWouldNotDo) {
  const auto candidate = [](const char* key, std::vector<std::uint64_t> ids) {
    Candidate c{.key = key, .size = 1, .regression = false, .features = {}};
    for (const std::uint64_t id : ids) c.features.push_back({FeatureKind{}, id});
    return std::pair(c.key, c);
  };
  const Set a{candidate("a", {1, 2})}, b{candidate("b", {2, 3})}, c{candidate("c", {1, 3})};
  const auto greedy = [](const Set& x, const Set& y) {
    Set out = x;
    for (const auto& [key, one] : y) {
      const auto have = features(out);
      if (!std::ranges::includes(have, one.features)) out.emplace(key, one);
    }
    return keys(out);
  };
  EXPECT_NE(greedy(a, b), greedy(b, c));
  EXPECT_EQ(keys(merged(merged(a, b), c)), keys(merged(merged(c, b), a)));
}

// --- features of runs ---------------------------------------------------------------

Covered covered_file(const std::string& path) {
  const auto trace = load_trace(path);
  EXPECT_TRUE(trace.has_value()) << path;
  return covered(trace->program, [&] { return exec::execute(trace->program, {.keep_events = true}); });
}

std::size_t of_kind(const Covered& covered, FeatureKind kind) {
  return static_cast<std::size_t>(std::ranges::count(covered.features, kind, &Feature::kind));
}

TEST(Covered, ASeedHasItsMarkAndAFindingItsSignature) {
  for (const std::string& path : list("corpus/seeds")) {
    const Covered seed = covered_file(path);
    EXPECT_EQ(of_kind(seed, FeatureKind::signature), 0u) << path;
    const auto trace = load_trace(path);
    const Feature mark{FeatureKind::mark, sched::fnv1a(trace::header(*trace, "mark"))};
    EXPECT_TRUE(std::ranges::binary_search(seed.features, mark)) << path;
    EXPECT_EQ(covered_file(path).features, seed.features) << path;
  }
  for (const std::string& path : list("corpus/findings")) {
    const Covered finding = covered_file(path);
    EXPECT_EQ(of_kind(finding, FeatureKind::signature), 1u) << path;
    EXPECT_GT(of_kind(finding, FeatureKind::results), 0u) << path;
  }
}

}  // namespace
}  // namespace daxfuzz::corpus

// As clang's instrumentation would put it there: this program has two counters, of which a run hits one.
namespace {
[[gnu::section("__sancov_cntrs"), gnu::used]] std::uint8_t planted_counters[2];
}

TEST(Covered, EdgesIfThereAreCounters) {
  using namespace daxfuzz;
  ASSERT_EQ(corpus::edge_counters().size(), 2u);
  planted_counters[1] = 200;  // of what ran before
  const std::pair<std::uint8_t, std::uint64_t> kBuckets[] = {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {7, 4}, {8, 5}, {255, 8}};
  for (const auto& [times, bucket] : kBuckets) {
    const auto run = corpus::covered({}, [n = times] {
      planted_counters[0] = n;
      return exec::Execution{};
    });
    EXPECT_EQ(run.features, (std::vector<corpus::Feature>{{corpus::FeatureKind::edges, bucket}})) << int{times};
  }
}
