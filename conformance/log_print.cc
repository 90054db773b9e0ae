// SPDX-License-Identifier: GPL-2.0-only
// A log as its lines: the model's, to lay beside a guest's. parse_log() reads it. See log.h.
#include "conformance/log.h"

namespace daxfuzz::conformance {
namespace {

std::string hex(std::uint64_t value) {
  std::string digits;
  do digits.insert(digits.begin(), "0123456789abcdef"[value % 16]);
  while ((value /= 16) != 0);
  return "0x" + digits;
}

template <class... Words>
std::string line(std::string_view first, const Words&... words) {
  std::string text(first);
  const auto add = [&text](const auto& word) {
    text += ' ';
    if constexpr (std::is_convertible_v<decltype(word), std::string_view>)
      text += word;
    else
      text += std::to_string(word);
  };
  (add(words), ...);
  return text + "\n";
}

std::string words_of(const Result& result) {
  switch (result.kind) {
    case Result::Kind::ok:
      return "ok " + std::to_string(result.value);
    case Result::Kind::err:
      return "err " + std::to_string(result.value);
    case Result::Kind::sig:
      return "sig " + std::to_string(result.value) + " 0";
    case Result::Kind::blocked:
      return "blocked S -";
    case Result::Kind::nosys:
      return "nosys";
    case Result::Kind::busy:
      return "busy";
  }
  return "";
}

std::string words_of(const PageState& page) {
  return std::to_string(page.ref) + " " + std::to_string(page.map) + " " + hex(page.mapping) + " " +
         hex(page.share);
}

std::string print(const Step& step) {
  std::string text;
  for (const auto& [number, result] : step.results) text += line("R", number, words_of(result));
  for (const Event& event : step.events) {
    std::string fields;
    for (const auto& [key, value] : event.fields) fields += " " + key + "=" + hex(value);
    text += "E " + std::to_string(event.step) + " " + event.name + fields + "\n";
  }
  if (step.events_lost != 0) text += line("L", step.events_lost);
  for (const std::string& warning : step.warnings) text += line("W", warning);
  for (const auto& [file, state] : step.files)
    text += line("F", file, state.size, state.nrpages, hex(state.mapping), state.vmas);
  for (const auto& [at, entry] : step.entries) {
    text += line("N", at.first, at.second, "0x0", entry.kind, entry.order, entry.marks,
                 hex(entry.pfn), words_of(entry.page), entry.pin);
    for (const auto& [sub, page] : entry.subs)
      text += line("N2", at.first, at.second, sub, words_of(page));
  }
  for (const auto& [pfn, page] : step.pages) text += line("P", hex(pfn), words_of(page));
  for (const auto& [slot, pfn] : step.pins) text += line("G", slot, pfn == 0 ? "zero" : hex(pfn));
  for (const auto& [file, extents] : step.extents) {
    text += line("M", file, extents.size());
    for (const Extent& extent : extents)
      text += line("X", file, extent.page, extent.count, extent.block, extent.kind);
  }
  for (const auto& [at, pte] : step.ptes)
    text += line("V", 0, at.first, at.second, pte.pmd ? "pmd" : "pte", pte.write ? "w" : "r",
                 pte.pfn == 0 ? "zero" : hex(pte.pfn));
  return text;
}

}  // namespace

std::string print_log(const Log& log) {
  std::string text = "daxconf-log 1\nkernel " + log.kernel + "\n";
  if (!log.blind.empty()) text += "blind";
  for (const std::string& name : log.blind) text += " " + name;
  if (!log.blind.empty()) text += "\n";
  for (std::size_t i = 0; i < log.steps.size(); i++)
    text += "step " + std::to_string(i) + "\n" + print(log.steps[i]);
  if (log.ended) text += "step end\n" + print(log.end);
  if (log.done) text += "done\n";
  return text;
}

}  // namespace daxfuzz::conformance
