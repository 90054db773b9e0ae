// SPDX-License-Identifier: GPL-2.0-only
// Text that is safe to mail: printable ASCII in lines of at most 80 columns.
// Every report goes through here, because strings in a trace are a stranger's.
// Read next: splat.h (the default report).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace daxfuzz::report {

inline constexpr std::size_t kColumns = 80;

// `text` with every byte that is not printable ASCII replaced by '?'.
[[nodiscard]] std::string printable(std::string_view text);

// `key` and `text` broken at spaces into lines of at most kColumns, the later
// ones indented to where the text began. A longer word is cut. Ends with LF.
[[nodiscard]] std::string field(std::string_view key, std::string_view text);

// "0", "7", "-EINVAL"; a negative value without an errno name stays a number.
[[nodiscard]] std::string result_name(std::int64_t value);

// "0x" and 16 hex digits: how a digest is written everywhere but in a .daxt.
[[nodiscard]] std::string hex64(std::uint64_t value);

// `words` with runs of spaces as one.
[[nodiscard]] std::string squeezed(std::string_view words);

}  // namespace daxfuzz::report
