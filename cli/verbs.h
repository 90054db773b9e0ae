// SPDX-License-Identifier: GPL-2.0-only
// The verbs of the command, one file each, and run(), which chooses one.
#pragma once

#include <span>
#include <string>

#include "cli/args.h"
#include "cli/context.h"

namespace daxfuzz::cli {

// The whole command but for what main() does with the process. Returns the exit
// code. `words` are argv without the program's name.
[[nodiscard]] int run(std::span<const std::string> words, Context& context);

[[nodiscard]] int fuzz(const Args& args, Context& context);
[[nodiscard]] int replay(const Args& args, Context& context);
[[nodiscard]] int show(const Args& args, Context& context);
[[nodiscard]] int explore(const Args& args, Context& context);
[[nodiscard]] int check(const Args& args, Context& context);
[[nodiscard]] int bisect(const Args& args, Context& context);
[[nodiscard]] int minimize(const Args& args, Context& context);
[[nodiscard]] int corpus_(const Args& args, Context& context);
[[nodiscard]] int conform(const Args& args, Context& context);
[[nodiscard]] int export_(const Args& args, Context& context);
[[nodiscard]] int bugs_(const Args& args, Context& context);
[[nodiscard]] int try_(const Args& args, Context& context);
[[nodiscard]] int doctor(const Args& args, Context& context);
[[nodiscard]] int help(const Args& args, Context& context);
[[nodiscard]] int version(const Args& args, Context& context);

// A value of a flag is not what it should be: says so, returns the exit code.
[[nodiscard]] int bad_value(const Args& args, Context& context, const std::string& flag,
                            const std::string& what);

// "daxfuzz 0.1.0, port of ..., clang 19.1.7 asan": the last line of a report.
[[nodiscard]] std::string tool_line();
[[nodiscard]] std::string version_line();    // "daxfuzz 0.1.0"
[[nodiscard]] const char* sanitizer_name();  // "none", "asan", "tsan", "msan"

}  // namespace daxfuzz::cli
