// SPDX-License-Identifier: GPL-2.0-only
// docs/protocols.md is about the protocols as they are: its table is model/protocol.cc,
// each switch has a section, and the section names each value that it can have.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "model/protocol.h"
#include "trace/program.h"

namespace daxfuzz {
namespace {

const std::string kPath = "docs/protocols.md";

std::string page() {
  std::ifstream in(kPath);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_FALSE(text.empty()) << "cannot read " << kPath;
  return text;
}

// The value that a named protocol has for a switch: the setting that changes nothing.
std::string value_of(trace::ProtocolId protocol, trace::SwitchId id) {
  std::string found;
  for (std::uint8_t value = 0; value < trace::value_count(id); value++) {
    if (kernel::protocol_value(protocol, {{.id = id, .value = value}}) != kernel::protocol_value(protocol))
      continue;
    EXPECT_EQ(found, "") << "two values of " << trace::info(id).name << " are the same";
    found = trace::value_name(id, value);
  }
  EXPECT_NE(found, "") << trace::info(id).name;
  return found;
}

std::string table() {
  std::string head = "| switch |", rule = "|---|", rows;
  for (std::size_t p = 0; p < trace::protocol_count(); p++) {
    head += " " + std::string(trace::name(static_cast<trace::ProtocolId>(p))) + " |";
    rule += "---|";
  }
  for (std::size_t s = 0; s < trace::switch_count(); s++) {
    const auto id = static_cast<trace::SwitchId>(s);
    const std::string name(trace::info(id).name);
    rows += "| [" + name + "](#" + name + ") |";
    for (std::size_t p = 0; p < trace::protocol_count(); p++)
      rows += " " + value_of(static_cast<trace::ProtocolId>(p), id) + " |";
    rows += "\n";
  }
  return head + "\n" + rule + "\n" + rows;
}

// What stands between `### name` and the next heading; empty if there is none.
std::string section(const std::string& text, const std::string& name) {
  const std::string heading = "\n### " + name + "\n";
  const std::size_t from = text.find(heading);
  if (from == std::string::npos) return "";
  return text.substr(from + heading.size(), text.find("\n#", from + 1) - from - heading.size());
}

TEST(ProtocolsPage, HasTheTableOfTheModel) {
  // With the blank line that ends it, so that no row is too many.
  EXPECT_NE(page().find("\n\n" + table() + "\n"), std::string::npos)
      << kPath << " should hold this table:\n" << table();
}

TEST(ProtocolsPage, ExplainsEachValueOfEachSwitch) {
  const std::string text = page();
  for (std::size_t s = 0; s < trace::switch_count(); s++) {
    const auto id = static_cast<trace::SwitchId>(s);
    const std::string about = section(text, std::string(trace::info(id).name));
    EXPECT_FALSE(about.empty()) << "no section ### " << trace::info(id).name;
    for (std::uint8_t value = 0; value < trace::value_count(id); value++) {
      const std::string name = "`" + std::string(trace::value_name(id, value)) + "`";
      EXPECT_NE(about.find(name), std::string::npos) << trace::info(id).name << " without " << name;
    }
  }
}

TEST(ProtocolsPage, ExplainsEachProtocol) {
  for (std::size_t p = 0; p < trace::protocol_count(); p++) {
    const std::string name(trace::name(static_cast<trace::ProtocolId>(p)));
    EXPECT_NE(page().find("\n- `" + name + "`: "), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace daxfuzz
