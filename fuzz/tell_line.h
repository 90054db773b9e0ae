// SPDX-License-Identifier: GPL-2.0-only
// Lines that a target writes for who asked for them by DAXFUZZ_..._FD: whole or not at all. Read next:
// digest_line.h, edge_line.h, which say what is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace daxfuzz::fuzz {

// 16 hex digits: FNV-1a of the bytes.
[[nodiscard]] std::string input_name(const std::uint8_t* data, std::size_t size);
// One that cannot be written ends the process with code 3, for a reader would take it for an input that did not run.
void tell_line(const char* variable, int fd, std::string_view line);
// Ends the process with code 3, and says why.
[[noreturn]] void cannot_tell(const char* variable, const char* why);

}  // namespace daxfuzz::fuzz
