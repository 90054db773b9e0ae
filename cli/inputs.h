// SPDX-License-Identifier: GPL-2.0-only
// What engines leave in their folders, as programs: libFuzzer's crash-*, AFL++'s crashes/id:*, and our own
// .daxt and .bin. Nothing is written. Read next: triage.h, which makes findings of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/store.h"
#include "trace/text.h"

namespace daxfuzz::cli {

struct Input {
  std::string path;
  std::string bytes;       // of the file
  bool is_text = false;    // a trace; else what an engine made, decoded
  std::string first_seen;  // "2026-11-27T16:55:01Z": its `# first-seen`, else when the file was last changed
  trace::Trace trace;
};

// How bytes are to be run: they name a protocol, but their target may have been told another one, and it
// has no settings unless it was told some (fuzz/environment.h). Text says itself how.
struct InputsWish {
  std::optional<trace::ProtocolId> protocol;
  std::vector<trace::Setting> settings;
  trace::Parse parse = trace::Parse::strict;
};

// Is a file of this name an input, where it lies? `path` is below the folder that is looked through.
// Not what minimising has made, and not the queue of AFL++.
[[nodiscard]] bool is_input(const std::string& path);

struct Inputs {
  std::vector<Input> all;            // sorted by their paths
  std::vector<std::string> refused;  // one line each: not a trace, too long, empty though its engine named it
};

// Of all files below `folder` that are. The error is one of reading: none is left out for it.
[[nodiscard]] std::expected<Inputs, StoreError> find_inputs(Syscalls& sys, const std::string& folder,
                                                            const InputsWish& wish);
// Of one file, whatever its name is; the error is one line.
[[nodiscard]] std::expected<Input, std::string> load_input(Syscalls& sys, const std::string& path,
                                                           const InputsWish& wish);

}  // namespace daxfuzz::cli
