#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Stands in for Bazel's Java coverage merger, which would be downloaded: joins
# lcov tracefiles end to end (lcov and genhtml sum repeated records).
set -euo pipefail
for a in "$@"; do
  case $a in
    --coverage_dir=*) dir=${a#*=} ;;
    --output_file=*) out=${a#*=} ;;
    --reports_file=*) list=${a#*=} ;;
  esac
done
: > "$out"
if [ -n "${list:-}" ]; then
  while read -r f; do [ ! -s "$f" ] || grep -q '^SF:' "$f" && cat "$f" >> "$out" || true; done < "$list"
else
  find -L "$dir" -name '*.dat' -type f -exec cat {} + >> "$out"
fi
