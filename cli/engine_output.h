// SPDX-License-Identifier: GPL-2.0-only
// What libFuzzer says on stderr: numbers for the progress line, and the tail that
// tells why a target died.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daxfuzz::cli {

struct EngineStats {
  std::uint64_t execs = 0, execs_per_second = 0, edges = 0, corpus = 0;
  bool operator==(const EngineStats&) const = default;
};

class EngineOutput {
 public:
  void feed(std::string_view bytes);
  [[nodiscard]] const EngineStats& stats() const { return stats_; }
  // How many inputs libFuzzer has read to begin with, its corpus and seeds; empty until it says so.
  [[nodiscard]] const std::optional<std::uint64_t>& begun() const { return begun_; }
  // The target's own lines of what the run is worth, which begin with "worth: ".
  [[nodiscard]] const std::string& worth() const { return worth_; }
  // The last 64 KiB.
  [[nodiscard]] const std::string& tail() const { return tail_; }

 private:
  void line(std::string_view text);
  EngineStats stats_;
  std::optional<std::uint64_t> begun_;
  std::string tail_, partial_, worth_;
};

// Why a target died, by its tail.
struct Death {
  enum class Kind { none, nondeterminism, assertion, sanitizer, broken } kind = Kind::none;
  std::string what;  // the signature of an assertion; else one line
};
[[nodiscard]] Death death_of(int wait_status, const std::string& tail);

// "execs_done=5 execs_per_sec=9 ...": AFL++'s names, so that scrapers work.
[[nodiscard]] std::string progress_line(const EngineStats& stats, std::uint64_t saved_crashes);

}  // namespace daxfuzz::cli
