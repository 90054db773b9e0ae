// SPDX-License-Identifier: GPL-2.0-only
// rerecord [--write] FILE...: see rerecord.h. Exit code 1 if a file's promises are
// kept by no schedule that was tried: then the port's change has changed a verdict,
// and that has to be understood, not recorded.
#include <cstdio>
#include <fstream>
#include <string_view>

#include "corpus/marks.h"
#include "corpus/rerecord.h"

int main(int argc, char** argv) {
  using namespace daxfuzz::corpus;
  bool write = false;
  int lost = 0;
  for (int i = 1; i < argc; i++) {
    const std::string_view path = argv[i];
    if (path == "--write") {
      write = true;
      continue;
    }
    const auto file = load_any(std::string(path));
    if (!file) {
      std::fprintf(stderr, "%s\n", file.error().c_str());
      lost++;
      continue;
    }
    const auto recording = rerecord(*file);
    std::printf("%-8s %s\n", recording ? name(recording->how) : "LOST", argv[i]);
    if (!recording) {
      std::printf("%s", recording.error().c_str());
      lost++;
    } else if (write && recording->how != Rerecorded::kept) {
      std::ofstream stream(std::string(path), std::ios::binary | std::ios::trunc);
      stream << recording->text;
      stream.close();
      if (!stream) {
        std::fprintf(stderr, "%s: cannot be written\n", argv[i]);
        lost++;
      }
    }
    std::fflush(stdout);
  }
  return lost == 0 ? 0 : 1;
}
