// SPDX-License-Identifier: GPL-2.0-only
// Which parts there are, which are done, and what they come to. See explore_parts.h.
//
// The file of --resume: a line `daxfuzz parts 1`, then for each part `part KEY BYTES` and its report.
// A key is a hash of this binary, the program, the limits and the part's first decisions, so
// a file of another build or of other programs does no harm: its parts are done anew.
#include "cli/explore_parts.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <map>

#include "cli/store.h"
#include "cli/values.h"
#include "explore/jobs.h"
#include "explore/parts.h"
#include "sched/fingerprint.h"
#include "trace/number.h"
#include "trace/text.h"

namespace daxfuzz::cli {
namespace {

constexpr std::size_t kPartsAJob = 4;  // so that no job waits long for the others' last
constexpr std::size_t kBytesMax = std::size_t{1} << 30;
constexpr std::string_view kFirstLine = "daxfuzz parts 1\n";

struct Part {
  std::size_t search = 0;
  explore::ProgramLimits limits;
  std::string key;
  std::optional<explore::Report> report;
};

std::string key_of(const std::string& binary, const Search& search, const explore::ProgramLimits& limits) {
  trace::Trace trace;
  trace.program = search.program;
  trace.program.schedule = {};
  std::string text = trace::print(trace) + binary + (limits.first_failure ? " first " : " all ") +
                     std::to_string(limits.set_up) + " " +
                     (limits.preemptions ? std::to_string(*limits.preemptions) : std::string("-"));
  for (const sched::TaskId task : limits.first) text += " " + std::to_string(task);
  sched::Fingerprint hash;
  hash.bytes(text.data(), text.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016" PRIx64 "%016" PRIx64, hash.value()[0], hash.value()[1]);
  return digits;
}

// Nothing is left of it to be searched.
bool over(const explore::Report& report) {
  return report.cut == explore::Cut::none || report.cut == explore::Cut::failure || report.cut == explore::Cut::steps;
}

class Parts {
 public:
  Parts(const std::vector<Search>& searches, const PartsWish& wish, const Context& context)
      : searches_(searches), wish_(wish), context_(context) {}

  std::expected<std::vector<Searched>, std::string> run() {
    if (auto done = load(); !done) return std::unexpected(done.error());
    make_parts();
    explore::Jobs jobs([this](std::size_t at) { return explore::text(searched(parts_[left_[at]])); },
                       [&](std::size_t at, std::optional<std::string> text) { ended(jobs, at, text); });
    const bool all = jobs.run(left_.size(), wish_.jobs, [this] { return context_.interrupted() || !error_.empty(); });
    if (!error_.empty()) return std::unexpected(error_);
    return together(all || !context_.interrupted() ? explore::Cut::lost : explore::Cut::interrupted);
  }

 private:
  std::expected<void, std::string> load() {
    if (wish_.resume.empty()) return {};
    const auto binary = read_file(*context_.sys, context_.program_path, kBytesMax);
    if (!binary) return std::unexpected(binary.error().str());
    sched::Fingerprint hash;
    hash.bytes(binary->data(), binary->size());
    binary_ = std::to_string(hash.value()[0]);
    const auto file = read_file(*context_.sys, wish_.resume, kBytesMax);
    if (!file && file.error().error == ENOENT) return {};
    if (!file) return std::unexpected(file.error().str());
    std::string_view text = *file;
    if (!text.starts_with(kFirstLine)) return std::unexpected(wish_.resume + ": is no file of --resume");
    text.remove_prefix(kFirstLine.size());
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1);
      const auto words = split(text.substr(0, end), ' ');
      std::size_t bytes = 0;
      text.remove_prefix(end + 1);
      if (words.size() != 3 || words[0] != "part" || !trace::parse_number(words[2], bytes) || bytes > text.size() ||
          !explore::parse_report(text.substr(0, bytes)))
        return std::unexpected(wish_.resume + ": a part of it cannot be read");
      kept_[words[1]] = text.substr(0, bytes);
      text.remove_prefix(bytes);
    }
    return {};
  }

  void make_parts() {
    const std::size_t wanted = searches_.size() >= wish_.jobs ? 1 : wish_.jobs * kPartsAJob;
    for (std::size_t at = 0; at < searches_.size(); at++) {
      const Search& search = searches_[at];
      std::vector<explore::Decisions> firsts(1);
      if (wanted > 1) firsts = explore::split(search.program, search.limits, wanted);
      shares_.push_back(firsts.size());
      for (const explore::Decisions& first : firsts) {
        Part part{.search = at, .limits = search.limits, .key = {}, .report = {}};
        part.limits.first = first;
        part.limits.executions = std::max<std::uint64_t>(search.limits.executions / firsts.size(), 1);
        if (!wish_.resume.empty()) part.key = key_of(binary_, search, part.limits);
        if (const auto kept = kept_.find(part.key); kept != kept_.end())
          part.report = explore::parse_report(kept->second).value();
        parts_.push_back(std::move(part));
      }
    }
    for (std::size_t at = 0; at < parts_.size(); at++)
      if (!parts_[at].report) left_.push_back(at);
  }

  // In a process of its own.
  explore::Report searched(const Part& part) const {
    using Clock = std::chrono::steady_clock;
    const std::size_t shares = shares_[part.search];
    const auto time = std::chrono::milliseconds(wish_.seconds * 1000 * std::min(wish_.jobs, shares) / shares);
    const auto end = Clock::now() + time;
    return explore::explore(searches_[part.search].program, part.limits, {}, [&] {
      return context_.interrupted() || (wish_.seconds != 0 && Clock::now() >= end);
    });
  }

  void ended(explore::Jobs& jobs, std::size_t at, const std::optional<std::string>& text) {
    Part& part = parts_[left_[at]];
    auto report = text ? explore::parse_report(*text) : std::expected<explore::Report, std::string>();
    if (!text || !report) {
      part.report.emplace().cut = explore::Cut::lost;
      return;
    }
    if (part.limits.first_failure && report->failure() != nullptr)
      for (std::size_t other = at + 1; other < left_.size(); other++)
        if (parts_[left_[other]].search == part.search) jobs.drop(other);
    if (!wish_.resume.empty() && over(*report)) {
      kept_[part.key] = *text;
      keep();
    }
    part.report = std::move(*report);
  }

  void keep() {
    std::string file(kFirstLine);
    for (const auto& [key, text] : kept_) file += "part " + key + " " + std::to_string(text.size()) + "\n" + text;
    if (auto done = store_file(*context_.sys, wish_.resume, file); !done) error_ = done.error().str();
  }

  // A part that is not there was not searched, for this reason.
  std::vector<Searched> together(explore::Cut missing) const {
    std::vector<Searched> all(searches_.size());
    std::vector<bool> failed(searches_.size());
    for (const Part& part : parts_) {
      Searched& to = all[part.search];
      to.parts++;
      if (failed[part.search]) continue;
      explore::Report report;
      report.cut = missing;
      if (part.report) report = *part.report;
      to.whole += over(report) ? 1 : 0;
      explore::merge(to.report, report);
      failed[part.search] = part.limits.first_failure && report.failure() != nullptr;
    }
    return all;
  }

  const std::vector<Search>& searches_;
  const PartsWish& wish_;
  const Context& context_;
  std::string binary_;                     // its hash
  std::map<std::string, std::string> kept_;  // reports by key
  std::vector<Part> parts_;
  std::vector<std::size_t> shares_;        // parts of each search
  std::vector<std::size_t> left_;          // of parts_: to be searched
  std::string error_;
};

}  // namespace

std::expected<std::vector<Searched>, std::string> search_in_parts(
    const std::vector<Search>& searches, const PartsWish& wish, const Context& context) {
  return Parts(searches, wish, context).run();
}

}  // namespace daxfuzz::cli
