// SPDX-License-Identifier: GPL-2.0-only
// Each property as a GoogleTest test of its name. A counterexample is printed, and saved into
// $DAXFUZZ_COUNTEREXAMPLES or among the test's outputs. $RC_PARAMS ("seed=7
// max_success=10000") asks for another search; the seed is fixed, so that the same tree gives
// the same result. See property.h.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "properties/property.h"

namespace daxfuzz::properties {
namespace {

Search search_of_environment() {
  const char* words = std::getenv("RC_PARAMS");
  if (words == nullptr) return {};
  rc::detail::Configuration fallback;
  fallback.testParams.seed = Search{}.seed;
  fallback.testParams.maxSuccess = Search{}.max_success;
  const rc::detail::TestParams params = rc::detail::configFromString(words, fallback).testParams;
  return {.seed = params.seed, .max_success = params.maxSuccess};
}

void save(const std::string& name, const Outcome& outcome) {
  const char* folder = std::getenv("DAXFUZZ_COUNTEREXAMPLES");
  if (folder == nullptr) folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (folder == nullptr || outcome.counterexample.empty()) return;
  const std::string path = std::string(folder) + "/" + name + (outcome.replays ? ".daxt" : ".calls");
  std::ofstream file(path);
  file << outcome.counterexample << std::flush;
  EXPECT_TRUE(file.good()) << "cannot write " << path;
}

class PropertyTest : public ::testing::Test {
 public:
  explicit PropertyTest(const Property& property) : property_(property) {}
  void TestBody() override {
    const Outcome outcome = tried(property_, search_of_environment());
    if (outcome.holds()) return;
    save(property_.full_name(), outcome);
    FAIL() << property_.rule << "\n" << outcome.why << "\n" << outcome.counterexample << outcome.detail;
  }

 private:
  Property property_;
};

}  // namespace
}  // namespace daxfuzz::properties

int main(int argc, char** argv) {
  using daxfuzz::properties::Property;
  using daxfuzz::properties::PropertyTest;
  ::testing::InitGoogleTest(&argc, argv);
  for (const Property& property : daxfuzz::properties::all_properties())
    ::testing::RegisterTest(std::string(property.suite).c_str(), std::string(property.name).c_str(), nullptr, nullptr,
                            __FILE__, __LINE__,
                            [property]() -> ::testing::Test* { return new PropertyTest(property); });
  return RUN_ALL_TESTS();
}
