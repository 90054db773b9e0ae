#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kills_libfuzzer_test.sh DAXFUZZ TARGET: one campaign of libFuzzer, one --out and one seed, killed ten times by kill -9
# at moments that RANDOM draws, and begun again by the same command: its corpus never has fewer inputs than before,
# the next run begins with all of them and the seeds, as libFuzzer itself says, and what was announced is there.
# DAXFUZZ_KILLS: another number. Planted at the end: an input that goes is noticed both ways. Read next: kills_test.sh.
set -euo pipefail
export LC_ALL=C

daxfuzz=$(realpath "$1") from=$(cd "$(dirname "$2")" && pwd)
kills=${DAXFUZZ_KILLS:-10}
dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/kills-XXXXXX")
trap 'rm -rf "$dir"' EXIT
source cli/killing.sh
die() { tail -n 20 "$dir/said" >&2; echo "FAILED: $*" >&2; exit 1; }
mkdir "$dir/none"
corpus=$dir/out/corpus/interleaving
mkdir -p "$corpus"
RANDOM=11

campaign() { # BUDGET
  exec "$daxfuzz" fuzz interleaving --protocol=v1 --target-dir="$from" --out="$dir/out" --findings="$dir/none" \
    --seed=7 --budget="$1"
}
inputs() { find -L "$1" -type f -size +0c | wc -l; }
begun() { sed -n 's/^begins with \([0-9]*\) inputs$/\1/p' "$dir/said"; }
# kept BEFORE: says what is wrong with the corpus, and with what the last run began with, if it came so far.
kept() {
  local now
  now=$(inputs "$corpus")
  [ "$now" -ge "$1" ] || echo "$now inputs of $1"
  [ -z "$(begun)" ] || [ "$(begun)" -ge $(($1 + seeds)) ] || echo "it began with $(begun) of $1 inputs and $seeds seeds"
}

seeds=$(inputs "$from/interleaving_fuzz_test_seed_corpus/")
[ "$seeds" -ge 20 ] || die "$seeds seeds beside the target"
begins=0
for ((kill = 1; kill <= kills; kill++)); do
  before=$(inputs "$corpus")
  begin_and_kill "$((RANDOM % 2)).$(printf %03d $((300 + RANDOM % 700)))" campaign 10000k-execs
  bad=$(kept "$before")
  [ -z "$bad" ] || die "kill $kill: $bad"
  gone=$(lost)
  [ -z "$gone" ] || die "kill $kill: announced and not there: $gone"
  [ -z "$(begun)" ] || begins=$((begins + 1))
done
[ "$begins" -ge $((kills / 2)) ] || die "only $begins of $kills campaigns came to begin"
[ "$running" -ge $((kills / 2)) ] || die "only $running targets were running when their campaign was killed"
announced=$(sort -u "$dir/ever" | wc -l)
[ "$announced" -ge 1 ] || die "nothing was announced in $kills campaigns"

before=$(inputs "$corpus")
[ "$before" -ge 50 ] || die "$before inputs after $kills campaigns"
code=0
(campaign 1-execs) >"$dir/out.txt" 2>"$dir/said" || code=$?
[ "$code" = 1 ] || die "the last campaign: exit code $code"
[ -n "$(begun)" ] || die "the last campaign does not say what it begins with"
bad=$(kept "$before")$(lost)$(broken)
[ -z "$bad" ] || die "at the end: $bad"

rm "$(find "$corpus" -type f | sort | head -n 1)"
[ -n "$(kept "$(($(inputs "$corpus") + 1))")" ] || die "planted: an input that goes is not noticed"
touch "$dir/said"
sed -i "s/^begins with .*/begins with $((before + seeds - 1)) inputs/" "$dir/said"
kept "$before" | grep -c 'it began with' >"$dir/noticed" || die "planted: an input that is not read is not noticed"
echo "$kills kills, $begins of campaigns that had begun, $before inputs, $announced findings announced, all there"
