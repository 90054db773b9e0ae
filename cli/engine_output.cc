// SPDX-License-Identifier: GPL-2.0-only
// Picks numbers out of libFuzzer's lines. See engine_output.h.
#include "cli/engine_output.h"

#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace daxfuzz::cli {
namespace {

constexpr std::size_t kTailMax = 64 * 1024;

// The number after `key`; `value` stays if there is none.
void pick(std::string_view line, std::string_view key, std::uint64_t& value) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return;
  const std::size_t begin = line.find_first_not_of(' ', at + key.size());
  if (begin == std::string_view::npos) return;
  std::from_chars(line.data() + begin, line.data() + line.size(), value);
}

// The rest of the first line that holds `key`, from `key` on.
std::string line_with(const std::string& text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return "";
  return text.substr(at, std::min(text.find('\n', at), text.size()) - at);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return std::string("killed by ") + strsignal(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

void EngineOutput::feed(std::string_view bytes) {
  tail_ += bytes;
  if (tail_.size() > kTailMax) tail_.erase(0, tail_.size() - kTailMax);
  partial_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1)
    line(std::string_view(partial_).substr(begin, end - begin));
  partial_.erase(0, begin);
  if (partial_.size() > kTailMax) partial_.clear();  // no line of libFuzzer's is so long
}

void EngineOutput::line(std::string_view text) {
  if (text.starts_with("worth: ")) worth_ += std::string(text) + "\n";
  constexpr std::string_view kBegun = "INFO: seed corpus: files:";
  if (text.starts_with(kBegun)) pick(text, kBegun, begun_.emplace(0));
  pick(text, "stat::number_of_executed_units:", stats_.execs);
  pick(text, "stat::average_exec_per_sec:", stats_.execs_per_second);
  // "#1234  NEW    cov: 12 ft: 34 corp: 5/6b lim: 4 exec/s: 999 rss: 33Mb"
  if (!text.starts_with('#') || text.find(" rss: ") == std::string_view::npos) return;
  pick(text, "#", stats_.execs);
  pick(text, " cov:", stats_.edges);
  pick(text, " corp:", stats_.corpus);
  pick(text, " exec/s:", stats_.execs_per_second);
}

Death death_of(int status, const std::string& tail) {
  using Kind = Death::Kind;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  constexpr std::string_view kAssertion = "ASSERTION FAILED: ";
  if (const std::string found = line_with(tail, kAssertion); !found.empty()) {
    const std::string what = found.substr(kAssertion.size());
    return {what.starts_with("nondeterminism") ? Kind::nondeterminism : Kind::assertion, what};
  }
  for (const char* key :
       {"ERROR: AddressSanitizer: ", "ERROR: LeakSanitizer: ", "WARNING: MemorySanitizer: ",
        "WARNING: ThreadSanitizer: ", "runtime error: "}) {
    std::string found = line_with(tail, key);
    // ASan also reports the abort() of a CHECK: that is our own error.
    if (!found.empty() && tail.find("CHECK failed") == std::string::npos)
      return {Kind::sanitizer, std::move(found)};
  }
  for (const char* key : {"CHECK failed", "libFuzzer: ", "DAXFUZZ_"})
    if (std::string found = line_with(tail, key); !found.empty())
      return {Kind::broken, how_it_ended(status) + ": " + found};
  return {Kind::broken, how_it_ended(status)};
}

std::string progress_line(const EngineStats& stats, std::uint64_t saved_crashes) {
  return "execs_done=" + std::to_string(stats.execs) +
         " execs_per_sec=" + std::to_string(stats.execs_per_second) +
         " edges_found=" + std::to_string(stats.edges) +
         " corpus_count=" + std::to_string(stats.corpus) +
         " saved_crashes=" + std::to_string(saved_crashes);
}

}  // namespace daxfuzz::cli
