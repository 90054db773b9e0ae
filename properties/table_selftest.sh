#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# table_selftest.sh TABLE_TEST CHECK FOLDER: each thing that table_test.sh looks for is planted in a copy of FOLDER, and
# told; the copy without it passes.
set -euo pipefail
export LC_ALL=C

table_test=$(realpath "$1") check=$(realpath "$2") folder=$3
dir=$(mktemp -d "$TEST_TMPDIR/selftest-XXXXXX")
status=0
fresh() {
  rm -rf "$dir/copy"
  cp -rL "$folder" "$dir/copy"
  chmod -R u+w "$dir/copy"
}
again() { "$dir/copy/table.sh" "$check" "$dir/copy/kills.tsv" "$dir/copy/testdata" >"$dir/copy/PROPERTIES.md"; }
told() { # TEXT [CHECK]
  if "$table_test" "${2:-$check}" "$dir/copy" >"$dir/out" 2>&1; then
    echo "let pass: $1"
    status=1
  elif ! grep -qF -- "$1" "$dir/out"; then
    echo "not told: $1"
    cat "$dir/out"
    status=1
  fi
  fresh
}

# What CHECK says, asked for once.
"$check" --list >"$dir/list"
"$check" Entries Medium Log >"$dir/asked"
printf '#!/bin/sh\nif [ "$1" = --list ]; then cat "%s/list"; else cat "%s/asked"; fi\n' "$dir" "$dir" >"$dir/check"
chmod +x "$dir/check"
check=$dir/check

fresh
"$table_test" "$check" "$dir/copy" || { echo "the table as it is does not pass"; exit 1; }

sed -i '/^Rmap\.KnowsEveryMapping\t/d' "$dir/copy/kills.tsv"
again
told "no patch is found by Rmap.KnowsEveryMapping"
sed -i 's/^| `Rmap\./| `Map./' "$dir/copy/PROPERTIES.md"
told "PROPERTIES.md is not what table.sh prints"
printf 'Rmap.Nothing\tfile_keeps_vma\t5\n' >>"$dir/copy/kills.tsv"
told "no property is called: Rmap.Nothing"
sed -i '/"Rmap\.KnowsEveryMapping",/d' "$dir/copy/kills.bzl"
told "no test has a defect for Rmap.KnowsEveryMapping"
sed -i 's/"Rmap\.KnowsEveryMapping",/"Pages.CountTheirOwners",/' "$dir/copy/kills.bzl"
told "kills.bzl has what kills.tsv does not say: Pages.CountTheirOwners file_keeps_vma"
sed -i '/^Fails: /d' "$dir/copy/testdata/read_allocates.patch"
again
told "defects.bzl and the Fails: lines differ: Commutation.AReaderChangesNobodysResults read_allocates"
sed -i '/^| `Rmap\./d' "$dir/copy/COSTS.md"
told "COSTS.md and the program differ in Rmap.KnowsEveryMapping"
sed -i 's/^| `Log.HasWhatWasSynced` | [0-9]*/| `Log.HasWhatWasSynced` | 7/' "$dir/copy/COSTS.md"
told "COSTS.md has other counts than Log.HasWhatWasSynced"
sed -i '0,/^\(| `[^|]* | [^|]* | [0-9]* | \)[0-9]* | [0-9]* /s//\17 | 4 /' "$dir/copy/SHRUNK.md"
told "shrunk, and minimized, in SHRUNK.md: 7 4"
sed -i '$d' "$dir/copy/SHRUNK.md"
told "SHRUNK.md has fewer than ten bugs"
printf '#!/bin/sh\n"%s" "$@" | head -n 177\n' "$check" >"$dir/few"  # 59 of them, of three lines each
chmod +x "$dir/few"
told "fewer than 60 properties" "$dir/few"
exit $status
