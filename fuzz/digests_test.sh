#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# digests_test.sh REPLAY LIBFUZZER AFLPP CORPUS...: the same bytes are the same runs, digest and
# verdict, in the target of each engine: with no instrumentation, with ASan and libFuzzer's, with
# AFL++'s. A digest that is changed by hand is noticed. Read next: interleaving_fuzz_test.cc.
set -euo pipefail

replay=$1 libfuzzer=$2 aflpp=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mapfile -t files < <(find -L "$@" -type f | LC_ALL=C sort)
[ ${#files[@]} -gt 50 ] || { echo "a corpus of ${#files[@]} files only" >&2; exit 1; }

# digests NAME BINARY: of each input; findings go nowhere and end nothing. Engines may run an
# input of their own first.
digests() {
  DAXFUZZ_DIGESTS_FD=4 DAXFUZZ_FINDINGS_FD=3 "$2" "${files[@]}" 3>/dev/null 4>"$work/$1.all" >"$work/$1.log" 2>&1 ||
    { tail -n 20 "$work/$1.log"; echo "$1: exit code $?" >&2; exit 1; }
  sort -u "$work/$1.all" >"$work/$1"
}
# same A B: each input of A ran as in B.
same() { [ -z "$(comm -23 "$work/$1" "$work/$2")" ]; }

digests replay "$replay"
digests libfuzzer "$libfuzzer"
digests aflpp "$aflpp"
[ "$(wc -l <"$work/replay")" -gt 50 ] || { echo "$(wc -l <"$work/replay") digests only" >&2; exit 1; }
grep -q ' pass$' "$work/replay" || { echo "no run passes" >&2; exit 1; }
grep -q ' in ' "$work/replay" || { echo "no run is a finding" >&2; exit 1; }
for engine in libfuzzer aflpp; do
  same replay $engine || { comm -3 "$work/replay" "$work/$engine"; echo "$engine ran them otherwise" >&2; exit 1; }
done
sed '7s/ [0-9a-f]/ x/' "$work/replay" >"$work/planted"
! same planted aflpp || { echo "a changed digest went unnoticed" >&2; exit 1; }
echo "${#files[@]} inputs, $(wc -l <"$work/replay") of them different: one digest each in three builds"
