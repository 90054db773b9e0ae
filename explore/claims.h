// SPDX-License-Identifier: GPL-2.0-only
// All schedules of the mail's claims (corpus/claims), each under each protocol, as a table
// for docs/claims-explored.md: what the files' own schedules say of one schedule is said of all of
// them here, up to a bound that each row states. Read first: program.h; claims_main.cc
// writes the page anew, claims_test.cc holds it to the table.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/expectations.h"
#include "explore/program.h"

namespace daxfuzz::explore {

struct ClaimLimits {
  std::uint64_t executions = 20'000;  // of each search
  std::uint32_t preemptions = 2;      // of a second one, if the first was cut and nothing failed
};

// How far a program was searched.
enum class Reach : std::uint8_t {
  all,        // all of its schedules
  preempted,  // all that pre-empt no more than ClaimLimits::preemptions times
  cut,        // neither came to its end
};

// One claim under one protocol.
struct ClaimRow {
  std::string claim;
  std::string protocol;
  std::string trace;                // what the file's own schedule comes to: "pass" or a signature
  std::vector<std::string> failed;  // signatures of the searches, each once, in order
  Reach reach = Reach::cut;
  std::uint64_t executions = 0, states = 0, outcomes = 0;  // of the search that `reach` is about

  // Nothing is known to fail, by whatever schedule.
  [[nodiscard]] bool passes() const { return trace == "pass" && failed.empty(); }
  [[nodiscard]] std::string verdict() const;
  // If all schedules were searched, the file's own was one of them. Empty, or what is wrong.
  [[nodiscard]] std::string contradiction() const;
};

// Rows of the claims that have more than one thread, in the order of files and protocols.
[[nodiscard]] std::vector<ClaimRow> claim_rows(const std::vector<corpus::File>& files, const ClaimLimits& limits);

// The table of docs/claims-explored.md: it begins with kClaimTable, and its last line counts.
inline constexpr std::string_view kClaimTable = "| claim | protocol | schedules |";
[[nodiscard]] std::string claim_table(const std::vector<ClaimRow>& rows, const ClaimLimits& limits);

// The page with this table in place of its own. The error says what is missing.
[[nodiscard]] std::expected<std::string, std::string> with_claim_table(std::string_view page, std::string_view table);
// The first line of the table that the page has otherwise; empty if there is none.
[[nodiscard]] std::string first_difference(std::string_view page, std::string_view table);

}  // namespace daxfuzz::explore
