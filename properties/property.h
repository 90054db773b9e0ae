// SPDX-License-Identifier: GPL-2.0-only
// What must hold for every program of a shape, as a row of a list: a name, one sentence, where
// the kernel says so, and how it is tried. The list is what `daxfuzz check` prints and what
// the tests run. Read next: programs.h (shapes), stateful.h, parallel.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace daxfuzz::properties {

// How long a property is tried, and from where. The default is what ci/test does.
struct Search {
  std::uint64_t seed = 20241024;
  int max_success = 2000;
};

// What came of it.
struct Outcome {
  int cases = 0;                 // that held
  std::uint64_t executions = 0;  // execute.h
  std::uint64_t seed = 0;
  std::string why;             // of the smallest counterexample; empty: it holds
  std::string counterexample;  // a .daxt, or a list of calls of the model
  std::string drawn;           // the case that it was shrunk from
  bool replays = false;        // it is a .daxt
  std::string detail;          // rapidcheck's own words on it
  [[nodiscard]] bool holds() const { return why.empty(); }
};

class Trial;

struct Property {
  std::string_view suite, name;
  std::string_view rule;      // one sentence
  std::string_view citation;  // of the kernel, or of this program
  void (*body)(Trial& trial) = nullptr;
  [[nodiscard]] std::string full_name() const { return std::string(suite) + "." + std::string(name); }
};

// All that are linked in, in the order of their names.
[[nodiscard]] std::vector<Property> all_properties();
[[nodiscard]] Outcome tried(const Property& property, const Search& search);

// Whether this program is linked with fixed_model.cc, and so with all fixes of fixes/: what it finds is replayed
// by daxfuzz_fixed, for the model as the kernel is makes other steps.
[[nodiscard]] bool model_is_fixed();

// One property being tried: the argument of a PROPERTY's body.
class Trial {
 public:
  Trial(const Property& property, const Search& search) : property_(property), search_(search) {}
  [[nodiscard]] const Property& property() const { return property_; }
  [[nodiscard]] const Search& search() const { return search_; }

  // Runs `body`, which draws with rapidcheck and fails by failed(), `percent` of the
  // configured number of cases. Shrinking goes on from each case that still fails,
  // so the last that failed is the smallest.
  void run(const std::function<void()>& body, int percent = 100);
  // The case at hand fails: why, and it as text. Does not return.
  [[noreturn]] void failed(const std::string& why, std::function<std::string()> counterexample, bool replays);

  [[nodiscard]] Outcome outcome() const { return outcome_; }

 private:
  const Property& property_;
  const Search& search_;
  Outcome outcome_;
  std::function<std::string()> smallest_;
};

// Puts a property into the list before main().
class Registration {
 public:
  explicit Registration(const Property& property);
};

// PROPERTY(Suite, Name, rule, citation) { expect_...(trial, ...); }
#define PROPERTY(suite_name, property_name, rule_text, citation_text)                          \
  static void suite_name##_##property_name(::daxfuzz::properties::Trial& trial);               \
  static const ::daxfuzz::properties::Registration suite_name##_##property_name##_registered({ \
      .suite = #suite_name,                                                                    \
      .name = #property_name,                                                                  \
      .rule = rule_text,                                                                       \
      .citation = citation_text,                                                               \
      .body = suite_name##_##property_name});                                                  \
  static void suite_name##_##property_name(::daxfuzz::properties::Trial& trial)

}  // namespace daxfuzz::properties
