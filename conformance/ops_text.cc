// SPDX-License-Identifier: GPL-2.0-only
// See ops_text.h. Each line is read as the one op of a trace.
#include "conformance/ops_text.h"

#include <charconv>
#include <sstream>

#include "trace/text.h"

namespace daxfuzz::conformance {

std::string print_ops(const Scene& scene, const std::vector<trace::Op>& ops) {
  std::string text;
  if (scene.free_blocks != 0) text = "free " + std::to_string(scene.free_blocks) + "\n";
  for (const trace::Op& op : ops)
    text += "T" + std::to_string(op.thread) + ": " + trace::print(op) + "\n";
  return text;
}

std::expected<std::vector<trace::Op>, std::string> parse_ops(std::string_view text, Scene& scene) {
  // A trace may not ask for as many blocks as a long run has, and no op names them.
  const std::string before = "daxt 1\nprotocol legacy\ngeometry files=" +
                             std::to_string(scene.geometry.files) + " blocks=4096 pmd_order=9 mms=" +
                             std::to_string(scene.geometry.mms) + "\n",
                    after = "\nschedule replay\n";
  std::vector<trace::Op> ops;
  std::istringstream lines{std::string(text)};
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    if (++number == 1 && line.starts_with("free ")) {
      const char *const from = line.data() + 5, *const to = line.data() + line.size();
      const auto [end, error] = std::from_chars(from, to, scene.free_blocks);
      if (error == std::errc{} && end == to && scene.free_blocks != 0) continue;
      return std::unexpected("line 1: expected how many blocks are free, found \"" + line + "\"");
    }
    const auto parsed = trace::parse(before + line + after, "ops");
    if (!parsed || parsed->trace.program.ops.size() != 1)
      return std::unexpected("line " + std::to_string(number) + ": " +
                             (parsed ? "expected an op, found \"" + line + "\"" : parsed.error().what));
    ops.push_back(parsed->trace.program.ops.front());
  }
  return ops;
}

}  // namespace daxfuzz::conformance
