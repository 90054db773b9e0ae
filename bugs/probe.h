// SPDX-License-Identifier: GPL-2.0-only
// What a build of the model does, as lines that those of another build are held against:
// `daxfuzz try` asks the model as it is and one with a patch in. The same questions give the same
// lines on every machine. Columns are separated by tabs. Read next: cli/try_report.h, the comparison.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bugs/hunt.h"
#include "corpus/expectations.h"

namespace daxfuzz::bugs {

struct Questions {
  std::vector<trace::ProtocolId> protocols;
  std::uint64_t seed = 1;
  std::uint64_t executions = 20000;  // of each hunt: one a protocol and engine
  std::uint64_t programs = 1000;     // of one thread, for each protocol
  bool worth = false;                // tell what hunts are worth that found nothing
};

// "trace <name> <protocol> <signature>": each, under its own protocol and those asked for, its
// schedule followed leniently.
[[nodiscard]] std::string traces(const Questions& questions, const std::vector<corpus::File>& files);
// "hunt <protocol> <engine> <signature> <executions that ended so>", and of what raced in them
// "race <protocol> <load> <write> <executions>", both as "FUNCTION at LABEL"; and if asked, what all
// of them are worth that found nothing: "worth <protocol> <a line of report/worth.h>".
[[nodiscard]] std::string hunts(const Questions& questions);
// "program <protocol> <number> <signature> <results of its ops, with commas>".
[[nodiscard]] std::string programs(const Questions& questions);
// That program, as a trace.
[[nodiscard]] std::string program_trace(const Questions& questions, std::uint64_t number);

}  // namespace daxfuzz::bugs
