// SPDX-License-Identifier: GPL-2.0-only
// A corpus as a folder: one file an input, named by its content, so that the same input is there once and a
// broken file is seen. Bytes are what every engine reads (`-merge=1`, `afl-cmin -i`); a trace that promises a
// verdict is a regression and stays text, as it is. Nothing else in the folder is touched.
// Read next: corpus.cc, the verb; corpus/merge.h, what is kept.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/store.h"
#include "trace/text.h"

namespace daxfuzz::cli {

struct CorpusEntry {
  std::string key;      // long_hash() of the content
  std::string content;  // of its file
  bool regression = false;
  trace::Trace trace;
  std::string from;     // where it was read

  [[nodiscard]] std::string file_name() const { return regression ? key + ".daxt" : key; }
};

// Of any text or bytes; the error is one line. Bytes, and traces that promise nothing, become the canonical
// bytes of their program.
[[nodiscard]] std::expected<CorpusEntry, std::string> corpus_entry(const std::string& path, const std::string& content,
                                                                   bool is_text);

// What a folder of an engine's holds, or one file; not what is no input by its name (stats, logs, hidden
// files). `refused`: one line for each that is none after all.
[[nodiscard]] std::expected<std::vector<CorpusEntry>, StoreError> read_inputs(Syscalls& sys, const std::string& path,
                                                                              std::vector<std::string>& refused);

class CorpusFolder {
 public:
  CorpusFolder(Syscalls& sys, std::string path) : sys_(sys), path_(std::move(path)) {}
  // Makes it if there is none. A folder that has files and is no corpus is refused: files would go from it.
  [[nodiscard]] std::expected<void, std::string> open(bool make);
  // Its own files: the entries, and in `broken` a line for each that is not what its name says.
  [[nodiscard]] std::expected<std::vector<CorpusEntry>, std::string> entries(std::vector<std::string>& broken) const;
  [[nodiscard]] std::expected<void, std::string> add(const CorpusEntry& entry);
  [[nodiscard]] std::expected<void, std::string> remove(const CorpusEntry& entry);

 private:
  Syscalls& sys_;
  std::string path_;
};

}  // namespace daxfuzz::cli
