#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# libfuzzer_test.sh CLEAN BUGGY PATCH: a hunt by libFuzzer is the same each time, by its seed; its check fails on a
# model without the bug and where the header is not the bug's. Read next: libfuzzer_hunt.h.
set -euo pipefail

clean=$1 buggy=$2 patch=$3
name=$(basename "$patch" .patch)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
wrong() { echo "FAILED: $*"; status=1; }

# rows SEED ENGINE: all but the time.
rows() { "$buggy" --patch="$patch" --rows --seed="$1" --engine="$2" 2>/dev/null | cut -f1-7,9; }
for engine in libfuzzer libfuzzer-unsteered; do
  rows 3 "$engine" >"$work/a"
  rows 3 "$engine" >"$work/b"
  rows 4 "$engine" >"$work/c"
  grep -q "^$name	$engine	3	30000	[0-9]*	-	[0-9]*	[a-z]" "$work/a" || wrong "$engine found nothing: $(cat "$work/a")"
  cmp "$work/a" "$work/b" || wrong "$engine is not the same each time"
  ! cmp -s "$work/a" "$work/c" || wrong "$engine does not know its seed"
done

# fails WORDS PROGRAM PATCH: exit code 1, and a line with these words that is not as expected.
fails() {
  local code=0
  "$2" --patch="$3" >"$work/out" 2>/dev/null || code=$?
  [ "$code" = 1 ] || wrong "wanted code 1, got $code"
  grep -q "$1.*NOT AS EXPECTED" "$work/out" || wrong "wanted '$1', got $(cat "$work/out")"
}
# What the mutator is good for can be asked only of mutators that are not the same.
for engine in libfuzzer libfuzzer-unpointed libfuzzer-changing libfuzzer-bytes; do
  rows 3 "$engine" | cut -f5,7
done >"$work/moves"
[ "$(sort -u "$work/moves" | wc -l)" = 4 ] || wrong "two mutators of four do the same: $(cat "$work/moves")"
fails 'libfuzzer: missed in 30000 executions' "$clean" "$patch"
sed 's/^Length: .*/&\nMissed: libfuzzer/' "$patch" >"$work/$name.patch"
fails 'libfuzzer: found after' "$buggy" "$work/$name.patch"
sed '/^Signature: /d; s/^Harm: /Signature: x in y\n&/' "$patch" >"$work/$name.patch"
fails 'libfuzzer: found after' "$buggy" "$work/$name.patch"
code=0
"$buggy" --patch="$patch" --seed=0 2>/dev/null || code=$?
[ "$code" = 2 ] || wrong "seed 0: code $code"
exit $status
