// SPDX-License-Identifier: GPL-2.0-only
// For tests of `daxfuzz fuzz`: a bench with a fuzz target that is a shell script.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/testing.h"

namespace daxfuzz::cli {

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string finding_text(const std::string& signature = kSignature) {
  return "daxt 1\n# verdict FAIL " + signature + "\n" + kTrace.substr(7);
}

// A bench with a target `fake` that is a shell script.
struct Campaign : Bench {
  std::string bin, out_folder;
  explicit Campaign(const std::string& script) {
    bin = folder + "/bin";
    out_folder = folder + "/out";
    const std::string path = file("bin/fake_fuzz_test_libfuzzer", "#!/bin/sh\n" + script);
    chmod(path.c_str(), 0755);
    file("text", finding_text());
  }
  // Shell code that tells one finding.
  [[nodiscard]] std::string tell() const {
    return "printf 'FINDING %s\\n' $(wc -c < " + folder + "/text) >&3; cat " + folder +
           "/text >&3\n";
  }
  void script(const std::string& text) const {
    file("bin/fake_fuzz_test_libfuzzer", "#!/bin/sh\n" + text);
  }
  int fuzz(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"fuzz", "fake", "--out=" + out_folder, "--target-dir=" + bin};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  [[nodiscard]] std::vector<std::string> files(const std::string& under) const {
    std::vector<std::string> found;
    if (!std::filesystem::exists(out_folder + under)) return found;
    for (const auto& e : std::filesystem::recursive_directory_iterator(out_folder + under))
      if (e.is_regular_file()) found.push_back(e.path().string());
    std::ranges::sort(found);
    return found;
  }
};

}  // namespace daxfuzz::cli
