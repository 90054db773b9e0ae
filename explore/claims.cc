// SPDX-License-Identifier: GPL-2.0-only
// Searching the claims, and printing what came of it. See claims.h.
#include "explore/claims.h"

#include <algorithm>

#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

void add_failures(const Report& report, std::vector<std::string>& to) {
  for (const auto& [key, found] : report.outcomes) {
    const std::string signature = key.substr(0, key.find(" |"));
    if (found.failed && std::ranges::find(to, signature) == to.end()) to.push_back(signature);
  }
}

ClaimRow searched(const corpus::File& file, trace::ProtocolId protocol, const ClaimLimits& limits) {
  trace::Program program = file.trace.program;
  program.protocol = protocol;
  program.settings.clear();
  const corpus::Variant plain{.spelling = {}, .protocol = protocol, .settings = {}};
  ClaimRow row{.claim = file.name, .protocol = std::string(trace::name(protocol)),
               .trace = corpus::run(file, plain).signature(), .failed = {}};
  ProgramLimits bounds;
  bounds.executions = limits.executions;
  Report report = explore(program, bounds);
  add_failures(report, row.failed);
  if (report.complete()) {
    row.reach = Reach::all;
  } else if (row.passes()) {
    bounds.preemptions = limits.preemptions;
    Report bounded = explore(program, bounds);
    add_failures(bounded, row.failed);
    if (bounded.complete()) {
      row.reach = Reach::preempted;
      report = std::move(bounded);
    }
  }
  row.executions = report.executions;
  row.states = report.states;
  row.outcomes = report.outcomes.size();
  return row;
}

std::string reach_text(Reach reach, const ClaimLimits& limits) {
  switch (reach) {
    case Reach::all: return "all";
    case Reach::preempted: return "preemptions<=" + std::to_string(limits.preemptions);
    case Reach::cut: return "not complete within " + grouped(limits.executions);
  }
  return "?";
}

std::string line(const ClaimRow& row, const ClaimLimits& limits) {
  return "| " + row.claim + " | " + row.protocol + " | " + reach_text(row.reach, limits) + " | " +
         grouped(row.executions) + " | " + grouped(row.states) + " | " + grouped(row.outcomes) + " | " +
         row.verdict() + " |\n";
}

// From `at`, the lines that begin with '|'.
std::string_view table_at(std::string_view page, std::size_t at) {
  std::size_t end = at;
  while (end < page.size() && page[end] == '|') {
    const std::size_t newline = page.find('\n', end);
    end = newline == page.npos ? page.size() : newline + 1;
  }
  return page.substr(at, end - at);
}

}  // namespace

std::string ClaimRow::verdict() const {
  std::string text;
  if (trace != "pass") text = "fails by the trace: " + trace;
  std::size_t more = 0;
  for (const std::string& signature : failed) {
    if (signature == trace) continue;
    if (text.empty()) text = "fails by another schedule: " + signature;
    else more++;
  }
  if (more != 0) text += ", and " + std::to_string(more) + " more";
  if (!text.empty()) return text;
  switch (reach) {
    case Reach::all: return "passes";
    case Reach::preempted: return "passes, so far";
    case Reach::cut: return "not decided";
  }
  return "?";
}

std::string ClaimRow::contradiction() const {
  if (reach != Reach::all || trace == "pass" || std::ranges::find(failed, trace) != failed.end()) return "";
  return claim + " under " + protocol + ": the file's schedule ends with " + trace + ", none of the search does";
}

std::vector<ClaimRow> claim_rows(const std::vector<corpus::File>& files, const ClaimLimits& limits) {
  CHECK(limits.executions > 0);
  std::vector<ClaimRow> rows;
  for (const corpus::File& file : files) {
    if (file.trace.program.threads() < 2) continue;
    for (std::size_t i = 0; i < trace::protocol_count(); i++)
      rows.push_back(searched(file, static_cast<trace::ProtocolId>(i), limits));
  }
  return rows;
}

std::string claim_table(const std::vector<ClaimRow>& rows, const ClaimLimits& limits) {
  std::string text = std::string(kClaimTable) + " executions | states | outcomes | verdict |\n" +
                     "|---|---|---|---|---|---|---|\n";
  std::uint64_t executions = 0, states = 0, all = 0, passing = 0, failing = 0;
  for (const ClaimRow& row : rows) {
    text += line(row, limits);
    executions += row.executions;
    states += row.states;
    all += row.reach == Reach::all ? 1 : 0;
    passing += row.reach == Reach::all && row.passes() ? 1 : 0;
    failing += row.passes() ? 0 : 1;
  }
  return text + "| together | " + grouped(rows.size()) + " rows | " + grouped(all) + " all | " +
         grouped(executions) + " | " + grouped(states) + " | | " + grouped(passing) + " pass all their schedules, " +
         grouped(failing) + " fail |\n";
}

std::expected<std::string, std::string> with_claim_table(std::string_view page, std::string_view table) {
  const std::size_t at = page.find("\n" + std::string(kClaimTable));
  if (at == page.npos) return std::unexpected("no line that begins with '" + std::string(kClaimTable) + "'");
  const std::string_view before = page.substr(0, at + 1);
  const std::string_view after = page.substr(at + 1 + table_at(page, at + 1).size());
  return std::string(before) + std::string(table) + std::string(after);
}

std::string first_difference(std::string_view page, std::string_view table) {
  const std::size_t at = page.find("\n" + std::string(kClaimTable));
  std::string_view has = at == page.npos ? "" : table_at(page, at + 1);
  while (!has.empty() || !table.empty()) {
    const std::string_view is = has.substr(0, has.find('\n')), wanted = table.substr(0, table.find('\n'));
    if (is != wanted) return "the page has '" + std::string(is) + "', not '" + std::string(wanted) + "'";
    has.remove_prefix(std::min(has.size(), is.size() + 1));
    table.remove_prefix(std::min(table.size(), wanted.size() + 1));
  }
  return "";
}

}  // namespace daxfuzz::explore
