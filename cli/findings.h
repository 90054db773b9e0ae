// SPDX-License-Identifier: GPL-2.0-only
// Findings as files: where one goes, which are known, what happens to a new one.
// out/findings/PROTOCOL/SIGNATURE-HASH.daxt, stored before it is announced.
// Read next: fuzz.cc (the verb).
#pragma once

#include <expected>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/context.h"
#include "cli/store.h"
#include "trace/text.h"

namespace daxfuzz::cli {

// "a-b-in-c": lower-case letters, digits and dashes, at most 40; a signature comes
// from a file and must not become a path.
[[nodiscard]] std::string slug(std::string_view signature);
// 8 hex digits of the content.
[[nodiscard]] std::string short_hash(std::string_view content);

struct Found {
  std::string protocol, signature, path, reliable, summary;
  bool stored = false;   // this run wrote it; else an earlier one did
  bool fresh = false;    // not replayed and minimised yet: this run's, or of one that was killed before
  bool replays = false;  // here, with the same signature
  trace::Trace trace;
};

class Findings {
 public:
  Findings(Context& context, std::string folder) : context_(context), folder_(std::move(folder)) {}

  // Takes the text of one finding, stores and announces it. An error says what
  // could not be stored; the text has then been printed, so that it is not lost.
  [[nodiscard]] std::expected<void, std::string> add(const std::string& text);
  // Findings that an earlier run stored but did not come to minimise, for it was killed.
  void adopt();
  // Replays what is fresh 20 times and minimises it; the original stays beside it as
  // .orig.daxt. Returns an exit code.
  [[nodiscard]] int examine();
  [[nodiscard]] const std::vector<Found>& all() const { return found_; }

 private:
  [[nodiscard]] int examine(Found& found);
  Context& context_;
  std::string folder_;
  std::vector<Found> found_;
  std::set<std::pair<std::string, std::string>> seen_;
};

// `protocol TAB signature` lines of what the .daxt files of a folder expect to fail
// under `settings` and a kernel's protocol, with the other shapes that the same cause
// takes (`# also PROTOCOL SIGNATURE`).
[[nodiscard]] std::expected<std::string, std::string> known_lines(
    Syscalls& sys, const std::string& folder, std::vector<trace::Setting> settings);

}  // namespace daxfuzz::cli
