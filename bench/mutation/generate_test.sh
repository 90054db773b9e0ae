#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# generate_test.sh GENERATE SAMPLE GOLDEN: the mutants of a small file, and its text with all of
# them, are as they were. To see what became of them: diff. Read next: testdata/sample.cc.
set -euo pipefail

generate=$1 sample=$2 golden=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

/usr/bin/python3 -B "$generate" --out="$work" "sample.cc=$sample"
cat "$work/mutants.tsv" "$work/sample.cc" >"$work/all"
diff -u "$golden" "$work/all" || { echo "FAILED: not as in $golden"; exit 1; }

# What is no C++, or has no comment to put the include into, is refused.
refused() { # WORDS FILE
  if /usr/bin/python3 -B "$generate" --out="$work" "$2=$2" 2>"$work/said"; then
    echo "FAILED: $2 is taken"
    exit 1
  fi
  grep -q "$1" "$work/said" || { echo "FAILED: $2: not '$1'"; cat "$work/said"; exit 1; }
}
printf '// A comment.\nint broken(\n' >"$work/broken.cc"
refused error "$work/broken.cc"
printf 'int f(int i) { return i + 1; }\n' >"$work/bare.cc"
refused 'no comment' "$work/bare.cc"
echo PASSED
