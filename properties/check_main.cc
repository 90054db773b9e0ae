// SPDX-License-Identifier: GPL-2.0-only
// The properties as a program: lists them, tries some or all, says what came of it as KTAP or JSON,
// and in a file as JUnit XML. `daxfuzz check` runs it; so do the tests of planted defects. Only results go to stdout.
//
//   check [--list] [--json] [--junit=FILE] [--seed=N] [--max-success=N] [--out=DIR] [--time] [--minimize]
//         [--results-to=FD] [NAME...]
//
// NAME is a suite, or Suite.Name. --time: the processor time of each, too; --minimize: what the minimiser makes of
// a finding; --results-to: not to stdout, for who cannot tell that from stderr. Exit code: 0 all hold, 1 one does not,
// 2 wrong words, 3 cannot write.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "properties/property.h"
#include "properties/results.h"

namespace daxfuzz::properties {
namespace {

struct Wish {
  Search search;
  bool json = false, list = false, time = false, minimize = false;
  std::string junit, folder;
  std::vector<std::string> names;
};

bool read_number(const std::string& text, std::uint64_t most, std::uint64_t& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size() && to <= most;
}

// What is wrong with the words; empty if nothing is.
std::string read_words(const std::vector<std::string>& words, Wish& wish) {
  for (const std::string& word : words) {
    const std::string value = word.substr(std::min(word.size(), word.find('=') + 1));
    std::uint64_t number = 0;
    if (word == "--list") {
      wish.list = true;
    } else if (word == "--json") {
      wish.json = true;
    } else if (word == "--time") {
      wish.time = true;
    } else if (word == "--minimize") {
      wish.minimize = true;
    } else if (word.starts_with("--junit=")) {
      wish.junit = value;
    } else if (word.starts_with("--seed=")) {
      if (!read_number(value, UINT64_MAX, wish.search.seed)) return "--seed: expected a number";
    } else if (word.starts_with("--max-success=")) {
      if (!read_number(value, 1'000'000'000, number) || number == 0) return "--max-success: expected a number above 0";
      wish.search.max_success = static_cast<int>(number);
    } else if (word.starts_with("--out=")) {
      wish.folder = value;
    } else if (word.starts_with("--results-to=")) {
      if (!read_number(value, INT_MAX, number) || dup2(static_cast<int>(number), STDOUT_FILENO) < 0)
        return "--results-to: expected an open file descriptor";
    } else if (word.starts_with("-")) {
      return "unknown flag '" + word + "'";
    } else {
      wish.names.push_back(word);
    }
  }
  return "";
}

// Those of the suites and names that are asked for; none: all.
std::string chosen(const std::vector<std::string>& names, std::vector<Property>& properties) {
  std::vector<Property> some;
  for (const Property& property : properties)
    for (const std::string& name : names)
      if (name == property.suite || name == property.full_name()) some.push_back(property);
  for (const std::string& name : names) {
    bool known = false;
    for (const Property& property : some) known = known || name == property.suite || name == property.full_name();
    if (!known) return "no property or suite is called '" + name + "'";
  }
  if (!names.empty()) properties = some;
  return "";
}

// Where it went; empty if it could not.
std::string saved(const std::string& folder, const Property& property, const Outcome& outcome) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = folder + "/" + property.full_name() + (outcome.replays ? ".daxt" : ".calls");
  std::ofstream file(path);
  file << outcome.counterexample << std::flush;
  return file.good() ? path : "";
}

Result result_of(const Property& property, const Wish& wish) {
  const std::clock_t begin = std::clock();
  Result result{.property = property, .outcome = {}, .saved = {}, .milliseconds = {}, .beside = {}};
  result.outcome = tried(property, wish.search);
  const std::int64_t took = std::clock() - begin;
  if (wish.time) result.milliseconds = took / (CLOCKS_PER_SEC / 1000);
  if (wish.minimize) result.beside = beside_minimizer(result.outcome);
  return result;
}

int check(const Wish& wish, const std::vector<Property>& properties) {
  std::vector<Result> results;
  int code = 0;
  if (!wish.json) std::cout << ktap_header(properties.size()) << std::flush;
  for (const Property& property : properties) {
    Result result = result_of(property, wish);
    if (!result.outcome.holds()) {
      if (code == 0) code = 1;
      if (!wish.folder.empty()) {
        result.saved = saved(wish.folder, property, result.outcome);
        if (result.saved.empty()) {
          std::cerr << "cannot write into " << wish.folder << "\n";
          code = 3;
        }
      }
    }
    results.push_back(std::move(result));
    if (!wish.json) std::cout << ktap_line(results.size(), results.back()) << std::flush;
  }
  if (wish.json) std::cout << as_json(results, wish.search);
  if (wish.junit.empty()) return code;
  std::ofstream file(wish.junit);
  file << as_junit(results) << std::flush;
  if (file.good()) return code;
  std::cerr << "cannot write " << wish.junit << "\n";
  return 3;
}

}  // namespace
}  // namespace daxfuzz::properties

int main(int argc, char** argv) {
  using namespace daxfuzz::properties;
  Wish wish;
  std::string wrong = read_words({argv + 1, argv + argc}, wish);
  std::vector<Property> properties = all_properties();
  if (wrong.empty()) wrong = chosen(wish.names, properties);
  if (!wrong.empty()) {
    std::cerr << wrong << "\n";
    return 2;
  }
  if (!wish.list) return check(wish, properties);
  std::cout << (wish.json ? list_as_json(properties) : list_as_text(properties));
  return 0;
}
