// SPDX-License-Identifier: GPL-2.0-only
// Draws the probes and runs them without a mutant. See probes.h.
#include "bench/probes.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "bench/mutant.h"
#include "bugs/check.h"
#include "corpus/expectations.h"
#include "sched/check.h"

namespace daxfuzz::bench {
namespace {

// Where the model passes, with all fixes in.
constexpr trace::ProtocolId kProtocols[] = {
    trace::ProtocolId::upstream, trace::ProtocolId::upstream71, trace::ProtocolId::legacy};

// Each folder that has traces.
std::vector<std::string> traces(const std::string& corpus) {
  std::set<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus))
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

bool Probes::counts(const Probe& probe, const std::string& signature) const {
  return signature != "pass" && !bugs::is_lead(probe.draw.program.protocol, signature);
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
  std::uint64_t steps = 0;
  for (std::uint32_t i = 0; i < hunt.executions; i++) {
    const exec::Execution execution = add({.draw = programs.next(),
                                           .steps = i == 0 ? bugs::kStepsFirst : steps / i,
                                           .set = set,
                                           .number = i + 1});
    steps += execution.steps;
    if (counts(probes_.back(), execution.signature()))
      return std::unexpected("without a mutant: " + sets_.back() + " " + std::to_string(i + 1) + ": " +
                             execution.signature());
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
  return probes;
}

}  // namespace daxfuzz::bench
