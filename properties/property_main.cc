// SPDX-License-Identifier: GPL-2.0-only
// Each property as a GoogleTest test of its name. A counterexample is printed, and saved into
// $DAXFUZZ_COUNTEREXAMPLES or among the test's outputs. $RC_PARAMS ("seed=7
// max_success=10000") asks for another search; the seed is fixed, so that the same tree gives
// the same result. --sanitized=N: under ASan or TSan, where a case costs ten times as much, N in a
// hundred of the cases. See property.h.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "properties/counterexample.h"
#include "properties/property.h"
#include "properties/save.h"

namespace daxfuzz::properties {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

Search search_of_words(int argc, char** argv) {
  Search search;
  constexpr std::string_view kShare = "--sanitized=";
  for (int i = 1; i < argc; i++)
    if (kSanitized && std::string_view(argv[i]).starts_with(kShare))
      search.max_success = std::max(1, search.max_success * std::atoi(argv[i] + kShare.size()) / 100);
  return search;
}

Search search_of_environment(const Search& usual) {
  const char* words = std::getenv("RC_PARAMS");
  if (words == nullptr) return usual;
  rc::detail::Configuration fallback;
  fallback.testParams.seed = usual.seed;
  fallback.testParams.maxSuccess = usual.max_success;
  const rc::detail::TestParams params = rc::detail::configFromString(words, fallback).testParams;
  return {.seed = params.seed, .max_success = params.maxSuccess};
}

void keep(const Property& property, const Outcome& outcome) {
  const char* folder = std::getenv("DAXFUZZ_COUNTEREXAMPLES");
  if (folder == nullptr) folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (folder == nullptr || outcome.counterexample.empty()) return;
  const std::string path = file_name(folder, property, outcome);
  EXPECT_EQ(save(path, outcome.counterexample), "") << "cannot write " << path;
}

class PropertyTest : public ::testing::Test {
 public:
  PropertyTest(const Property& property, const Search& search) : property_(property), search_(search) {}
  void TestBody() override {
    const Outcome outcome = tried(property_, search_);
    if (outcome.holds()) return;
    keep(property_, outcome);
    if (outcome.replays) EXPECT_EQ(not_replayed(outcome.counterexample), "") << "its counterexample does not replay";
    FAIL() << property_.rule << "\n" << outcome.why << "\n" << outcome.counterexample << outcome.detail;
  }

 private:
  Property property_;
  Search search_;
};

}  // namespace
}  // namespace daxfuzz::properties

int main(int argc, char** argv) {
  using daxfuzz::properties::Property;
  using daxfuzz::properties::PropertyTest;
  ::testing::InitGoogleTest(&argc, argv);
  const auto search = daxfuzz::properties::search_of_environment(daxfuzz::properties::search_of_words(argc, argv));
  for (const Property& property : daxfuzz::properties::all_properties())
    ::testing::RegisterTest(std::string(property.suite).c_str(), std::string(property.name).c_str(), nullptr, nullptr,
                            __FILE__, __LINE__,
                            [property, search]() -> ::testing::Test* { return new PropertyTest(property, search); });
  return RUN_ALL_TESTS();
}
