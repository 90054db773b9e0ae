// SPDX-License-Identifier: GPL-2.0-only
// CHECK(condition): a programmer's error in daxfuzz itself, on in every build.
// Prints the condition and its place and aborts. Never for input, never for what
// the kernel does wrong (that is a verdict).
#pragma once

namespace daxfuzz {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace daxfuzz

#define CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::daxfuzz::check_failed(#condition, __FILE__, __LINE__))
