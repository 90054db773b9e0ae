// SPDX-License-Identifier: GPL-2.0-only
// docs/fidelity.md says of each op of trace/op.def and of each field that is compared on which kernel
// it was, how often, and what differs. Here its tables are held to the ops, to what no guest can be
// asked for, and to what the comparison of the kept logs counts. Read next: conformance/compare.cc.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "conformance/recorded.h"
#include "conformance/script.h"
#include "trace/text.h"

namespace daxfuzz {
namespace {

using Cells = std::vector<std::string>;

// The rows of the table whose first head is that word, by their first cell.
std::map<std::string, Cells> table(const std::string& head) {
  std::ifstream in("docs/fidelity.md");
  EXPECT_TRUE(in.is_open());
  std::map<std::string, Cells> rows;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| " + head + " |")) {
      inside = true;
    } else if (!line.starts_with("|")) {
      inside = false;
    } else if (inside) {
      Cells cells;
      for (std::size_t at = 1; at < line.size();) {
        const std::size_t end = std::min(line.find(" |", at), line.size());
        cells.push_back(line.substr(std::min(at + 1, end), end - std::min(at + 1, end)));
        at = end + 2;
      }
      if (!cells[0].starts_with("--")) rows[cells[0]] = cells;
    }
  }
  return rows;
}

TEST(FidelityPage, EachOpHasARow) {
  const auto rows = table("op");
  EXPECT_EQ(rows.size(), trace::op_count());
  for (std::size_t code = 0; code < trace::op_count(); code++) {
    const trace::Op op{.code = static_cast<trace::OpCode>(code)};
    const std::string name = "`" + std::string(trace::info(op.code).name) + "`";
    ASSERT_TRUE(rows.contains(name)) << name;
    const Cells& cells = rows.at(name);
    ASSERT_EQ(cells.size(), 5u) << name;
    EXPECT_FALSE(cells[4].empty()) << name;
    const bool run = !conformance::refusal(op).has_value() && op.code != trace::OpCode::mkwrite;
    EXPECT_NE(run, cells[4].starts_with("not run: ") || cells[4].starts_with("run as ")) << name;
    for (std::size_t kernel = 1; kernel <= 3; kernel++)
      EXPECT_EQ(run, cells[kernel] != "-") << name << " " << kernel;
  }
}

TEST(FidelityPage, EachFieldHasARow) {
  const auto rows = table("field");
  for (const auto& [name, cells] : rows) {
    ASSERT_EQ(cells.size(), 6u) << name;
    EXPECT_FALSE(cells[5].empty()) << name;
  }
  const conformance::testing::Recorded run =
      conformance::testing::recorded("conformance/testdata/random-6.12");
  const conformance::Comparison result = conformance::compare(run.model, run.kernel);
  EXPECT_GT(result.counts.size(), 30u);
  for (const auto& [name, times] : result.counts) EXPECT_TRUE(rows.contains(name)) << name;
}

}  // namespace
}  // namespace daxfuzz
