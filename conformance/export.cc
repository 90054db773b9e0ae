// SPDX-License-Identifier: GPL-2.0-only
// A trace as a C program: its comment and its script; the rest is the same for all. See export.h.
#include "conformance/export.h"

#include <algorithm>
#include <cctype>

#include "conformance/drive.h"
#include "conformance/export_source.h"
#include "conformance/sequence.h"

namespace daxfuzz::conformance {
namespace {

using exec::Verdict;
using trace::Op;
using trace::OpCode;

// A stranger's text within a comment of C or of a shell: printable, and "*/" or "/*" nowhere,
// of which the one ends a comment and the other is warned of.
std::string harmless(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char last = out.empty() ? '\0' : out.back();
    if ((c == '/' && last == '*') || (c == '*' && last == '/')) out += ' ';
    out += c < ' ' || c > '~' ? '?' : c;
  }
  return out;
}

// A file's name as a part of others, and as a word of a shell.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 64))
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return out.empty() ? "trace" : out;
}

std::string_view look_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "nothing: the model finds nothing wrong here";
    case Verdict::warn:
      return "a WARNING in dmesg";
    case Verdict::bug:
      return "a BUG or an oops in dmesg";
    case Verdict::invariant:
      return "what follows from that: a WARNING in dmesg, or a wrong byte. It may leave no sign";
    case Verdict::deadlock:
    case Verdict::lost_wakeup:
    case Verdict::hang:
    case Verdict::livelock:
      return "an op that never ends: \"op N never ended\" is the last that the program says";
  }
  return "";
}

// What is held instead of what the trace wants.
std::vector<std::string> about_pins(const std::vector<Op>& ops) {
  std::vector<std::string> out;
  const auto any = [&ops](auto&& test) { return std::ranges::any_of(ops, test); };
  const auto is_pin = [](const Op& op) { return op.code == OpCode::pin; };
  if (!any(is_pin)) return out;
  out.emplace_back("Pins are taken with vmsplice(2), which is FOLL_GET for reading.");
  if (any([&](const Op& op) {
        return is_pin(op) && op.pin_kind == trace::PinKind::pin &&
               op.access == trace::Access::read;
      }))
    out.emplace_back(
        "Where the trace wants FOLL_PIN, process_vm_readv(2) takes it and lets it go; what is\n"
        "held after that is FOLL_GET. Compiled with -DPIN_DIRECT='\"FILE\"' it is write(2) from the\n"
        "mapping with O_DIRECT, to a file on another file system.");
  if (any([&](const Op& op) { return is_pin(op) && op.access == trace::Access::write; }))
    out.emplace_back(
        "Where it wants FOLL_WRITE, MADV_POPULATE_WRITE makes the fault; what is held after\n"
        "that is FOLL_GET for reading.");
  if (any([&](const Op& op) { return is_pin(op) && op.pin_kind == trace::PinKind::longterm; }))
    out.emplace_back("FOLL_LONGTERM is not taken at all (\"nosys\"); fs-dax refuses it.");
  if (any([](const Op& op) { return op.code == OpCode::dma && op.access == trace::Access::write; }))
    out.emplace_back("A device's store through a pin (dma write) is left out (\"nosys\").");
  return out;
}

std::string op_text(const Op& op) {
  return "T" + std::to_string(op.thread) + ": " + trace::print(op);
}

std::string quoted(const std::string& line) { return "\t\"" + line + "\\n\""; }

// The driver's script as an initialiser; its ops are in the order of driven.ops.
std::string initialiser(const Driven& driven) {
  std::string out;
  std::size_t at = 0, step = 0;
  while (at < driven.script.size()) {
    const std::size_t end = driven.script.find('\n', at);
    const std::string line = driven.script.substr(at, end - at);
    at = end + 1;
    out += quoted(line);
    if (line.starts_with("op ")) {
      out += " /* " + op_text(driven.ops[step]);
      const Step& said = driven.log.steps[step];
      const auto result = said.results.find(step);
      out += "; the model: " + (result != said.results.end() ? result->second.str() : "never ends");
      for (const std::string& warning : said.warnings) out += "; " + warning;
      out += " */";
      step++;
    }
    out += "\n";
  }
  return out;
}

// A kernel for the protocol, if there is any.
std::string kernel_for(const trace::Program& program) {
  const std::string summary(trace::summary(program.protocol));
  std::string out = "protocol " + std::string(trace::name(program.protocol)) + " (" + summary + ")";
  for (const trace::Setting& s : program.settings)
    out += ", " + std::string(trace::info(s.id).name) + "=" +
           std::string(trace::value_name(s.id, s.value));
  if (!summary.starts_with("Linux"))
    out += ".\nNo released kernel is like that: the series has to be applied first";
  else if (!program.settings.empty())
    out += ".\nNo released kernel has these switches: they say what has to be changed in one";
  return out + ".";
}

std::vector<std::string> lines_of(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts)
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      out.push_back(harmless(std::string_view(text).substr(at, end - at)));
      at = end + 1;
    }
  return out;
}

std::vector<std::string> about(const trace::Trace& trace, const exec::Execution& execution,
                               const Driven& driven, std::string_view stem,
                               std::string_view version) {
  std::vector<std::string> out = {"Exported by " + std::string(version) + " from the trace " +
                                      std::string(stem) + ".daxt, which says:",
                                  ""};
  for (const trace::Comment& comment : trace.comments) out.push_back(" " + comment.text.substr(1));
  out.push_back("");
  out.push_back("Kernel: " + kernel_for(trace.program));
  out.push_back("The model's verdict there: " +
                (execution.failed() ? execution.signature() : std::string("pass")));
  if (execution.failed()) {
    out.push_back("Rule: " + execution.finding.rule);
    out.push_back("Found: " + execution.finding.value);
  }
  out.push_back("Look for: " + std::string(look_for(execution.verdict)) + ".");
  out.push_back(
      "Each op prints its result, \"R STEP ok VALUE\", \"err ERRNO\", \"sig SIGNAL\", or \"blocked\"\n"
      "if it waits for another; the model's is in the comment beside the op. At the end come the\n"
      "contents of the files, a byte of each half of each page: \"contents FILE PAGES: BYTES\".");
  out.push_back("");
  out.push_back(
      "Ops come one at a time, in the order in which they begin in the trace; the next one\n"
      "begins when the last one has ended or waits. What happens between the steps of one op\n"
      "cannot be forced: a trace that needs such an interleaving shows nothing when it is run\n"
      "once.");
  for (const std::string& text : about_pins(driven.ops)) out.push_back(text);
  for (const std::string& text : driven.left_out) out.push_back("Left out: " + text);
  if (!driven.stopped.empty())
    out.push_back("The model goes no further than the last op here: " + driven.stopped + ".");
  return lines_of(out);
}

// What a test of the ops belongs to. A run that gets stuck is for nobody's every day.
std::vector<std::string> groups(const std::vector<Op>& ops, Verdict verdict) {
  static constexpr struct {
    OpCode code;
    const char* group;
  } kGroups[] = {{OpCode::reflink, "clone"}, {OpCode::dedupe, "dedupe"},
                 {OpCode::punch, "punch"},   {OpCode::alloc, "prealloc"},
                 {OpCode::zero, "zero"},     {OpCode::collapse, "collapse"},
                 {OpCode::unshare, "unshare"}, {OpCode::pin, "splice"},
                 {OpCode::mmap, "mmap"}};
  const bool stuck = verdict != Verdict::pass && verdict != Verdict::warn &&
                     verdict != Verdict::invariant;
  std::vector<std::string> out = {stuck ? "dangerous" : "auto", "quick", "dax"};
  for (const auto& row : kGroups)
    if (std::ranges::any_of(ops, [&](const Op& op) { return op.code == row.code; }))
      out.emplace_back(row.group);
  return out;
}

}  // namespace

std::expected<Export, std::string> export_of(const trace::Trace& trace,
                                             const exec::Execution& execution,
                                             std::string_view stem, std::string_view version) {
  // A guest's module can; a program has none.
  if (std::ranges::any_of(trace.program.ops,
                          [](const Op& op) { return op.code == OpCode::invalidate; }))
    return std::unexpected("invalidate: no system call drops DAX entries and does nothing else");
  const auto sequence = sequence_of(trace.program);
  if (!sequence) return std::unexpected(sequence.error());
  const Driven driven = drive(sequence->scene, in_order(sequence->ops));
  return Export{.name = plain(stem),
                .version = std::string(version),
                .about = about(trace, execution, driven, stem, version),
                .groups = groups(driven.ops, execution.verdict),
                .script = initialiser(driven)};
}

std::string program_of(const Export& exported) {
  std::string out = "// SPDX-License-Identifier: GPL-2.0-only\n/*\n";
  for (const std::string& line : exported.about) out += line.empty() ? " *\n" : " * " + line + "\n";
  const std::string own = exported.name;
  out += " *\n * Compile:  cc -O2 -pthread -o " + own + " " + own + ".c\n" +
         " * Run:      ./" + own + " /mnt/dax    (as root, on an idle machine)\n" +
         " *   /mnt/dax is XFS on a pmem device: mkfs.xfs -f -m reflink=1 /dev/pmem0,\n"
         " *   mount -o dax=always /dev/pmem0 /mnt/dax, xfs_io -c 'cowextsize 4096' /mnt/dax\n"
         " *   Pages are of 4096 bytes, and so are blocks.\n"
         " * Exit code: 0 all ops ended, 1 one never did, 2 usage, 3 it could not be run.\n"
         " */\n\n#define _GNU_SOURCE\n\n"
         "/* files FILES, mms PROCESSES, threads THREADS of each; op STEP THREAD PROCESS OP...;\n"
         " * offsets, lengths and sizes in bytes. */\n"
         "extern const char exported_script[];\nconst char exported_script[] =\n" +
         exported.script;
  out.pop_back();
  return out + ";\n" + std::string(exported_source());
}

}  // namespace daxfuzz::conformance
