// SPDX-License-Identifier: GPL-2.0-only
// The lines of a guest's log. A line whose first letter is not known is skipped, so that an
// agent may tell more than a daxfuzz reads. See log.h.
#include "conformance/log.h"

#include <charconv>
#include <optional>
#include <span>

namespace daxfuzz::conformance {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view line) {
  Words words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end != 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

// Decimal or 0x; a sign before it.
std::optional<std::uint64_t> number(std::string_view word) {
  const bool minus = word.starts_with('-');
  if (minus) word.remove_prefix(1);
  const bool hex = word.starts_with("0x");
  if (hex) word.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return minus ? 0 - value : value;
}

// The words of a line as numbers from the one asked for first; bad if one is none.
class Numbers {
 public:
  explicit Numbers(const Words& words) : words_(words) {}
  std::uint64_t at(std::size_t i) {
    const auto value = i < words_.size() ? number(words_[i]) : std::nullopt;
    if (!value.has_value()) bad_ = true;
    return value.value_or(0);
  }
  std::int64_t sign(std::size_t i) { return static_cast<std::int64_t>(at(i)); }
  unsigned small(std::size_t i) { return static_cast<unsigned>(at(i)); }
  PageState page(std::size_t i) {
    return {.ref = sign(i), .map = sign(i + 1), .mapping = at(i + 2), .share = at(i + 3)};
  }
  [[nodiscard]] bool bad() const { return bad_; }

 private:
  const Words& words_;
  bool bad_ = false;
};

bool parse_result(const Words& w, Step& step) {
  if (w.size() < 3) return false;
  Numbers n(w);
  Result result;
  const std::string_view kind = w[2];
  if (kind == "ok" || kind == "err" || kind == "sig") {
    result.kind = kind == "ok"    ? Result::Kind::ok
                  : kind == "err" ? Result::Kind::err
                                  : Result::Kind::sig;
    result.value = n.sign(3);
  } else if (kind == "blocked") {
    result.kind = Result::Kind::blocked;
  } else if (kind == "nosys") {
    result.kind = Result::Kind::nosys;
  } else if (kind == "busy") {
    result.kind = Result::Kind::busy;
  } else {
    return false;
  }
  step.results[n.at(1)] = result;
  return !n.bad();
}

bool parse_event(const Words& w, Step& step) {
  if (w.size() < 3) return false;
  Numbers n(w);
  Event event{.step = n.sign(1), .name = std::string(w[2]), .fields = {}};
  for (const std::string_view word : std::span(w).subspan(3)) {
    const std::size_t equals = word.find('=');
    const auto value = equals == word.npos ? std::nullopt : number(word.substr(equals + 1));
    if (value.has_value()) event.fields[std::string(word.substr(0, equals))] = *value;
  }
  step.events.push_back(std::move(event));
  return !n.bad();
}

bool parse_entry(const Words& w, Step& step) {
  if (w.size() < 13) return false;
  Numbers n(w);
  Entry entry{.kind = std::string(w[4]),
              .order = n.small(5),
              .marks = std::string(w[6]),
              .pfn = n.at(7),
              .page = n.page(8),
              .pin = n.sign(12),
              .subs = {}};
  step.entries[{n.small(1), n.at(2)}] = std::move(entry);
  return !n.bad();
}

bool parse_line(std::string_view line, Step& step, Log& log) {
  const Words w = split(line);
  if (w.empty()) return true;
  Numbers n(w);
  if (w[0] == "R") return parse_result(w, step);
  if (w[0] == "E") return parse_event(w, step);
  if (w[0] == "N") return parse_entry(w, step);
  if (w[0] == "L") {
    step.events_lost += n.at(1);
  } else if (w[0] == "W") {
    step.warnings.emplace_back(line.substr(std::min<std::size_t>(2, line.size())));
  } else if (w[0] == "F") {
    const unsigned file = n.small(1);
    step.files[file] = {.size = n.at(2), .nrpages = n.at(3), .mapping = n.at(4), .vmas = n.at(5)};
  } else if (w[0] == "N2") {
    step.entries[{n.small(1), n.at(2)}].subs[n.small(3)] = n.page(4);
  } else if (w[0] == "P") {
    const std::uint64_t pfn = n.at(1);
    step.pages[pfn] = n.page(2);
  } else if (w[0] == "G") {
    if (w.size() < 3) return false;
    step.pins[n.small(1)] = w[2] == "zero" ? 0 : n.at(2);
  } else if (w[0] == "M") {
    step.extents[n.small(1)].clear();
  } else if (w[0] == "X") {
    if (w.size() < 6) return false;
    step.extents[n.small(1)].push_back(
        {.page = n.at(2), .count = n.at(3), .block = n.at(4), .kind = std::string(w[5])});
  } else if (w[0] == "V") {
    if (w.size() < 7) return false;
    log.has_ptes = true;
    step.ptes[{n.small(2), n.at(3)}] = {
        .pmd = w[4] == "pmd", .write = w[5] == "w", .pfn = w[6] == "zero" ? 0 : n.at(6)};
  }
  return !n.bad();
}

}  // namespace

std::string Result::str() const {
  switch (kind) {
    case Kind::ok:
      return "ok " + std::to_string(value);
    case Kind::err:
      return "errno " + std::to_string(value);
    case Kind::sig:
      return "signal " + std::to_string(value);
    case Kind::blocked:
      return "blocked";
    case Kind::nosys:
      return "not done";
    case Kind::busy:
      return "busy";
  }
  return "";
}

std::expected<Log, std::string> parse_log(std::string_view text) {
  Log log;
  Step* step = nullptr;
  for (std::size_t number = 1; !text.empty(); number++) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return log;  // cut within a line: the guest died
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto error = [number, line](const std::string& expected) {
      return std::unexpected("line " + std::to_string(number) + ": expected " + expected +
                             ", found '" + std::string(line.substr(0, 80)) + "'");
    };
    if (number == 1) {
      if (line != "daxconf-log 1") return error("'daxconf-log 1'");
    } else if (line.starts_with("kernel ")) {
      log.kernel = std::string(line.substr(7));
    } else if (line.starts_with("blind ")) {
      for (const std::string_view name : split(line.substr(6))) log.blind.emplace(name);
    } else if (line == "step end") {
      log.ended = true;
      step = &log.end;
    } else if (line.starts_with("step ")) {
      if (line.substr(5) != std::to_string(log.steps.size()))
        return error("'step " + std::to_string(log.steps.size()) + "'");
      log.steps.emplace_back();
      step = &log.steps.back();
    } else if (line == "done") {
      log.done = true;
    } else if (step != nullptr && !parse_line(line, *step, log)) {
      return error("a line of a step");
    }
  }
  return log;
}

}  // namespace daxfuzz::conformance
