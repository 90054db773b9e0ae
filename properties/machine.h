// SPDX-License-Identifier: GPL-2.0-only
// A property of a machine after every system call of one thread, whatever the calls are. All fixes
// are in, so that every op is in. Read next: survey.h, machine_properties_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "properties/stateful.h"
#include "properties/survey.h"

namespace daxfuzz::properties {

// Protocols that keep every promise with all fixes in.
extern const std::vector<trace::ProtocolId> kFixed;
// All ops but power failures, bad memory and windows of virtiofs.
extern const Kinds kSystemCalls;
// Holds after every call of a program of one thread, of these kinds.
void expect_always(Trial& trial, const MachineCheck& check, Kinds allowed = kSystemCalls);

// "a+3" of an entry.
[[nodiscard]] std::string name(const Tracked& one);
[[nodiscard]] std::string differs(const std::string& of, std::int64_t found, std::int64_t expected);
[[nodiscard]] inline std::string number(std::uint64_t value) { return std::to_string(value); }
// Does the file have a written block there?
[[nodiscard]] bool has_data(const kernel::World& world, std::uint8_t file, std::uint64_t index);
[[nodiscard]] inline bool real(const Tracked& one) { return kernel::dax_is_real_entry(one.entry); }

// The first complaint about any of them.
template <class List, class Say>
std::string first(const List& list, Say&& say) {
  for (const auto& one : list)
    if (std::string why = say(one); !why.empty()) return why;
  return "";
}

}  // namespace daxfuzz::properties
