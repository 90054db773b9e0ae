// SPDX-License-Identifier: GPL-2.0-only
// The questions and their answers. See probe.h.
#include "bugs/probe.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "fuzz/draw.h"
#include "trace/text.h"

namespace daxfuzz::bugs {
namespace {

constexpr std::uint64_t kOps = 16;

std::string line(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : "\t") + column;
  return text + "\n";
}

// The same for every number below, so that one of them can be asked for alone.
trace::Program numbered(trace::ProtocolId protocol, std::uint64_t seed, std::uint64_t number) {
  fuzz::Random random(seed + number);
  return fuzz::drawn({.protocol = protocol, .threads = 1, .ops = kOps}, random);
}

std::string place(const exec::DataRace::Side& side) {
  return side.function + (side.at.empty() ? "" : " at " + side.at);
}

}  // namespace

std::string traces(const Questions& questions, const std::vector<corpus::File>& files) {
  std::string text;
  for (const corpus::File& file : files) {
    const trace::Program& program = file.trace.program;
    std::vector<trace::ProtocolId> protocols{program.protocol};
    for (const trace::ProtocolId protocol : questions.protocols)
      if (protocol != program.protocol) protocols.push_back(protocol);
    for (const trace::ProtocolId protocol : protocols) {
      const corpus::Variant variant{.spelling = {}, .protocol = protocol, .settings = program.settings};
      text += line({"trace", file.name, std::string(trace::name(protocol)),
                    corpus::run(file, variant).signature()});
    }
  }
  return text;
}

std::string hunts(const Questions& questions) {
  std::string text;
  for (const trace::ProtocolId protocol : questions.protocols) {
    std::map<std::pair<std::string, std::string>, std::uint64_t> raced;
    report::Worth worth;
    for (const Engine engine : kEngines) {
      std::map<std::string, std::uint64_t> seen;
      (void)hunt({.engine = engine,
                  .protocol = protocol,
                  .seed = questions.seed,
                  .executions = questions.executions,
                  .races = true,
                  .schedules = questions.worth},
                 [&seen](std::string_view signature) {
                   seen[std::string(signature)]++;
                   return false;
                 },
                 [&](const Ran& ran) {
                   std::set<std::pair<std::string, std::string>> pairs;
                   for (const exec::DataRace& race : ran.execution.races)
                     pairs.emplace(place(race.load), place(race.write));
                   for (const auto& pair : pairs) raced[pair]++;
                   if (questions.worth) count(worth, ran);
                 });
      for (const auto& [signature, count] : seen)
        text += line({"hunt", std::string(trace::name(protocol)), std::string(name(engine)), signature,
                      std::to_string(count)});
    }
    for (const auto& [pair, count] : raced)
      text += line({"race", std::string(trace::name(protocol)), pair.first, pair.second, std::to_string(count)});
    std::istringstream lines(worth.text());
    for (std::string one; std::getline(lines, one);)
      text += line({"worth", std::string(trace::name(protocol)), one});
  }
  return text;
}

std::string programs(const Questions& questions) {
  std::string text;
  for (const trace::ProtocolId protocol : questions.protocols)
    for (std::uint64_t number = 0; number < questions.programs; number++) {
      const exec::Execution execution = exec::execute(numbered(protocol, questions.seed, number));
      std::string results;
      for (const std::int64_t result : execution.results)
        results += (results.empty() ? "" : ",") + (result == INT64_MIN ? "-" : std::to_string(result));
      text += line({"program", std::string(trace::name(protocol)), std::to_string(number),
                    execution.signature(), results});
    }
  return text;
}

std::string program_trace(const Questions& questions, std::uint64_t number) {
  const trace::Program program = numbered(questions.protocols.front(), questions.seed, number);
  const exec::Execution execution = exec::execute(program);
  trace::Trace trace{.program = exec::with_schedule(program, execution),
                     .digest = execution.digest,
                     .comments = {}};
  return trace::print(trace);
}

}  // namespace daxfuzz::bugs
