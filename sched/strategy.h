// SPDX-License-Identifier: GPL-2.0-only
// Strategies that draw schedules, by name, for many runs of the same tasks: what one run shows
// of the tasks (Profile) is of use to the next. So runs are not independent, but of random and pos.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sched/choice.h"
#include "sched/choice_fresh.h"
#include "sched/choice_reads_from.h"
#include "sched/profile.h"

namespace daxfuzz::sched {

enum class Strategy : std::uint8_t {
  random,     // choice_random.h
  pct2,       // choice_pct.h, of depth 2, 3 and 5; changes where places are contended
  pct3,
  pct5,
  pos,        // choice_pos.h
  urw,        // choice_walk.h
  surw,       // choice_walk.h, of one contended place after the other
  fresh,      // choice_fresh.h
  reads_from, // choice_reads_from.h
  portfolio,  // those above in turn
};
inline constexpr std::uint32_t kStrategies = 10;
[[nodiscard]] const char* name(Strategy strategy);
[[nodiscard]] std::optional<Strategy> strategy_named(std::string_view name);

class Sampler {
 public:
  Sampler(Strategy strategy, std::uint64_t seed) : strategy_(strategy), seed_(seed) {}
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  // Who chooses in the next run, up to the next call of this. The run before has ended.
  ChoiceSource& next_run();
  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] const Profile& profile() const { return profile_; }

 private:
  std::unique_ptr<ChoiceSource> pct(std::uint64_t seed, std::uint32_t depth);
  std::unique_ptr<ChoiceSource> fresh(std::uint64_t seed);
  std::unique_ptr<ChoiceSource> drawn(Strategy strategy, std::uint64_t run);

  // Runs are looked at so long; afterwards what they show is known.
  static constexpr std::uint64_t kProfiled = 64;
  static constexpr int kRedraws = 16;
  Strategy strategy_;
  std::uint64_t seed_;
  std::uint64_t runs_ = 0;
  Profile profile_;
  std::vector<Profile> profiles_;  // of the runs in it
  std::unordered_set<std::uint64_t> plans_;  // of PCT, that were tried
  Visits visits_;
  std::size_t visits_places_ = 0;  // contended places that it knows of
  ReadsFromMemory reads_from_;
  std::unique_ptr<ChoiceSource> choices_;
  std::unique_ptr<ProfiledChoice> profiled_;
};

}  // namespace daxfuzz::sched
