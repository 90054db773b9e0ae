// SPDX-License-Identifier: GPL-2.0-only
// See side_by_side.h. The clock is looked at for the line of progress only.
#include "cli/side_by_side.h"

#include <sched.h>

#include <algorithm>
#include <ctime>

#include "cli/kept.h"
#include "explore/jobs.h"

namespace daxfuzz::cli {
namespace {

constexpr std::int64_t kProgressSeconds = 10;
// So that who keeps what came of each process does not do so more than a few hundred times.
constexpr std::size_t kTogetherMin = 16, kProcessesMax = 256;

std::int64_t seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

}  // namespace

std::size_t all_cores() {
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) return 1;
  return static_cast<std::size_t>(std::max(CPU_COUNT(&mine), 1));
}

bool SideBySide::run(const char* what, std::size_t count, const std::function<std::string(std::size_t)>& work,
                     const std::function<void(std::size_t, const std::optional<std::string>&)>& ended) {
  start_ = last_ = seconds_now();
  std::size_t over = 0;
  explore::Jobs jobs(work, [&](std::size_t at, std::optional<std::string> text) {
    ++over;
    if (!stopped_) ended(at, text);
  });
  const bool all = jobs.run(count, jobs_, [&] {
    progress(what, over, count);
    return stopped_ || context_.interrupted();
  });
  if (on_line_) context_.err("\n");
  on_line_ = false;
  return all && !stopped_ && !context_.interrupted();
}

bool SideBySide::run_small(const char* what, std::size_t count, const std::function<std::string(std::size_t)>& work,
                           const std::function<void(std::size_t, const std::optional<std::string>&)>& ended) {
  const std::size_t together = std::max(kTogetherMin, count / kProcessesMax);
  std::vector<std::size_t> again;
  const bool all = run(
      what, (count + together - 1) / together,
      [&](std::size_t chunk) {
        std::vector<std::string> told;
        for (std::size_t i = chunk * together; i < std::min((chunk + 1) * together, count); ++i)
          told.push_back(work(i));
        return packed(told);
      },
      [&](std::size_t chunk, const std::optional<std::string>& text) {
        const std::size_t begin = chunk * together, end = std::min(begin + together, count);
        const auto told = text ? unpacked(*text) : std::nullopt;
        for (std::size_t i = begin; i < end; ++i)
          if (told && told->size() == end - begin) ended(i, (*told)[i - begin]);
          else again.push_back(i);
      });
  return all && run(what, again.size(), [&](std::size_t at) { return work(again[at]); },
                    [&](std::size_t at, const std::optional<std::string>& text) { ended(again[at], text); });
}

void SideBySide::progress(const char* what, std::size_t over, std::size_t count) {
  const std::int64_t now = seconds_now();
  if (context_.quiet || now - last_ < (context_.err_is_tty ? 1 : kProgressSeconds)) return;
  last_ = now;
  const std::int64_t passed = now - start_, done = static_cast<std::int64_t>(over),
                     all = static_cast<std::int64_t>(count);
  std::string line = std::string(what) + ": " + std::to_string(done) + " of " + std::to_string(all) + ", " +
                     std::to_string(passed) + " s";
  if (done > 0) line += ", about " + std::to_string(passed * (all - done) / done) + " s left";
  on_line_ = context_.err_is_tty;
  context_.err(on_line_ ? "\r" + line + "\x1b[K" : line + "\n");
}

}  // namespace daxfuzz::cli
