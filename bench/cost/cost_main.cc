// SPDX-License-Identifier: GPL-2.0-only
// cost: what a scheduling point, an execution and their parts cost, beside a bare fiber switch.
//
//   cost [--rounds=N] [--milliseconds=N] [--only=PREFIX] [--raw] [--require-NAME=BOUND]...
//   cost --profile=NAME [--milliseconds=N]      does that one thing for so long, for perf(1)
//
// BOUND is a number in the figure's unit, or one and an x: bare switches. Exit code 0, 1 if a
// requirement is missed, 2 usage. Read next: README.md, subject.h.
#include <cstdio>
#include <iterator>
#include <string_view>

#include "bench/cost/subject.h"
#include "trace/number.h"

namespace {

using namespace daxfuzz;

struct Settings {
  cost::Effort effort;
  std::vector<cost::Requirement> required;
  std::string only, profile;
  bool raw = false;
};

bool argument(std::string_view text, Settings& settings) {
  constexpr std::string_view kRequire = "--require-";
  if (text == "--raw") return settings.raw = true;
  if (text.starts_with(kRequire)) {
    const auto wanted = cost::requirement(text.substr(kRequire.size()));
    if (wanted) settings.required.push_back(*wanted);
    else std::fprintf(stderr, "%s\n", wanted.error().c_str());
    return wanted.has_value();
  }
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--only") return settings.only = value, !value.empty();
  if (key == "--profile") return settings.profile = value, !value.empty();
  if (key == "--rounds") return trace::parse_number(value, settings.effort.rounds) && settings.effort.rounds > 0;
  return key == "--milliseconds" && trace::parse_number(value, settings.effort.milliseconds);
}

// Those that are asked for, and the bare switch, which all are beside; or the one to profile.
std::vector<cost::Subject> subjects(const Settings& settings) {
  std::vector<cost::Subject> wanted;
  for (const auto& part : {cost::points(), cost::executions(), cost::classic()})
    for (const cost::Subject& subject : part) {
      const std::string& name = subject.figure.name;
      const bool only = name == cost::kSwitch || name.starts_with(settings.only);
      if (settings.profile.empty() ? only : name == settings.profile) wanted.push_back(subject);
    }
  return wanted;
}

int profile(const Settings& settings) {
  const std::vector<cost::Subject> wanted = subjects(settings);
  if (wanted.empty()) return std::fprintf(stderr, "%s: no such figure\n", settings.profile.c_str()), 2;
  cost::run_for(wanted.front(), settings.effort.milliseconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; i++) {
    if (argument(argv[i], settings)) continue;
    std::fprintf(stderr,
                 "cost: expected --rounds=N --milliseconds=N --only=PREFIX --raw --require-NAME=BOUND "
                 "or --profile=NAME, found '%s'\n",
                 argv[i]);
    return 2;
  }
  if (!settings.profile.empty()) return profile(settings);
  const std::vector<cost::Figure> figures = cost::measure(subjects(settings), settings.effort);
  std::printf("%s", cost::table(figures, settings.raw).c_str());
  const std::string missed = cost::missed(figures, settings.required);
  std::printf("%s", missed.c_str());
  return missed.empty() ? 0 : 1;
}
