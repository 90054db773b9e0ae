// SPDX-License-Identifier: GPL-2.0-only
// docs/invariants.md has each row of oracle/invariant.def, under which protocols it holds as the
// protocols are, and each number of its list is some row's.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "oracle/invariant.h"
#include "trace/program.h"

namespace daxfuzz {
namespace {

constexpr int kNumbers = 18;
const std::string kPath = "docs/invariants.md";

std::string page() {
  std::ifstream in(kPath);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_FALSE(text.empty()) << "cannot read " << kPath;
  return text;
}

std::string protocols(const oracle::Invariant& row) {
  std::string names;
  std::size_t count = 0;
  for (std::size_t p = 0; p < trace::protocol_count(); p++) {
    const auto id = static_cast<trace::ProtocolId>(p);
    if (!row.holds(kernel::protocol_value(id))) continue;
    names += (names.empty() ? "" : " ") + std::string(trace::name(id));
    count++;
  }
  if (count == trace::protocol_count()) return "all";
  return names.empty() ? "none as they are" : names;
}

std::string table() {
  std::string rows = "| violation | of | what must hold | under |\n|---|---|---|---|\n";
  for (const oracle::Invariant& row : oracle::invariants())
    rows += "| `" + std::string(row.id) + "` | " + std::string(row.number) + " | " + std::string(row.rule) +
            " | " + protocols(row) + " |\n";
  return rows;
}

TEST(InvariantsPage, HasTheTableOfTheOracle) {
  EXPECT_NE(page().find("\n\n" + table() + "\n"), std::string::npos)
      << kPath << " should hold this table:\n" << table();
}

TEST(InvariantsPage, HasAllNumbersAndEachHasARow) {
  std::set<std::string> numbers;
  for (const oracle::Invariant& row : oracle::invariants()) {
    std::istringstream words{std::string(row.number)};
    for (std::string number; words >> number;) numbers.insert(number);
  }
  const std::string text = page();
  for (int i = 1; i <= kNumbers; i++) {
    const std::string number = "I" + std::to_string(i);
    EXPECT_EQ(numbers.erase(number), 1u) << number << " is no row's";
    EXPECT_NE(text.find("\n| " + number + " |"), std::string::npos) << number << " is not explained";
  }
  EXPECT_TRUE(numbers.empty()) << *numbers.begin();
}

}  // namespace
}  // namespace daxfuzz
