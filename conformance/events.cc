// SPDX-License-Identifier: GPL-2.0-only
// Decoding, a row an event. See events.h; what a kernel tells: module/events.def.
#include "conformance/events.h"

#include <algorithm>
#include <string_view>

#include "trace/limits.h"

namespace daxfuzz::conformance {
namespace {

// Bits of a DAX entry in fs/dax.c: those of its value, which is the word without its last bit.
constexpr std::uint64_t kPmd = 1u << 1, kZero = 1u << 2, kEmpty = 1u << 3;
constexpr unsigned kPfnShift = 4;
// The model has no statistics, which is all that VM_FAULT_MAJOR is for.
constexpr std::uint64_t kMajor = 0x4;
constexpr std::uint64_t kLastPage = trace::file_pages(trace::kPmdOrderReal) - 1;

std::optional<std::uint64_t> field(const Event& event, const char* name) {
  const auto at = event.fields.find(name);
  return at == event.fields.end() ? std::nullopt : std::optional(at->second);
}

void say(Told& out, const Event& event, const char* name) {
  if (const auto value = field(event, name)) out.words.emplace_back(name, std::to_string(*value));
}

// dax_insert_entry() returns an entry, dax_disassociate_entry() is given one.
void say_entry(Told& out, std::uint64_t entry, bool with_kind) {
  const std::uint64_t value = entry >> 1;
  const std::string size = (value & kPmd) != 0 ? "pmd" : "pte";
  const char* what = (value & kZero) != 0 ? ", zero" : (value & kEmpty) != 0 ? ", empty" : "";
  if (with_kind) out.words.emplace_back("entry", size + what);
  if ((value & (kZero | kEmpty)) == 0) out.pfn = value >> kPfnShift;
}

std::optional<Told> told_of(const Event& event) {
  Told out{.name = event.name, .words = {}, .pfn = std::nullopt, .index = 0, .pages = 0};
  const std::optional<std::uint64_t> ret = field(event, "ret");
  if (event.name == "dax_disassociate_entry") {
    say_entry(out, field(event, "entry").value_or(0), false);
    if (!out.pfn.has_value()) return std::nullopt;  // it returns at once
    say(out, event, "trunc");
    return out;
  }
  if (event.name == "dax_writeback_one") {
    out.index = field(event, "pgoff").value_or(0);
    out.pages = field(event, "pglen").value_or(0);
    return out;
  }
  if (event.name.starts_with("dax_pmd_load_hole")) {
    say(out, event, "pgoff");
    return out;
  }
  if (event.name == "dax_writeback_range") {
    say(out, event, "first");
    // "To the end" is another number in each.
    out.words.emplace_back("last", std::to_string(std::min(field(event, "last").value_or(0), kLastPage)));
    return out;
  }
  if (!ret.has_value()) return std::nullopt;
  if (event.name == "dax_insert_entry") {
    say_entry(out, *ret, true);
  } else if (event.name == "dax_layout_busy_page_range") {
    out.words.emplace_back("busy page", *ret == 0 ? "none" : "one");
    if (*ret != 0) out.pfn = *ret;
  } else if (event.name == "__dax_invalidate_entry") {
    for (const char* name : {"index", "trunc", "ret"}) say(out, event, name);
  } else {
    say(out, event, "pgoff");
    out.words.emplace_back("fault", std::to_string(*ret & ~kMajor));
  }
  return out;
}

}  // namespace

std::map<std::int64_t, std::vector<Told>> told(const std::vector<Event>& events,
                                               const std::set<std::string>& blind) {
  std::map<std::int64_t, std::vector<Told>> out;
  for (const Event& event : events) {
    if (blind.contains(event.name)) continue;
    if (std::optional<Told> one = told_of(event)) out[event.step].push_back(std::move(*one));
  }
  return out;
}

std::vector<Told> each_once(const std::vector<Told>& events) {
  std::vector<Told> out;
  for (const Told& event : events)
    if (std::ranges::find(out, event) == out.end()) out.push_back(event);
  return out;
}

}  // namespace daxfuzz::conformance
