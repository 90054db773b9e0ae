// SPDX-License-Identifier: GPL-2.0-only
// Features from an event log and from counters. See coverage.h.
#include "corpus/coverage.h"

#include <algorithm>
#include <string>

#include "corpus/edges.h"
#include "corpus/marks.h"
#include "report/worth.h"
#include "sched/label.h"

namespace daxfuzz::corpus {

std::string_view name(FeatureKind kind) {
  static constexpr std::string_view kNames[] = {"signatures", "marks", "switches", "results", "edges"};
  return kNames[static_cast<std::size_t>(kind)];
}

Covered covered(const trace::Program& program, const std::function<exec::Execution()>& run) {
  const std::span<std::uint8_t> counters = edge_counters();
  std::ranges::fill(counters, std::uint8_t{0});
  Covered out{.execution = run(), .features = {}};
  std::vector<Feature>& features = out.features;
  for (std::size_t i = 0; i < counters.size(); ++i)
    if (counters[i] != 0) features.push_back({FeatureKind::edges, edge_feature(i, counters[i])});
  const exec::Execution& execution = out.execution;
  if (execution.failed())
    features.push_back({FeatureKind::signature,
                        sched::fnv1a(std::string(trace::name(program.protocol)) + " " + execution.signature())});
  for (const Mark& mark : marks())
    if (mark.seen(execution.events)) features.push_back({FeatureKind::mark, sched::fnv1a(mark.name)});
  for (const std::uint64_t id : report::switches_shown(execution)) features.push_back({FeatureKind::switches, id});
  for (const std::uint64_t id : report::results_shown(program, execution))
    features.push_back({FeatureKind::results, id});
  std::ranges::sort(features);
  features.erase(std::ranges::unique(features).begin(), features.end());
  return out;
}

}  // namespace daxfuzz::corpus
