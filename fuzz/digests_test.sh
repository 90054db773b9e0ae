#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# digests_test.sh REPLAY LIBFUZZER AFLPP CORPUS...: the same bytes are the same runs, digest and verdict, or where
# nothing is run the same outcome, whatever the target is built for: with no instrumentation, with libFuzzer's and
# ASan, with AFL++'s, there also as afl-fuzz runs it, persistent and from shared memory. Then the check itself: a
# digest that is changed, a line that is missing, and one that is there in two ways are each noticed. Read next:
# digest_line.h.
set -euo pipefail
export LC_ALL=C

replay=$1 libfuzzer=$2 aflpp=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { echo "FAILED: $*" >&2; exit 1; }

# One folder, for afl-showmap: each seed, and its first half, of which a text's is refused. One seed twice would be
# one line, which says nothing of the second.
mkdir "$work/corpus"
number=0
while IFS= read -r file; do
  cp -L "$file" "$work/corpus/$(printf %04d "$number")"
  head -c $(($(wc -c <"$file") / 2)) "$file" >"$work/corpus/$(printf %04d "$number")-half"
  number=$((number + 1))
done < <(find -L "$@" -type f | sort)
files=("$work"/corpus/*)
different=$(md5sum "${files[@]}" | cut -d ' ' -f 1 | sort -u | wc -l)
[ "$different" -ge 30 ] || die "a corpus of $different different files only"

# digests NAME COMMAND...: the lines of each input, in $work/NAME. Findings go nowhere and end nothing.
# An engine may run an input of its own first, and each twice.
digests() {
  local name=$1 status=0
  shift
  DAXFUZZ_DIGESTS_FD=4 DAXFUZZ_FINDINGS_FD=3 "$@" 3>/dev/null 4>"$work/$name.all" >"$work/$name.log" 2>&1 || status=$?
  [ "$status" = 0 ] || { tail -n 20 "$work/$name.log" >&2; die "$name: exit code $status"; }
  sort -u "$work/$name.all" >"$work/$name"
}
# same A B: each input that A ran, B ran too, and as A did, every time. What differs is printed.
same() {
  awk -v a="$1" -v b="$2" '
    FILENAME == ARGV[1] { want[$1] = $0; next }
    !($1 in want) { next }
    { ran[$1] = 1 }
    $0 != want[$1] { print a ": " want[$1] "; " b ": " $0; bad = 1 }
    END {
      for (input in want) if (!(input in ran)) { print b " did not run " input; bad = 1 }
      exit bad
    }' "$work/$1" "$work/$2"
}

digests replay "$replay" "${files[@]}"
lines=$(wc -l <"$work/replay")
[ "$lines" = "$different" ] || die "$lines lines of $different inputs"
grep -q ' pass$' "$work/replay" || die "no run passes"
[ "$(cut -d ' ' -f 2 "$work/replay" | sort -u | wc -l)" -gt $((lines / 2)) ] || die "most runs are the same"
digests libfuzzer "$libfuzzer" "${files[@]}"
digests aflpp "$aflpp" "${files[@]}"
engines=(libfuzzer aflpp)

if DAXFUZZ_FINDINGS_FD=3 AFL_QUIET=1 AFL_NO_AFFINITY=1 afl-showmap -q -m none -t 20000 -o "$work/map" -- "$aflpp" \
  <"${files[0]}" 3>/dev/null >"$work/showmap.log" 2>&1; then
  AFL_QUIET=1 AFL_NO_AFFINITY=1 digests persistent \
    afl-showmap -q -m none -t 20000 -i "$work/corpus" -o "$work/maps" -- "$aflpp"
  engines+=(persistent)
else
  grep -qE 'shmget|shm_open' "$work/showmap.log" || { tail -n 20 "$work/showmap.log" >&2; die "afl-showmap"; }
  echo "skip: afl-showmap cannot run here"
fi
for engine in "${engines[@]}"; do same replay "$engine" || die "$engine ran them otherwise"; done

# Planted in what the last of them told.
last=${engines[-1]}
input=$(sed -n '7s/ .*//p' "$work/replay")
sed "/^$input /s/ [0-9a-f]*/ 0000000000000001/" "$work/$last" >"$work/changed"
sed "/^$input /s/ [^ ]*\$/ another-verdict/" "$work/$last" >"$work/judged"
sed "/^$input /d" "$work/$last" >"$work/missing"
sed "/^$input /{p;s/ [0-9a-f]*/ 0000000000000001/}" "$work/$last" >"$work/twice"
for planted in changed judged missing twice; do
  ! same replay $planted >"$work/said" || die "planted and not noticed: $planted"
  grep -q "$input" "$work/said" || die "$planted: not named: $(cat "$work/said")"
done
echo "${#files[@]} inputs, $different different: one digest each in replay, ${engines[*]}"
