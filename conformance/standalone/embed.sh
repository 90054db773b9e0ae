#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# embed.sh FILES.TXT: C++ on stdout that defines exported_source(), the files of the list as one
# text. Runs while the command is built, at the top of the tree: nothing is read at run time.
# Read next: files.txt, ../export_source.h.
set -euo pipefail

echo '// Written by conformance/standalone/embed.sh.'
echo '#include "conformance/export_source.h"'
echo 'namespace daxfuzz::conformance {'
echo 'std::string_view exported_source() {'
echo '  return'
grep -v '^#' "$1" | while read -r file; do
  # A literal a file, for compilers have a limit; they are joined again.
  printf 'R"daxfuzz(\n'
  grep -v '^#include "conformance/' "$file"
  printf ')daxfuzz"\n'
done
echo '  ;'
echo '}'
echo '}  // namespace daxfuzz::conformance'
