// SPDX-License-Identifier: GPL-2.0-only
// Any bytes decode to a valid program, whose encoding is the one spelling of it, and which
// is the same after text. No custom mutator: the bytes themselves are the subject. Read
// next: trace/bytes.h.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/digest_line.h"
#include "fuzz/environment.h"
#include "fuzz/fail.h"
#include "trace/bytes.h"
#include "trace/text.h"

namespace {

std::string text_of(const daxfuzz::trace::Program& program) {
  return daxfuzz::trace::print({.program = program, .digest = {}, .comments = {}});
}

std::optional<daxfuzz::fuzz::Environment> g_environment;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = daxfuzz::fuzz::environment_or_exit();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daxfuzz;
  trace::Program program = trace::decode({data, size});
  if (!trace::valid(program)) fuzz::fail("invalid-program in decode", text_of(program));
  const std::vector<std::uint8_t> bytes = trace::encode(program);
  const trace::Program again = trace::decode(bytes);
  if (again != program) fuzz::fail("program-changes in encode", text_of(program));
  if (trace::encode(again) != bytes)
    fuzz::fail("bytes-are-not-canonical in encode", text_of(program));
  // The text form has no program without an op.
  if (program.ops.empty()) program.ops = {trace::canonical({.code = trace::OpCode::fsync}, program.geometry)};
  const std::string text = text_of(program);
  const auto parsed = trace::parse(text, "input");
  if (!parsed) fuzz::fail("printed-text-is-refused in parse", parsed.error().str() + "\n" + text);
  if (parsed->trace.program != program) fuzz::fail("program-changes in print", text);
  if (g_environment->digests_fd) {
    fuzz::Outcome outcome;
    outcome.add(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    outcome.add(text);
    fuzz::tell_digest(*g_environment, data, size, outcome.digest(), "pass");
  }
  return 0;
}
