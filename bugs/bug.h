// SPDX-License-Identifier: GPL-2.0-only
// A bug of the catalogue: the header of its patch, as a value. The patch is a mail, "Key: value"
// lines at its top and a second block of them before "---" (README.md has the form); a key that is
// not known is an error, so that a misspelt one is not lost. Read next: hunt.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::bugs {

struct Bug {
  std::string name;       // of its file: "024-only-the-next-waiter-is-woken"
  std::string from;       // "Linux 5.13, 237388320def", or "constructed"
  std::string subject;
  std::string catalogue;  // "B24", or "" for what is constructed
  std::string text;       // what went wrong, lines with their ends
  std::vector<trace::ProtocolId> protocols;  // in which it shows; hunts are of the first
  std::vector<std::string> signatures;       // any of them counts; the trace shows the first
  std::string harm;                          // one of kHarms
  std::size_t length = 0;                    // ops that a minimised trace has at most
  std::vector<std::string> missed;           // engines that do not find it in a check's budget
  bool tso = false;                          // shows with store buffers only; all hunts have them

  // Of its trace and of every program that is drawn.
  [[nodiscard]] std::vector<trace::Setting> settings() const;

  [[nodiscard]] bool shows(std::string_view signature) const;
  [[nodiscard]] bool misses(std::string_view engine) const;
};

// What a user of the kernel would notice; "warn": only a ported WARN or a count tells.
inline constexpr std::string_view kHarms[] = {
    "stale-data", "lost-write", "foreign-data", "use-after-free", "leak",
    "hang",       "crash",      "warn",         "lost-after-crash"};

// The error says what is wrong, in one line that begins with the name.
[[nodiscard]] std::expected<Bug, std::string> parse(std::string_view name, std::string_view patch);
// Of a file NAME.patch.
[[nodiscard]] std::expected<Bug, std::string> load(const std::string& path);

// Of one hunt of a check.
inline constexpr std::uint64_t kCheckExecutions = 30000;
// Of one by an engine that the header says misses the bug in that many: so long that a header which
// is too humble is noticed.
inline constexpr std::uint64_t kMissedExecutions = 3000;
inline constexpr std::uint64_t kCheckSeed = 1;

// Does a run that ends so show the bug? Any failure does where the model passes whatever is drawn,
// with all fixes in (legacy, upstream, upstream71); under others only those of the header.
[[nodiscard]] bool counts(const Bug& bug, std::string_view signature);

}  // namespace daxfuzz::bugs
