// SPDX-License-Identifier: GPL-2.0-only
// What the rows say: tables to stdout, a picture to a file. It runs nothing.
//
//   report --rows=FILE [--measure=executions|steps|seconds] [--bugs] [--svg=FILE]
//
// Exit code 0, 1 if the clean model was found guilty or was not hunted for as long, 2 usage, 5 bad
// input. Read next: rows.h, table.h, against.h.
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "bench/time/against.h"
#include "bench/time/plot.h"
#include "bench/time/table.h"

namespace {

using namespace daxfuzz;

struct Settings {
  std::string rows, svg;
  bench::Measure measure = bench::Measure::executions;
  bool bugs = false;
};

bool argument(std::string_view text, Settings& settings) {
  if (text == "--bugs") return settings.bugs = true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--rows") settings.rows = value;
  else if (key == "--svg") settings.svg = value;
  else if (key == "--measure") {
    for (const bench::Measure measure : bench::kMeasures)
      if (bench::name(measure) == value) return settings.measure = measure, true;
    return false;
  } else {
    return false;
  }
  return !value.empty();
}

int run(const Settings& settings) {
  std::ifstream in(settings.rows);
  if (!in) return std::fprintf(stderr, "%s: cannot be read\n", settings.rows.c_str()), 5;
  const auto rows = bench::read_rows(in, settings.rows);
  if (!rows) return std::fprintf(stderr, "%s\n", rows.error().c_str()), 5;
  std::printf("%s", bench::engine_table(*rows, settings.measure).c_str());
  if (const std::string table = bench::stress_table(*rows, settings.measure); !table.empty())
    std::printf("\n%s", table.c_str());
  if (settings.bugs) {
    std::printf("\n%s", bench::bug_table(*rows, settings.measure).c_str());
    if (const std::string table = bench::stress_bug_table(*rows, settings.measure); !table.empty())
      std::printf("\n%s", table.c_str());
  }
  if (!settings.svg.empty()) {
    std::ofstream out(settings.svg);
    out << bench::svg(*rows, settings.measure);
    out.close();
    if (!out) return std::fprintf(stderr, "%s: cannot be written\n", settings.svg.c_str()), 5;
  }
  const std::string objections = bench::objections(*rows);
  std::fprintf(stderr, "%s", objections.c_str());
  return objections.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bool good = true;
  for (int i = 1; i < argc; i++) good = argument(argv[i], settings) && good;
  if (good && !settings.rows.empty()) return run(settings);
  std::fprintf(stderr, "expected --rows=FILE [--measure=executions|steps|seconds] [--bugs] [--svg=FILE]\n");
  return 2;
}
