// SPDX-License-Identifier: GPL-2.0-only
// The engines of a hunt: those that every bug's program has, and libFuzzer, which needs a build of
// its own. Read next: hunt.h, libfuzzer_hunt.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace daxfuzz::bugs {

enum class Engine : std::uint8_t {
  random,      // programs by fuzz/draw.h, each step by any task that can run
  pct,         // the same programs, by priorities (sched/choice_pct.h)
  pos,         // the same programs, by partial order sampling (sched/choice_pos.h)
  rapidcheck,  // programs of properties/programs.h and trace/generators.h, sizes growing as in rc::check()
  libfuzzer,   // guided by the port's coverage, programs by fuzz/mutator.h, from no corpus
  unsteered,   // the same, but inputs do not say who runs next: any task that can run does. The baseline
};
// Without feedback: hunt.h.
inline constexpr Engine kEngines[] = {Engine::random, Engine::pct, Engine::rapidcheck};
// The same, for the bench only: no bug's header speaks of it.
inline constexpr Engine kBenchEngines[] = {Engine::pos};
// With the port's coverage: libfuzzer_hunt.h.
inline constexpr Engine kGuidedEngines[] = {Engine::libfuzzer, Engine::unsteered};

[[nodiscard]] constexpr std::string_view name(Engine engine) {
  switch (engine) {
    case Engine::random: return "random";
    case Engine::pct: return "pct";
    case Engine::rapidcheck: return "rapidcheck";
    case Engine::libfuzzer: return "libfuzzer";
    case Engine::pos: return "pos";
    case Engine::unsteered: return "libfuzzer-unsteered";
  }
  return "";
}

[[nodiscard]] constexpr std::optional<Engine> engine_named(std::string_view word) {
  for (const Engine engine : kEngines)
    if (name(engine) == word) return engine;
  for (const Engine engine : kBenchEngines)
    if (name(engine) == word) return engine;
  for (const Engine engine : kGuidedEngines)
    if (name(engine) == word) return engine;
  return std::nullopt;
}

[[nodiscard]] constexpr bool guided(Engine engine) {
  return engine == Engine::libfuzzer || engine == Engine::unsteered;
}

}  // namespace daxfuzz::bugs
