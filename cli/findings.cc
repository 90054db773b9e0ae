// SPDX-License-Identifier: GPL-2.0-only
// Stores, replays and shrinks findings. See findings.h.
#include "cli/findings.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/exit_code.h"
#include "cli/replay.h"
#include "cli/shrink.h"
#include "cli/traces.h"
#include "report/ascii.h"
#include "sched/label.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kReplays = 20;
constexpr std::uint64_t kShrinkBudget = 100'000;
constexpr std::size_t kSlugMax = 40;  // so that a path fits a line of a report

// A file of an earlier run for the same finding, "" if none. Names are cut short,
// so the file itself has to say that it is.
std::string earlier_file(Syscalls& sys, const std::string& folder, const std::string& signature) {
  const auto names = list_folder(folder, ".daxt");
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (name.ends_with(".orig.daxt") || !name.starts_with(slug(signature) + "-")) continue;
    const auto loaded = load_trace(sys, folder + "/" + name, trace::Parse::lenient);
    if (loaded && trace::header(loaded->trace, "verdict") == "FAIL " + signature)
      return folder + "/" + name;
  }
  return "";
}

std::string original_of(const std::string& path) { return path.substr(0, path.size() - 5) + ".orig.daxt"; }

// The original was kept first, then replaced by what it was minimised to.
bool is_examined(Syscalls& sys, const std::string& path) {
  const auto original = read_file(sys, original_of(path), trace::kTextBytesMax);
  const auto now = read_file(sys, path, trace::kTextBytesMax);
  return original && now && *original != *now;
}

std::string signature_of(const trace::Trace& trace) {
  const std::string_view verdict = trace::header(trace, "verdict");
  return std::string(verdict.starts_with("FAIL ") ? verdict.substr(5) : "unnamed");
}

// A campaign knows what the kernel does wrong, not what a proposal does: its defects
// are what one fuzzes a proposal for.
bool is_kernel(trace::ProtocolId protocol) {
  return protocol != trace::ProtocolId::v1 && protocol != trace::ProtocolId::entry_ref;
}

}  // namespace

std::string slug(std::string_view signature) {
  std::string out;
  for (char c : signature.substr(0, kSlugMax)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (word)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "unnamed" : out;
}

std::string short_hash(std::string_view content) {
  return report::hex64(sched::fnv1a(content)).substr(10);
}

std::expected<void, std::string> Findings::add(const std::string& text) {
  const auto parsed = trace::parse(text, "finding");
  if (!parsed) return std::unexpected("the target sent what is no trace: " + parsed.error().str());
  const std::string signature = signature_of(parsed->trace);
  const std::string protocol = protocol_label(parsed->trace.program);
  if (!seen_.emplace(protocol, signature).second) return {};
  const std::string folder = folder_ + "/" + protocol, stem = slug(signature);
  Found found{.protocol = protocol,
              .signature = signature,
              .path = earlier_file(*context_.sys, folder, signature),
              .reliable = {},
              .summary = {},
              .stored = false,
              .fresh = false,
              .replays = true,
              .trace = parsed->trace};
  if (found.path.empty()) {
    found.path = folder + "/" + stem + "-" + short_hash(text) + ".daxt";
    auto done = make_folders(*context_.sys, folder);
    if (done) done = store_file(*context_.sys, found.path, text);
    if (!done) {
      context_.problem("daxfuzz: cannot store a finding; here it is:\n" + text);
      return std::unexpected(done.error().str());
    }
    found.stored = found.fresh = true;
    context_.note("NEW  " + protocol + "  " + signature + "  -> " + found.path + "\n");
  } else {
    found.fresh = !is_examined(*context_.sys, found.path);
    context_.note("again  " + protocol + "  " + signature + "  " + found.path + "\n");
  }
  found_.push_back(std::move(found));
  return {};
}

void Findings::adopt() {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> folders;
  fs::directory_iterator entry(folder_, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (entry->is_directory() && entry->path().filename() != "target-crash") folders.push_back(entry->path().string());
  std::ranges::sort(folders);
  for (const std::string& folder : folders) {
    const auto names = list_folder(folder, ".daxt");
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
      const std::string path = folder + "/" + name;
      if (name.ends_with(".orig.daxt") || is_examined(*context_.sys, path)) continue;
      auto loaded = load_trace(*context_.sys, path, trace::Parse::lenient);
      if (!loaded) continue;
      const std::string protocol = protocol_label(loaded->trace.program), signature = signature_of(loaded->trace);
      // One that does not replay here was told when it was found.
      if (context_.execute(loaded->trace.program, {}).signature() != signature) continue;
      if (!seen_.emplace(protocol, signature).second) continue;
      context_.note("unfinished  " + protocol + "  " + signature + "  " + path + "\n");
      found_.push_back({.protocol = protocol,
                        .signature = signature,
                        .path = path,
                        .reliable = {},
                        .summary = {},
                        .stored = false,
                        .fresh = true,
                        .replays = true,
                        .trace = std::move(loaded->trace)});
    }
  }
}

int Findings::examine() {
  int code = kNothingFound;
  for (Found& found : found_)
    code = worse(code, found.fresh && !context_.interrupted() ? examine(found) : kFinding);
  return code;
}

int Findings::examine(Found& found) {
  const Repeated run = run_repeatedly(context_, found.trace.program, {}, kReplays);
  found.reliable = reliability(run);
  found.replays =
      run.deterministic() && run.execution.failed() && run.execution.signature() == found.signature;
  if (!run.deterministic()) return kNondeterminism;
  if (!found.replays) {
    found.reliable = "does not replay here: " + run.execution.signature() +
                     "; was the target built from another model?";
    return kFinding;
  }
  context_.note("minimizing " + found.path + "\n");
  const auto small = shrink(context_, found.trace, {}, kShrinkBudget);
  if (!small) {
    context_.problem(found.path + ": " + small.error().why + "\n");
    return worse(kFinding, small.error().exit_code);
  }
  // First the copy, then the replacement: at every moment the original is there.
  const std::string original = original_of(found.path);
  auto text = read_file(*context_.sys, found.path, trace::kTextBytesMax);
  if (!text) return context_.problem(text.error().str() + "\n"), kEnvironment;
  auto done = store_file(*context_.sys, original, *text);
  if (done) done = store_file(*context_.sys, found.path, trace::print(small->trace));
  if (!done) return context_.problem(done.error().str() + "\n"), kEnvironment;
  found.summary = small->summary;
  found.trace = small->trace;
  return kFinding;
}

std::expected<std::string, std::string> known_lines(Syscalls& sys, const std::string& folder,
                                                    std::vector<trace::Setting> settings) {
  // What shows with every store seen at once shows with store buffers, too.
  std::erase_if(settings, [](const trace::Setting& s) { return s.id == trace::SwitchId::memory; });
  const auto names = list_folder(folder, ".daxt");
  if (!names) return std::unexpected(names.error().str());
  std::set<std::string> lines;
  for (const std::string& name : *names) {
    const auto loaded = load_trace(sys, folder + "/" + name, trace::Parse::lenient);
    if (!loaded) return std::unexpected(loaded.error().what);
    const auto expected = expectations(*loaded);
    if (!expected) return std::unexpected(expected.error().what);
    for (const Expectation& e : *expected) {
      const corpus::Variant& under = e.promise.variant;
      const std::string& verdict = e.promise.verdict;
      if (verdict == "PASS" || under.checkers != exec::kCheckAll || under.settings != settings ||
          !is_kernel(under.protocol))
        continue;
      lines.insert(std::string(trace::name(under.protocol)) + "\t" +
                   verdict.substr(std::string_view("FAIL ").size()) + "\n");
    }
    if (!settings.empty()) continue;
    for (const std::string_view also : trace::headers(loaded->trace, "also")) {
      const std::size_t space = also.find(' ');
      if (space == std::string_view::npos)
        return std::unexpected(name + ": expected '# also PROTOCOL SIGNATURE', found '# also " +
                               std::string(also) + "'");
      lines.insert(std::string(also.substr(0, space)) + "\t" +
                   std::string(also.substr(also.find_first_not_of(' ', space))) + "\n");
    }
  }
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

}  // namespace daxfuzz::cli
