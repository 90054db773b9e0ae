// SPDX-License-Identifier: GPL-2.0-only
// Draws the probes and runs them without a mutant. See probes.h.
#include "bench/mutation/probes.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "bench/mutation/mutant.h"
#include "bench/mutation/sequential.h"
#include "bugs/check.h"
#include "corpus/expectations.h"
#include "sched/check.h"

namespace daxfuzz::mutation {
namespace {

// Where the model passes, with all fixes in.
constexpr trace::ProtocolId kProtocols[] = {
    trace::ProtocolId::upstream, trace::ProtocolId::upstream71, trace::ProtocolId::legacy};

// Each folder that has traces.
std::vector<std::string> traces(const std::string& corpus) {
  std::set<std::string> paths;
  std::error_code error;  // a folder that is not there has no traces
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus, error))
    if (entry.path().extension() == ".daxt") paths.insert(entry.path().string());
  return {paths.begin(), paths.end()};
}

}  // namespace

std::uint64_t digest_of(const exec::Execution& execution) {
  std::uint64_t digest = execution.digest;
  for (const std::int64_t result : execution.results)
    digest = (digest ^ static_cast<std::uint64_t>(result)) * 0x100000001b3;  // FNV-1a
  return digest;
}

exec::Execution Probes::run(const Probe& probe) {
  const auto choices = bugs::choices(probe.draw, probe.steps);
  return exec::execute(probe.draw.program, {.lenient = probe.lenient, .choices = choices.get()});
}

std::string Probes::wrong(const Probe& probe, const exec::Execution& execution) {
  if (!execution.failed())
    return probe.results.empty() ? "" : wrong_result(probe.draw.program, probe.results, execution);
  return execution.signature();
}

// Runs it without a mutant, and keeps what it reaches.
exec::Execution Probes::add(Probe probe) {
  CHECK(active_mutant == 0);
  std::ranges::fill(mutant_reached, std::uint8_t{0});
  exec::Execution execution = run(probe);
  probe.digest = digest_of(execution);
  probes_.push_back(std::move(probe));
  const std::size_t row = reached_.size();
  reached_.resize(row + words_);
  for (std::size_t i = 0; i < words_ * 64; i++)
    reached_[row + i / 64] |= std::uint64_t{mutant_reached[i]} << i % 64;
  return execution;
}

// Each trace under its own protocol and those of the hunts, where it passes.
std::expected<void, std::string> Probes::add_corpus(const std::string& folder) {
  sets_.push_back("corpus");
  std::uint32_t number = 0;
  for (const std::string& path : traces(folder)) {
    const auto trace = bugs::read_trace(path);
    if (!trace) return std::unexpected(trace.error());
    std::set<trace::ProtocolId> protocols(std::begin(kProtocols), std::end(kProtocols));
    protocols.insert(trace->program.protocol);
    for (const trace::ProtocolId protocol : protocols) {
      Probe probe{.draw = {.program = trace->program}, .lenient = true, .set = 0, .number = ++number};
      if (protocol != trace->program.protocol) {
        probe.draw.program.protocol = protocol;
        probe.draw.program.settings.clear();
      }
      if (!add(std::move(probe)).failed()) continue;
      probes_.pop_back();
      reached_.resize(reached_.size() - words_);
    }
  }
  return {};
}

std::expected<void, std::string> Probes::add_hunt(const bugs::Hunt& hunt) {
  const auto set = static_cast<std::uint32_t>(sets_.size());
  sets_.push_back(std::string(trace::name(hunt.protocol)) + " " + std::string(name(hunt.engine)));
  bugs::Programs programs(hunt);
  bugs::Steps steps;
  for (std::uint32_t i = 0; i < hunt.executions; i++) {
    bugs::Draw draw = programs.next();
    const std::uint64_t mean = steps.mean(draw.program);
    const exec::Execution execution =
        add({.draw = std::move(draw), .steps = mean, .set = set, .number = i + 1});
    steps.ran(probes_.back().draw.program, execution);
    if (const std::string said = wrong(probes_.back(), execution); !said.empty())
      return std::unexpected("without a mutant: " + sets_.back() + " " + std::to_string(i + 1) + ": " +
                             said);
  }
  return {};
}

std::expected<void, std::string> Probes::add_sequential(const Budget& budget) {
  const auto set = static_cast<std::uint32_t>(sets_.size());
  sets_.push_back("sequential");
  std::uint32_t number = 0;
  for (Sequential& drawn : sequential_programs(budget.seed, budget.sequential)) {
    const exec::Execution execution = add({.draw = {.program = std::move(drawn.program)},
                                           .set = set,
                                           .number = ++number,
                                           .results = std::move(drawn.results)});
    if (const std::string said = wrong(probes_.back(), execution); !said.empty())
      return std::unexpected("without a mutant: sequential " + std::to_string(number) + ": " + said);
  }
  return {};
}

std::expected<Probes, std::string> Probes::made(const std::string& corpus, const Budget& budget,
                                                std::uint32_t mutants) {
  Probes probes;
  probes.words_ = mutants / 64 + 1;  // ids are from 1
  if (const auto added = probes.add_corpus(corpus); !added) return std::unexpected(added.error());
  if (probes.probes_.empty()) return std::unexpected(corpus + ": no trace that passes");
  for (const bugs::Engine engine : bugs::kEngines)
    for (const trace::ProtocolId protocol : kProtocols) {
      const auto added = probes.add_hunt({.engine = engine,
                                          .protocol = protocol,
                                          .seed = budget.seed,
                                          .executions = budget.executions});
      if (!added) return std::unexpected(added.error());
    }
  if (const auto added = probes.add_sequential(budget); !added) return std::unexpected(added.error());
  return probes;
}

}  // namespace daxfuzz::mutation
