// SPDX-License-Identifier: GPL-2.0-only
// The list, and one property tried with rapidcheck's search. See property.h.
#include "properties/property.h"

#include <rapidcheck.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <unordered_map>

#include "properties/execute.h"
#include "sched/check.h"

namespace daxfuzz::properties {
namespace {

// Made by whichever Registration comes first.
std::vector<Property>& list() {
  static std::vector<Property> properties;
  return properties;
}

// Says nothing: a listener of rapidcheck's own would first print a configuration, with a seed that nobody uses.
class Silence final : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

}  // namespace

// Weak: of programs without fixed_model.cc.
[[gnu::weak]] bool model_is_fixed() { return false; }

Registration::Registration(const Property& property) {
  CHECK(!property.rule.empty() && !property.citation.empty() && property.body != nullptr);
  list().push_back(property);
}

std::vector<Property> all_properties() {
  std::vector<Property> sorted = list();
  std::ranges::sort(sorted, {}, &Property::full_name);
  for (std::size_t i = 1; i < sorted.size(); i++) CHECK(sorted[i - 1].full_name() != sorted[i].full_name());
  return sorted;
}

Outcome tried(const Property& property, const Search& search) {
  Trial trial(property, search);
  const std::uint64_t before = executions();
  property.body(trial);
  Outcome outcome = trial.outcome();
  outcome.executions = executions() - before;
  return outcome;
}

void Trial::run(const std::function<void()>& body, int percent) {
  rc::detail::TestParams params;
  params.seed = search_.seed;
  params.maxSuccess = std::max(1, static_cast<int>(std::int64_t{search_.max_success} * percent / 100));
  const std::string name = property_.full_name();
  Silence silence;
  const auto result = rc::detail::checkTestable(body, rc::detail::TestMetadata{.id = name, .description = name}, params,
                                                silence, std::unordered_map<std::string, rc::detail::Reproduce>());
  outcome_.seed = search_.seed;
  if (result.template is<rc::detail::SuccessResult>()) {
    outcome_.cases = result.template get<rc::detail::SuccessResult>().numSuccess;
    outcome_.why.clear();
    return;
  }
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  outcome_.detail = message.str();
  if (result.template is<rc::detail::FailureResult>())
    outcome_.cases = result.template get<rc::detail::FailureResult>().numSuccess;
  if (outcome_.why.empty()) outcome_.why = "no case could be drawn or run";
  if (smallest_) outcome_.counterexample = smallest_();
}

void Trial::failed(const std::string& why, std::function<std::string()> counterexample, bool replays) {
  CHECK(!why.empty());
  if (outcome_.drawn.empty()) outcome_.drawn = counterexample();
  outcome_.why = why;
  outcome_.replays = replays;
  smallest_ = std::move(counterexample);
  RC_FAIL(why);
}

}  // namespace daxfuzz::properties
