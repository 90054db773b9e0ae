// SPDX-License-Identifier: GPL-2.0-only
// Lays the report out: head, table, tail. Only one task acts in a row, so its
// text may run on into the columns to the right of its own; that is what lets
// five columns live in 80. See splat.h.
#include "report/splat.h"

#include <algorithm>
#include <cstdio>

#include "report/ascii.h"
#include "report/rows.h"

namespace daxfuzz::report {
namespace {

constexpr std::size_t kPrefix = 9;       // "* 12345  "
constexpr std::size_t kValues = 22;      // "  ref  map  pin share" with its gap
constexpr std::size_t kLastColumn = 34;  // room for a call in the last task's column
constexpr std::size_t kPitchMin = 6;     // "exit" and a gap
constexpr std::size_t kIndentMax = 10;
constexpr int kValueWidth[4] = {5, 4, 4, 5};

std::string bar() { return std::string(66, '=') + "\n"; }

std::string right(std::string text, std::size_t width) {
  if (text.size() > width) text.assign(width, '#');  // too long to tell: see --format=json
  return std::string(width - text.size(), ' ') + text;
}

std::string cut(std::string text, std::size_t width) {
  if (text.size() <= width) return text;
  text.resize(width - 1);
  return text + '~';
}

std::string end_of_line(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

struct Layout {
  std::size_t area;   // of all task columns together
  std::size_t pitch;  // from the start of one to that of the next

  explicit Layout(const Table& t)
      : area(kColumns - kPrefix - (t.has_states ? kValues : 0)), pitch(area) {
    const std::size_t n = t.columns.size();
    if (n > 1) pitch = std::max(kPitchMin, std::min(area / n, (area - kLastColumn) / (n - 1)));
  }
};

std::string head_rows(const Table& t, const Layout& layout) {
  std::string names(kPrefix - 6, ' '), dashes = names;
  names += "step  ";
  dashes += "----  ";
  for (std::size_t i = 0; i < t.columns.size(); ++i) {
    const bool last = i + 1 == t.columns.size();
    const std::size_t width = last ? layout.area - layout.pitch * i : layout.pitch;
    std::string name = cut(t.columns[i], width - 1);
    names += name + std::string(width - name.size(), ' ');
    dashes += std::string(width - (last ? 0 : 1), '-') + (last ? "" : " ");
  }
  if (t.has_states) {
    names += "   ref  map  pin share";
    dashes += " ----- ---- ---- -----";
  }
  return end_of_line(names) + end_of_line(dashes);
}

std::string row_line(const Row& row, const Table& t, const Layout& layout) {
  if (row.folded != 0)
    return "     ...  (" + std::to_string(row.folded) + (row.folded == 1 ? " row)\n" : " rows)\n");
  std::string line = row.failing ? "! " : row.slice ? "* " : "  ";
  line += right(std::to_string(row.step), 5) + "  ";
  const std::size_t start = layout.pitch * row.column;
  const std::size_t indent = std::min(2 * row.depth, kIndentMax);
  const std::size_t room = layout.area - start;
  std::string text = cut(std::string(std::min(indent, room / 3), ' ') + printable(row.text), room);
  line += std::string(start, ' ') + text + std::string(room - text.size(), ' ');
  if (!t.has_states) return end_of_line(line);
  const std::int32_t values[] = {row.state.ref, row.state.map, row.state.pin, row.state.share};
  for (std::size_t v = 0; v < 4; ++v) {
    const auto width = static_cast<std::size_t>(kValueWidth[v]);
    line += " " + right(row.changed[v] ? std::to_string(values[v]) : "", width);
  }
  return end_of_line(line);
}

std::string table_text(const trace::Program& program, const exec::Execution& run, bool full) {
  const Table t = table(program, run, full);
  if (t.rows.empty()) return "";
  const Layout layout(t);
  std::string out = "\n" + head_rows(t, layout);
  bool slice = false, failing = false;
  for (const Row& row : t.rows) {
    out += row_line(row, t, layout);
    slice |= row.slice && !row.failing;
    failing |= row.failing;
  }
  if (slice || failing) {
    out += '\n';
    if (slice) out += "  * may have led to the failure";
    if (slice && failing) out += "     ";
    if (failing) out += slice ? "! the failing step" : "  ! the failing step";
    out += '\n';
  }
  out += field("  ", std::to_string(t.events_shown) + " of " + std::to_string(t.events_all) +
                         " events shown" + (full ? "" : "; all of them: --full"));
  return out;
}

const char* sentence(exec::Verdict verdict) {
  switch (verdict) {
    case exec::Verdict::pass:
      return "No rule was broken.";
    case exec::Verdict::invariant:
      return "A rule of the oracle was broken";
    case exec::Verdict::warn:
      return "A WARN_ON_ONCE() of the kernel fired";
    case exec::Verdict::bug:
      return "A BUG_ON() of the kernel fired";
    case exec::Verdict::deadlock:
      return "Tasks wait for each other's locks";
    case exec::Verdict::lost_wakeup:
      return "A task sleeps although what it waits for is true";
    case exec::Verdict::hang:
      return "A task waits for what nobody will ever make true";
    case exec::Verdict::livelock:
      return "The step budget ran out: tasks go round in circles";
  }
  return "";
}

std::string where(const trace::Program& program, const exec::Finding& f) {
  std::string out = ", at step " + std::to_string(f.step);
  if (f.task == program.threads() || f.task == sched::kNoTask)
    out += ", at the end of the process";
  else
    out += " by T" + std::to_string(f.task);
  if (f.pfn >= 0) out += ", page frame " + std::to_string(f.pfn);
  return out + ".";
}

std::string optional_field(std::string_view key, const std::string& text) {
  return text.empty() ? "" : field(key, text);
}

// A command that is too long for a line goes on in the next, as a shell reads it.
std::string command_field(std::string_view key, const std::string& command) {
  const std::size_t space = command.rfind(' ');
  if (key.size() + command.size() <= kColumns || space == std::string::npos)
    return optional_field(key, command);
  return field(key, command.substr(0, space) + " \\") + field("  ", command.substr(space + 1));
}

std::string closing(const exec::Execution& run, const SplatOptions& options) {
  std::string out;
  if (run.diverged) out += field("Diverged:   ", run.divergence);
  for (const exec::DataRace& race : run.races)
    out += field(&race == run.races.data() ? "Races:      " : "            ", exec::text(race));
  if (run.tsan_reports != 0)
    out += field("TSan:       ", std::to_string(run.tsan_reports) + " reports");
  out += command_field("Reproduce:  ", options.reproduce);
  out += optional_field("Reliable:   ", options.reliable);
  out += optional_field("Found by:   ", options.found_by);
  out += optional_field("Tool:       ", options.tool);
  return out.empty() ? out : "\n" + out;
}

std::string each_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) out += field("    ", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string passed(const trace::Trace& trace, const exec::Execution& run,
                   const SplatOptions& options) {
  std::string out = field("", "DAXFUZZ: " + run.signature());
  out += field("  protocol: ", protocol_name(trace.program));
  out +=
      field("  ran:      ", std::to_string(trace.program.ops.size()) + " ops in " +
                                std::to_string(run.steps) + " steps, digest " + hex64(run.digest));
  if (options.full) out += table_text(trace.program, run, true);
  return out + closing(run, options);
}

}  // namespace

std::string protocol_name(const trace::Program& program) {
  std::string out(trace::name(program.protocol));
  for (const trace::Setting& s : program.settings)
    out += ", " + std::string(trace::info(s.id).name) + "=" +
           std::string(trace::value_name(s.id, s.value));
  return out;
}

std::string splat(const trace::Trace& trace, const exec::Execution& run,
                  const SplatOptions& options) {
  if (!run.failed()) return passed(trace, run, options);
  const exec::Finding& f = run.finding;
  std::string out = bar() + field("", "BUG: DAXFUZZ: " + run.signature()) + "\n";
  out += field("", sentence(run.verdict) + where(trace.program, f));
  out += optional_field("  rule:     ", f.rule);
  out += optional_field("  kernel:   ", f.citation);
  out += field("  protocol: ", protocol_name(trace.program));
  out += optional_field("  value:    ", f.value);
  if (!f.waits.empty()) out += "  waits:\n" + each_line(f.waits);
  out += table_text(trace.program, run, options.full);
  return out + closing(run, options) + bar();
}

}  // namespace daxfuzz::report
