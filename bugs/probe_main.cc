// SPDX-License-Identifier: GPL-2.0-only
// One build of the model, asked for `daxfuzz try`. Two such programs are built, of the model as it
// is and of one with somebody's patch in.
//
//   probe --out=FILE [QUESTIONS] TRACE...            what it does, as probe.h says
//   probe --out=FILE [QUESTIONS] --signature=TEXT --engine=NAME    the shortest trace that ends so
//   probe --out=FILE [QUESTIONS] --program=N         that program of one thread, as a trace
//   QUESTIONS: --protocol=NAME (again for more) --seed=N --executions=N --programs=N --worth
//
// Exit code 0, 1 nothing ends so, 2 usage, 5 bad input.
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "bugs/check.h"
#include "bugs/probe.h"
#include "trace/number.h"

namespace {

using namespace daxfuzz;

struct Settings {
  bugs::Questions questions;
  std::string out, signature;
  std::optional<bugs::Engine> engine;
  std::optional<std::uint64_t> program;
  std::vector<std::string> paths;
};

bool argument(std::string_view text, Settings& settings) {
  if (!text.starts_with("--")) return settings.paths.emplace_back(text), true;
  if (text == "--worth") return settings.questions.worth = true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  bugs::Questions& asked = settings.questions;
  if (key == "--out") settings.out = value;
  else if (key == "--signature") settings.signature = value;
  else if (key == "--engine") return (settings.engine = bugs::engine_named(value)).has_value();
  else if (key == "--seed") return trace::parse_number(value, asked.seed);
  else if (key == "--executions") return trace::parse_number(value, asked.executions);
  else if (key == "--programs") return trace::parse_number(value, asked.programs);
  else if (key == "--program") return trace::parse_number(value, settings.program.emplace());
  else if (key == "--protocol") {
    const auto protocol = trace::protocol_named(value);
    if (!protocol) return false;
    asked.protocols.push_back(*protocol);
  } else return false;
  return true;
}

int write(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.close();
  return out ? 0 : (std::fprintf(stderr, "%s: cannot be written\n", path.c_str()), 5);
}

int find(const Settings& settings) {
  const bugs::Hunt how{.engine = settings.engine.value_or(bugs::Engine::random),
                       .protocol = settings.questions.protocols.front(),
                       .seed = settings.questions.seed,
                       .executions = settings.questions.executions};
  auto trace = bugs::shortest(how, settings.signature);
  if (!trace) return std::fprintf(stderr, "%s: %s\n", settings.signature.c_str(), trace.error().c_str()), 1;
  trace::set_header(*trace, "verdict", "FAIL " + settings.signature);
  return write(settings.out, trace::print(*trace));
}

int run(const Settings& settings) {
  const bugs::Questions& asked = settings.questions;
  if (!settings.signature.empty()) return find(settings);
  if (settings.program) return write(settings.out, bugs::program_trace(asked, *settings.program));
  std::vector<corpus::File> files;
  for (const std::string& path : settings.paths) {
    auto trace = bugs::read_trace(path);
    if (!trace) return std::fprintf(stderr, "%s\n", trace.error().c_str()), 5;
    corpus::File& file = files.emplace_back();
    const std::size_t corpus = path.rfind("corpus/");
    file.name = corpus == std::string::npos ? path : path.substr(corpus);
    file.trace = std::move(*trace);
  }
  return write(settings.out, bugs::traces(asked, files) + bugs::hunts(asked) + bugs::programs(asked));
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bool good = true;
  for (int i = 1; i < argc; i++) good = argument(argv[i], settings) && good;
  if (good && !settings.out.empty() && !settings.questions.protocols.empty()) return run(settings);
  std::fprintf(stderr,
               "expected --out=FILE --protocol=NAME and traces, or --signature=TEXT --engine=NAME, or --program=N;\n"
               "--seed=N --executions=N --programs=N\n");
  return 2;
}
