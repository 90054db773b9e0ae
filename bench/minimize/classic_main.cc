// SPDX-License-Identifier: GPL-2.0-only
// A Markdown table of classic.h, one row a program: bazel run //bench/minimize:classic [-- SEEDS]. Exit code 1 if a
// failure did not come to the fewest switches.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "bench/minimize/classic.h"
#include "trace/number.h"

int main(int argc, char** argv) {
  std::uint64_t seeds = 20;
  if (argc > 2 || (argc == 2 && !daxfuzz::trace::parse_number(std::string_view(argv[1]), seeds)) || seeds == 0) {
    std::fprintf(stderr, "expected at most a number of seeds\n");
    return 2;
  }
  std::printf("| program | switches drawn | fewest that fail | reached from | replays, median | most |\n"
              "|---|---|---|---|---|---|\n");
  bool all = true;
  for (auto& row : daxfuzz::bench::classic_rows(seeds)) {
    std::ranges::sort(row.replays);
    std::printf("| %s | %zu to %zu | %zu | %zu of %zu seeds | %zu | %zu |\n", row.name, std::ranges::min(row.drawn) - 1,
                std::ranges::max(row.drawn) - 1, row.fewest - 1, row.minimal(), row.reached.size(),
                row.replays[row.replays.size() / 2], row.replays.back());
    all = all && row.minimal() == row.reached.size();
  }
  return all ? 0 : 1;
}
