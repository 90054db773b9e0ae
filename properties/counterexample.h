// SPDX-License-Identifier: GPL-2.0-only
// A counterexample as a file: what it is called, and whether it does again what it says. Read next: shape.h
// (as_daxt()), property_main.cc and check_main.cc, which hand files out.
#pragma once

#include <string>

#include "properties/property.h"

namespace daxfuzz::properties {

// "FOLDER/Suite.Name.daxt", or ".calls" for what does not replay.
[[nodiscard]] std::string file_name(const std::string& folder, const Property& property, const Outcome& outcome);

// Why `daxfuzz replay` would not find in the text of a .daxt the digest and the verdict that it names; empty if it
// would. Runs it in this process, so of this program's model.
[[nodiscard]] std::string not_replayed(const std::string& daxt);

}  // namespace daxfuzz::properties
