// SPDX-License-Identifier: GPL-2.0-only
// See compare.h. Results come first, for a step that ended otherwise explains all the rest;
// then what functions said on the way, files, entries, page tables, pins and pages without an
// entry.
#include "conformance/compare.h"

#include <algorithm>
#include <set>

#include "conformance/events.h"
#include "conformance/pairing.h"
#include "conformance/verdict.h"
#include "trace/limits.h"

namespace daxfuzz::conformance {
namespace {

std::string hex(std::uint64_t value) {
  std::string text;
  do text.insert(text.begin(), "0123456789abcdef"[value % 16]);
  while ((value /= 16) != 0);
  return "0x" + text;
}

std::string page_name(unsigned file, std::uint64_t index) {
  return std::string(1, static_cast<char>('a' + file)) + "+" + std::to_string(index);
}

// A mapping word as what it means: nothing, the shared mark, a file.
std::string mapping_name(std::uint64_t word, const Step& step) {
  if (word < 8) return word == 0 ? "none" : "mark " + hex(word);
  for (const auto& [number, file] : step.files)
    if (file.mapping == word) return std::string("file ") + static_cast<char>('a' + number);
  return "foreign";
}

class Comparer {
 public:
  Comparer(Counts& counts, const std::set<std::string>& blind) : counts_(counts), blind_(blind) {}

  std::optional<Difference> step(const Step& model, const Step& kernel, bool ptes) {
    difference_.reset();
    results(model, kernel);
    warnings(model, kernel);
    events(model, kernel);  // they name pages that are gone at the end of the step
    pairing_.begin(model, kernel);
    files(model, kernel);
    extents(model, kernel);
    entries(model, kernel);
    pins(model, kernel);
    if (ptes) page_tables(model, kernel);
    pages(model, kernel);
    // An event may have been the first to name a page: the state has the last word.
    for (const auto& [where, m, k] : std::exchange(named_, {})) pfn(where, m, k);
    pairing_.begin(model, kernel);
    return std::exchange(difference_, std::nullopt);
  }

 private:
  void same(std::string_view where, std::string_view field, const std::string& model,
            const std::string& kernel) {
    counts_[std::string(field)]++;
    if (model != kernel && !difference_.has_value())
      difference_ = {.step = 0,
                     .at_end = false,
                     .where = std::string(where),
                     .field = std::string(field),
                     .model = model,
                     .kernel = kernel};
  }
  void same(std::string_view where, std::string_view field, std::uint64_t model,
            std::uint64_t kernel) {
    same(where, field, std::to_string(model), std::to_string(kernel));
  }
  void same(std::string_view where, std::string_view field, std::int64_t model,
            std::int64_t kernel) {
    same(where, field, std::to_string(model), std::to_string(kernel));
  }

  // Both maps by key; one that only one side has is a difference, and is not looked into.
  template <class Map, class Name, class Both>
  void join(const Map& model, const Map& kernel, std::string_view what, Name name, Both both) {
    std::set<typename Map::key_type> keys;
    for (const auto& [key, value] : model) keys.insert(key);
    for (const auto& [key, value] : kernel) keys.insert(key);
    for (const auto& key : keys) {
      const auto m = model.find(key), k = kernel.find(key);
      same(name(key), what, m == model.end() ? "none" : "there",
           k == kernel.end() ? "none" : "there");
      if (m != model.end() && k != kernel.end()) both(name(key), m->second, k->second);
    }
  }

  void results(const Step& model, const Step& kernel) {
    const auto name = [](std::uint64_t step) { return "step " + std::to_string(step); };
    join(model.results, kernel.results, "returned", name,
         [this](const std::string& where, const Result& m, const Result& k) {
           // The model's fault says -EFAULT for each kind of signal.
           const bool signals = m.kind == Result::Kind::sig && k.kind == Result::Kind::sig;
           same(where, "result", signals ? "signal" : m.str(), signals ? "signal" : k.str());
         });
  }

  // Their texts say the same in other words: what counts is whether there was one.
  void warnings(const Step& model, const Step& kernel) {
    const auto text = [](const std::vector<std::string>& lines) {
      std::string all;
      for (const std::string& line : lines) all += (all.empty() ? "" : "; ") + line;
      return all;
    };
    const bool agree = model.warnings.empty() == kernel.warnings.empty();
    same("the kernel's log", "warning", text(model.warnings),
         agree ? text(model.warnings) : text(kernel.warnings));
  }

  // Of an op that has not ended it counts what happened, not how often: it may spin. Where events
  // were lost nothing is known of those that were not.
  void events(const Step& model, const Step& kernel) {
    if (kernel.events_lost != 0) return;
    const auto m = told(model.events, blind_), k = told(kernel.events, blind_);
    std::set<std::int64_t> steps;
    for (const auto& side : {&m, &k})
      for (const auto& [step, events] : *side) steps.insert(step);
    for (const std::int64_t step : steps) {
      const auto result = kernel.results.find(static_cast<std::uint64_t>(step));
      const bool ended =
          result != kernel.results.end() && result->second.kind != Result::Kind::blocked;
      const auto of = [&](const std::map<std::int64_t, std::vector<Told>>& side) {
        const auto at = side.find(step);
        if (at == side.end()) return std::vector<Told>{};
        return ended ? at->second : each_once(at->second);
      };
      events_of("events of step " + std::to_string(step), of(m), of(k));
    }
  }
  void events_of(const std::string& op, const std::vector<Told>& m, const std::vector<Told>& k) {
    for (std::size_t i = 0; i < std::max(m.size(), k.size()); i++) {
      const std::string where = op + ", " + std::to_string(i);
      const std::string name = i < k.size() ? k[i].name : "none";
      same(where, "event", i < m.size() ? m[i].name : "none", name);
      if (i >= m.size() || i >= k.size() || m[i].name != name ||
          m[i].words.size() != k[i].words.size())
        return;
      for (std::size_t word = 0; word < k[i].words.size(); word++)
        same(where + " (" + name + ")", "event's " + k[i].words[word].first,
             m[i].words[word].second, k[i].words[word].second);
      if (k[i].pages != 0)
        same(where + " (" + name + ")", "event's pgoff",
             m[i].index - (m[i].pages == 0 ? m[i].index % k[i].pages : 0), k[i].index);
      if (m[i].pfn.has_value() && k[i].pfn.has_value()) {
        pfn(where + " (" + name + ")", *m[i].pfn, *k[i].pfn);
        named_.push_back({.where = where + " (" + name + ")", .model = *m[i].pfn, .kernel = *k[i].pfn});
      }
    }
  }

  void files(const Step& model, const Step& kernel) {
    const auto name = [](unsigned file) {
      return std::string("file ") + static_cast<char>('a' + file);
    };
    join(model.files, kernel.files, "file", name,
         [this](const std::string& where, const File& m, const File& k) {
           same(where, "size", m.size, k.size);
           same(where, "nrpages", m.nrpages, k.nrpages);
           same(where, "vmas", m.vmas, k.vmas);
         });
  }

  // What each page has; where it lies is told by its entry. A guest tells of a file when its blocks
  // have changed, and cannot ask while an op that waits has locked it: if none waits, a file that it
  // does not tell of is as it was.
  void extents(const Step& model, const Step& kernel) {
    for (const auto& [op, result] : kernel.results) {
      if (result.kind == Result::Kind::blocked)
        waiting_.insert(op);
      else
        waiting_.erase(op);
    }
    for (const auto& [file, theirs] : kernel.extents) extents_[file] = theirs;
    for (const auto& [file, theirs] : extents_) {
      const auto found = model.extents.find(file);
      if (found == model.extents.end()) continue;
      if (!kernel.extents.contains(file) && !waiting_.empty()) continue;
      const std::vector<std::string> m = kinds(found->second), k = kinds(theirs);
      std::uint64_t page = 0;
      while (page + 1 < m.size() && m[page] == k[page]) page++;
      same("blocks of " + page_name(file, page), "extent", m[page], k[page]);
    }
  }
  static std::vector<std::string> kinds(const std::vector<Extent>& extents) {
    std::vector<std::string> kinds(trace::file_pages(trace::kPmdOrderReal), "hole");
    for (const Extent& extent : extents)
      for (std::uint64_t page = extent.page;
           page < extent.page + extent.count && page < kinds.size(); page++)
        kinds[page] = extent.kind == "-"   ? "written"
                      : extent.kind == "u" ? "unwritten"
                      : extent.kind == "s" ? "shared"
                                           : "unwritten, shared";
    return kinds;
  }

  void page(const std::string& where, const PageState& m, const Step& model, const PageState& k,
            const Step& kernel) {
    same(where, "refcount", m.ref, k.ref);
    same(where, "mapcount", m.map, k.map);
    same(where, "mapping", mapping_name(m.mapping, model), mapping_name(k.mapping, kernel));
    same(where, "share", m.share, k.share);
  }

  // The model's number of a page, paired with it on this side or the other.
  void pfn(const std::string& where, std::uint64_t m, std::uint64_t k) {
    const bool fits = pairing_.pair(m, k);
    same(where, "block", hex(m), fits ? hex(m) : "the model's " + pairing_.model_of(k));
  }

  void entries(const Step& model, const Step& kernel) {
    const auto name = [](const FilePage& key) {
      return "entry " + page_name(key.first, key.second);
    };
    join(model.entries, kernel.entries, "entry", name,
         [&](const std::string& where, const Entry& m, const Entry& k) {
           same(where, "kind", m.kind, k.kind);
           same(where, "order", std::uint64_t{m.order}, std::uint64_t{k.order});
           same(where, "marks", m.marks, k.marks);
           if (m.kind != k.kind) return;
           if (m.kind != "pte" && m.kind != "pmd") return;
           for (unsigned sub = 0; sub < 1u << m.order; sub++) pfn(where, m.pfn + sub, k.pfn + sub);
           page(where, m.page, model, k.page, kernel);
           same(where, "pincount", m.pin, k.pin);
           const auto sub_name = [&where](unsigned sub) {
             return where + ", page " + std::to_string(sub) + " of it";
           };
           join(m.subs, k.subs, "page of a PMD that is not as its head", sub_name,
                [&](const std::string& at, const PageState& ms, const PageState& ks) {
                  page(at, ms, model, ks, kernel);
                });
         });
  }

  void pins(const Step& model, const Step& kernel) {
    const auto name = [](unsigned slot) { return "pin p" + std::to_string(slot); };
    join(model.pins, kernel.pins, "pin", name,
         [this](const std::string& where, std::uint64_t m, std::uint64_t k) {
           zero_or_pfn(where, m, k);
         });
  }

  void zero_or_pfn(const std::string& where, std::uint64_t m, std::uint64_t k) {
    same(where, "zero page", m == 0 ? "yes" : "no", k == 0 ? "yes" : "no");
    if (m != 0 && k != 0) pfn(where, m, k);
  }

  void page_tables(const Step& model, const Step& kernel) {
    const auto name = [](const MapPage& key) {
      return "page table m" + std::to_string(key.first) + "+" + std::to_string(key.second / 4096);
    };
    join(model.ptes, kernel.ptes, "mapped", name,
         [this](const std::string& where, const Pte& m, const Pte& k) {
           same(where, "level", m.pmd ? "pmd" : "pte", k.pmd ? "pmd" : "pte");
           same(where, "writable", m.write ? "yes" : "no", k.write ? "yes" : "no");
           zero_or_pfn(where, m.pfn, k.pfn);
         });
  }

  void pages(const Step& model, const Step& kernel) {
    for (const auto& [k, state] : kernel.pages) {
      const std::optional<std::uint64_t> m = pairing_.find(k);
      const auto at = m.has_value() ? model.pages.find(*m) : model.pages.end();
      const std::string where = "page " + hex(m.value_or(k)) + " without an entry";
      same(where, "not idle", at == model.pages.end() ? "idle" : "not idle", "not idle");
      if (at != model.pages.end()) page(where, at->second, model, state, kernel);
    }
    for (const auto& [m, state] : model.pages) {
      const bool there = std::ranges::any_of(
          kernel.pages, [&](const auto& k) { return pairing_.find(k.first) == m; });
      same("page " + hex(m) + " without an entry", "not idle", "not idle",
           there ? "not idle" : "idle");
    }
  }

  Counts& counts_;
  const std::set<std::string>& blind_;
  struct Named {
    std::string where;
    std::uint64_t model, kernel;
  };
  std::vector<Named> named_;  // pages that events of the step have named
  Pairing pairing_;
  std::map<unsigned, std::vector<Extent>> extents_;  // of the kernel's files, as last told
  std::set<std::uint64_t> waiting_;                  // the kernel's ops
  std::optional<Difference> difference_;
};

// Without what the hung-task check says of ops that the model never ends either: that they do not
// end is compared as their result, and the check looks at some kinds of waits only.
Step without_hung(Step end, const Log& model) {
  for (const std::uint64_t op : never_ended(model))
    std::erase(end.warnings, "BUG hung task of step " + std::to_string(op));
  return end;
}

}  // namespace

Comparison compare(const Log& model, const Log& kernel) {
  Comparison out;
  std::set<std::string> blind = kernel.blind;
  blind.insert(model.blind.begin(), model.blind.end());
  Comparer comparer(out.counts, blind);
  const bool ptes = model.has_ptes && kernel.has_ptes;
  const std::size_t steps = std::min(model.steps.size(), kernel.steps.size());
  for (std::size_t i = 0; i < steps && !out.difference.has_value(); i++) {
    out.difference = comparer.step(model.steps[i], kernel.steps[i], ptes);
    if (out.difference.has_value())
      out.difference->step = i;
    else
      out.steps++;
  }
  if (out.difference.has_value()) return out;
  if (model.steps.size() != kernel.steps.size() || model.ended != kernel.ended) {
    out.difference = {
        .step = steps,
        .at_end = false,
        .where = "the log",
        .field = "steps",
        .model = std::to_string(model.steps.size()) + (model.ended ? "" : ", no end"),
        .kernel = std::to_string(kernel.steps.size()) + (kernel.ended ? "" : ", no end")};
    return out;
  }
  if (!model.ended) return out;
  out.difference = comparer.step(without_hung(model.end, model), without_hung(kernel.end, model), ptes);
  if (out.difference.has_value()) {
    out.difference->step = steps;
    out.difference->at_end = true;
  }
  return out;
}

}  // namespace daxfuzz::conformance
