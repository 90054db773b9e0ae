// SPDX-License-Identifier: GPL-2.0-only
// Which strategy draws which run, and what runs before are good for. See strategy.h.
#include "sched/strategy.h"

#include <algorithm>

#include "sched/choice_pct.h"
#include "sched/choice_pos.h"
#include "sched/choice_random.h"
#include "sched/choice_walk.h"

namespace daxfuzz::sched {
namespace {

// A PCT of more than this many ordered events.
constexpr std::uint32_t kDeep = 3;

constexpr const char* kNames[kStrategies] = {"random", "pct2", "pct3", "pct5",     "pos",
                                             "urw",    "surw", "fresh", "reads-from", "portfolio"};

std::unique_ptr<ChoiceSource> surw(std::uint64_t seed, std::uint64_t run, const Profile& profile) {
  std::vector<const Place*> places;
  for (const Place& place : profile.places)
    if (place.contended) places.push_back(&place);
  if (places.empty()) return std::make_unique<UrwChoice>(seed, profile.steps);
  const Place& place = *places[run % places.size()];
  return std::make_unique<SurwChoice>(seed, place.at, place.steps);
}

}  // namespace

const char* name(Strategy strategy) { return kNames[static_cast<std::size_t>(strategy)]; }

std::optional<Strategy> strategy_named(std::string_view name) {
  const auto* at = std::find(kNames, kNames + kStrategies, name);
  if (at == kNames + kStrategies) return std::nullopt;
  return static_cast<Strategy>(at - kNames);
}

ChoiceSource& Sampler::next_run() {
  if (profiled_ != nullptr) {
    profiles_.push_back(profiled_->profile());
    profile_.add(profiles_.back());
  }
  profiled_.reset();
  choices_.reset();  // tells visits_ that its run has ended
  choices_ = drawn(strategy_, runs_);
  if (++runs_ > kProfiled) return *choices_;
  profiled_ = std::make_unique<ProfiledChoice>(*choices_);
  return *profiled_;
}

// Where more places are contended than was thought, there are more choices than were gone through.
std::unique_ptr<ChoiceSource> Sampler::fresh(std::uint64_t seed) {
  std::vector<std::uint64_t> places = profile_.contended_places();
  if (places.size() != visits_places_) visits_ = {};
  visits_places_ = places.size();
  return std::make_unique<FreshChoice>(seed, visits_, std::move(places));
}

// The length of the next run is not known: that of some run before, and for many changes the
// longest, for what is deep comes late. A plan that was tried is
// drawn anew, so that small spaces are gone through rather than sampled.
std::unique_ptr<ChoiceSource> Sampler::pct(std::uint64_t seed, std::uint32_t depth) {
  if (profiles_.empty()) return std::make_unique<RandomChoice>(seed);
  const std::vector<std::uint64_t> places = profile_.contended_places();
  std::vector<std::uint32_t> lengths;
  for (const Profile& run : profiles_) lengths.push_back(std::max(run.steps_at(places), 1u));
  std::uint32_t tasks = 0;
  for (std::uint32_t t = 0; t < kTasksMax; t++)
    if (profile_.steps[t] != 0) tasks = t + 1;
  Seeded random(seed);
  std::unique_ptr<PctChoice> choices;
  for (int again = 0; again < kRedraws; again++) {
    const std::uint32_t steps = depth > kDeep
                                    ? *std::max_element(lengths.begin(), lengths.end())
                                    : lengths[random.below(static_cast<std::uint32_t>(lengths.size()))];
    const std::uint64_t own = static_cast<std::uint64_t>(random.below(UINT32_MAX)) << 32 | random.below(UINT32_MAX);
    choices = std::make_unique<PctChoice>(own, depth, steps, places);
    if (plans_.insert(choices->plan(tasks)).second) break;
  }
  return choices;
}

std::unique_ptr<ChoiceSource> Sampler::drawn(Strategy strategy, std::uint64_t run) {
  const std::uint64_t seed = seed_ * 0x9e3779b97f4a7c15u + runs_;
  switch (strategy) {
    case Strategy::random: return std::make_unique<RandomChoice>(seed);
    case Strategy::pct2: return pct(seed, 2);
    case Strategy::pct3: return pct(seed, 3);
    case Strategy::pct5: return pct(seed, 5);
    case Strategy::pos: return std::make_unique<PosChoice>(seed);
    case Strategy::urw: return std::make_unique<UrwChoice>(seed, profile_.steps);
    case Strategy::surw: return surw(seed, run, profile_);
    case Strategy::fresh: return fresh(seed);
    case Strategy::reads_from: return std::make_unique<ReadsFromChoice>(seed, reads_from_);
    case Strategy::portfolio: break;
  }
  constexpr std::uint64_t kOthers = kStrategies - 1;
  return drawn(static_cast<Strategy>(run % kOthers), run / kOthers);
}

}  // namespace daxfuzz::sched
