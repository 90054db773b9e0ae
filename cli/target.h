// SPDX-License-Identifier: GPL-2.0-only
// Where fuzz targets and recorded findings are: beside the binary, in Bazel's
// runfiles, or where a flag or the environment says.
#pragma once

#include <string>
#include <vector>

namespace daxfuzz::cli {

// A program of fuzz/, "interleaving_fuzz_test_libfuzzer"; "" if there is none; `tried` then names the places.
[[nodiscard]] std::string find_target(const std::string& program_path,
                                      const std::string& target_dir, const std::string& file,
                                      std::vector<std::string>& tried);
// What cc_fuzz_test lays beside a target's program: NAME_fuzz_test.dict, a dictionary, and the folder
// NAME_fuzz_test_seed_corpus. "" for what is not there.
struct Beside {
  std::string dict, seeds;
};
[[nodiscard]] Beside find_beside(const std::string& target, const std::string& name);
// corpus/findings beside the binary or in its runfiles, "" if there is none.
[[nodiscard]] std::string find_findings(const std::string& program_path);

// PATH ("bugs/NAME") beside the binary's folder or in its runfiles, if it can be run; else "".
[[nodiscard]] std::string find_program(const std::string& program_path, const std::string& path);
// Below which of those the folder is; "" if there is none.
[[nodiscard]] std::string find_root(const std::string& program_path, const std::string& folder);

}  // namespace daxfuzz::cli
