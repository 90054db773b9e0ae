// SPDX-License-Identifier: GPL-2.0-only
// Where processor time goes, without perf(1): SIGPROF looks a thousand times a second which function runs. Read
// next: target_main.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace daxfuzz::target {

// The folder of the project that a function's demangled name says: "model", "sched", ...; "sanitizer", "coverage", or
// "C library" of what is not the project's.
[[nodiscard]] std::string folder_of(std::string_view function);

struct Profile {
  std::uint64_t samples = 0;
  std::map<std::string, std::uint64_t> functions;  // innermost
  // Functions' samples by `name` of each, the most first: Markdown rows of name and share, at most so many.
  [[nodiscard]] std::string rows(const std::function<std::string(const std::string&)>& name, std::size_t most) const;
};

// Of `work`, on the only thread.
[[nodiscard]] Profile profile(const std::function<void()>& work);

}  // namespace daxfuzz::target
