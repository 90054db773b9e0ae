// SPDX-License-Identifier: GPL-2.0-only
// The engines of a hunt: those that every bug's program has, libFuzzer, which needs a build of its
// own, and real threads, which need another link. Read next: hunt.h, libfuzzer_hunt.h, threads_row.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace daxfuzz::bugs {

enum class Engine : std::uint8_t {
  random,      // programs by fuzz/draw.h and fuzz/scene.h, each step by any task that can run
  pct,         // the same programs, by priorities (sched/choice_pct.h)
  pos,         // the same programs, by partial order sampling (sched/choice_pos.h)
  rapidcheck,  // programs of properties/programs.h, trace/generators.h and those two, sizes as in rc::check()
  libfuzzer,   // guided by the port's coverage, programs by fuzz/mutator.h, from no corpus
  unsteered,   // the same, but inputs do not say who runs next: any task that can run does. The baseline
  // What the mutator is good for: libfuzzer with a part of it (fuzz/mutator_engine.h).
  unpointed,   // no change points
  changing,    // changes of ops, operands, threads and seeds only
  bytes,       // libFuzzer's own mutations of bytes only
  aflpp,       // the same as libfuzzer by AFL++, which schedules by time: not repeatable()
  // Stress: the programs of `random`, T0's set-up first too, on real threads. The baseline of all; not repeatable().
  threads,         // as the machine runs them
  threads_yields,  // which yield, spin and nap at random (sched/os_threads.h)
  threads_tsan,    // the same in a build with ThreadSanitizer, whose reports count, too
};
// Without feedback: hunt.h.
inline constexpr Engine kEngines[] = {Engine::random, Engine::pct, Engine::rapidcheck};
// The same, for the bench only: no bug's header speaks of it.
inline constexpr Engine kBenchEngines[] = {Engine::pos};
// With the port's coverage: libfuzzer_hunt.h; and aflpp_main.cc, which has but one.
inline constexpr Engine kGuidedEngines[] = {Engine::libfuzzer, Engine::unsteered};
// The same, for the bench only.
inline constexpr Engine kMutatorEngines[] = {Engine::unpointed, Engine::changing, Engine::bytes};
// On real threads: threads_main.cc.
inline constexpr Engine kThreadEngines[] = {Engine::threads, Engine::threads_yields, Engine::threads_tsan};

[[nodiscard]] constexpr std::string_view name(Engine engine) {
  switch (engine) {
    case Engine::random: return "random";
    case Engine::pct: return "pct";
    case Engine::rapidcheck: return "rapidcheck";
    case Engine::libfuzzer: return "libfuzzer";
    case Engine::pos: return "pos";
    case Engine::unsteered: return "libfuzzer-unsteered";
    case Engine::unpointed: return "libfuzzer-unpointed";
    case Engine::changing: return "libfuzzer-changing";
    case Engine::bytes: return "libfuzzer-bytes";
    case Engine::aflpp: return "aflpp";
    case Engine::threads: return "threads";
    case Engine::threads_yields: return "threads-yields";
    case Engine::threads_tsan: return "threads-tsan";
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
  for (const Engine engine : kMutatorEngines)
    if (name(engine) == word) return engine;
  for (const Engine engine : kThreadEngines)
    if (name(engine) == word) return engine;
  if (name(Engine::aflpp) == word) return Engine::aflpp;
  return std::nullopt;
}

[[nodiscard]] constexpr bool guided(Engine engine) {
  return engine == Engine::libfuzzer || engine == Engine::unsteered || engine == Engine::unpointed ||
         engine == Engine::changing || engine == Engine::bytes || engine == Engine::aflpp;
}

[[nodiscard]] constexpr bool threaded(Engine engine) {
  return engine == Engine::threads || engine == Engine::threads_yields || engine == Engine::threads_tsan;
}

// What the others are held against.
[[nodiscard]] constexpr bool baseline(Engine engine) { 
  return threaded(engine) || engine == Engine::unsteered || engine == Engine::bytes;
}

// The same seed gives the same row, but for its time: on every machine, each time.
[[nodiscard]] constexpr bool repeatable(Engine engine) { return !threaded(engine) && engine != Engine::aflpp; }

}  // namespace daxfuzz::bugs
