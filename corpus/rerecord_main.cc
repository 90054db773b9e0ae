// SPDX-License-Identifier: GPL-2.0-only
// rerecord [--write] FILE...: see rerecord.h. Exit code 1 if a file's promises are
// kept by no schedule that was tried: then the port's change has changed a verdict,
// and that has to be understood, not recorded. Or if they do not show here
// (corpus/branches) and the file does not replay.
// rerecord --passing=FOLDER FILE: what passing() has, as FOLDER/1.daxt and so on, for
// ci/operand_branches --rerecord.
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "corpus/marks.h"
#include "corpus/rerecord.h"

namespace {

using namespace daxfuzz::corpus;

bool write_to(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
  return static_cast<bool>(stream);
}

// One file, as it is said above; false if its promises are lost.
bool record(const std::string& path, const File& file, bool write) {
  const auto recording = rerecord(file);
  std::printf("%-8s %s\n", recording ? name(recording->how) : "LOST", path.c_str());
  if (!recording) std::printf("%s", recording.error().c_str());
  std::fflush(stdout);
  if (!recording) return false;
  return !write || recording->how == Rerecorded::kept || write_to(path, recording->text);
}

bool write_passing(const std::string& folder, const File& file) {
  constexpr std::size_t kMost = 200;
  std::size_t number = 0;
  for (const std::string& text : passing(file, kMost))
    if (!write_to(folder + "/" + std::to_string(++number) + ".daxt", text)) return false;
  return number > 0;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view kPassing = "--passing=";
  bool write = false;
  std::string folder;
  int lost = 0;
  for (int i = 1; i < argc; i++) {
    const std::string path = argv[i];
    if (path == "--write") {
      write = true;
    } else if (path.starts_with(kPassing)) {
      folder = path.substr(kPassing.size());
    } else if (const auto file = load_any(path); !file) {
      std::fprintf(stderr, "%s\n", file.error().c_str());
      lost++;
    } else if (folder.empty() ? !record(path, *file, write) : !write_passing(folder, *file)) {
      lost++;
    }
  }
  return lost == 0 ? 0 : 1;
}
