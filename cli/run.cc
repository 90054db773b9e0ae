// SPDX-License-Identifier: GPL-2.0-only
// Dispatch, and the two verbs that only print. See verbs.h.
#include <algorithm>

#include "cli/exit_code.h"
#include "cli/verbs.h"
#include "report/json_writer.h"
#include "trace/program.h"

namespace daxfuzz::cli {
namespace {

constexpr const char* kVersion = "0.1.0";

struct Row {
  std::string_view name;
  int (*verb)(const Args&, Context&);
};
constexpr Row kRows[] = {
#define VERB(name, operands, at_least, at_most, flags, summary) {spelled(#name), name},
#include "cli/verbs.def"
#undef VERB
};

int dispatch(const Args& args, Context& context) {
  context.quiet = args.has("quiet");
  if (args.has("help")) {
    context.result(help_text(args.verb));
    return kNothingFound;
  }
  for (const Row& row : kRows)
    if (args.verb == row.name) return row.verb(args, context);
  return kUsage;  // parse_args() knows the same table
}

// "19.1.7" of "19.1.7 (3+b1)": Debian's own suffix says nothing to a reader.
std::string compiler() {
  const std::string_view version = __VERSION__;
  const std::size_t begin = std::min(version.find_first_of("0123456789"), version.size());
  return "clang " + std::string(version.substr(begin, version.find(' ', begin) - begin));
}

}  // namespace

int run(std::span<const std::string> words, Context& context) {
  const bool bisect = std::ranges::find(words, "--bisect") != words.end();
  int code = kUsage;
  if (const auto args = parse_args(words)) {
    code = dispatch(*args, context);
  } else {
    context.problem(args.error().what);
  }
  // git bisect takes every other code up to 127 for "bad".
  return bisect && code != kNothingFound && code != kFinding ? kBisectSkip : code;
}

int bad_value(const Args& args, Context& context, const std::string& flag,
              const std::string& what) {
  context.problem("daxfuzz " + args.verb + ": --" + flag + ": " + what + "\nnext: daxfuzz help " +
                  args.verb + "\n");
  return kUsage;
}

const char* sanitizer_name() {
#if __has_feature(address_sanitizer)
  return "asan";
#elif __has_feature(thread_sanitizer)
  return "tsan";
#elif __has_feature(memory_sanitizer)
  return "msan";
#else
  return "none";
#endif
}

std::string version_line() { return std::string("daxfuzz ") + kVersion; }

std::string tool_line() {
  return version_line() + ", port of Linux fs/dax.c, " + compiler() +
         ", sanitizer " + sanitizer_name();
}

int help(const Args& args, Context& context) {
  if (args.operands.empty()) {
    context.result(help_text());
    return kNothingFound;
  }
  const std::string text = help_text(args.operands[0]);
  if (!text.empty()) {
    context.result(text);
    return kNothingFound;
  }
  const std::string near = nearest(args.operands[0], verb_names());
  context.problem("daxfuzz help: unknown verb '" + args.operands[0] + "'" +
                  (near.empty() ? "" : "; did you mean " + near + "?") + "\nnext: daxfuzz help\n");
  return kUsage;
}

int version(const Args& args, Context& context) {
  if (args.has("json")) {
    context.result(report::JsonWriter('{')
                       .text("schema", "daxfuzz.version/1")
                       .text("version", kVersion)
                       .text("compiler", compiler())
                       .text("sanitizer", sanitizer_name())
                       .done() +
                   "\n");
  } else {
    context.result(tool_line() + "\nnext: daxfuzz doctor\n");
  }
  return kNothingFound;
}

}  // namespace daxfuzz::cli
