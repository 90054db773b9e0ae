// SPDX-License-Identifier: GPL-2.0-only
// The engines of a hunt that need no build of their own. Read next: hunt.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace daxfuzz::bugs {

enum class Engine : std::uint8_t {
  random,      // programs by fuzz/draw.h, each step by any task that can run
  pct,         // the same programs, by priorities (sched/choice_pct.h)
  rapidcheck,  // programs of properties/programs.h and trace/generators.h, sizes growing as in rc::check()
};
inline constexpr Engine kEngines[] = {Engine::random, Engine::pct, Engine::rapidcheck};

[[nodiscard]] constexpr std::string_view name(Engine engine) {
  switch (engine) {
    case Engine::random: return "random";
    case Engine::pct: return "pct";
    case Engine::rapidcheck: return "rapidcheck";
  }
  return "";
}

[[nodiscard]] constexpr std::optional<Engine> engine_named(std::string_view word) {
  for (const Engine engine : kEngines)
    if (name(engine) == word) return engine;
  return std::nullopt;
}

}  // namespace daxfuzz::bugs
