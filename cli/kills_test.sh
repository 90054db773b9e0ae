#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kills_test.sh DAXFUZZ CAMPAIGN: a real campaign, killed fifty times by kill -9 at moments that a seed draws, in time
# and not at system calls, and begun again each time: what was ever announced is there after each kill, no file is half,
# the target dies with its parent, and what is left at the end replays as it says. DAXFUZZ_KILLS: another number.
# Planted at the end: a finding that goes, and one that is cut, are noticed. Read next: durability_test.cc, which
# kills before every single call; kills_libfuzzer_test.sh.
set -euo pipefail
export LC_ALL=C

daxfuzz=$(realpath "$1") from=$(cd "$(dirname "$2")" && pwd)
kills=${DAXFUZZ_KILLS:-50}
dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/kills-XXXXXX")
trap 'rm -rf "$dir"' EXIT
source cli/killing.sh
die() { tail -n 20 "$dir/said" >&2; echo "FAILED: $*" >&2; exit 1; }
mkdir "$dir/none"
RANDOM=7

campaign() { # SEED BUDGET
  exec "$daxfuzz" fuzz interleaving --engine=random --protocol=v1 --target-dir="$from" --out="$dir/out" \
    --findings="$dir/none" --seed="$1" --budget="$2"
}
for ((kill = 1; kill <= kills; kill++)); do
  begin_and_kill "0.$(printf %03d $((40 + RANDOM % 360)))" campaign "$kill" 10000k-execs
  gone=$(lost)
  [ -z "$gone" ] || die "kill $kill: announced and not there: $gone"
done
announced=$(sort -u "$dir/ever" | wc -l)
[ "$announced" -ge 3 ] || die "$announced announced in $kills campaigns"
[ "$running" -ge $((kills / 2)) ] || die "only $running targets were running when their campaign was killed"

code=0
(campaign 1 500-execs) >"$dir/out.txt" 2>"$dir/said" || code=$?
[ "$code" = 1 ] || die "the last campaign: exit code $code"
gone=$(lost)
[ -z "$gone" ] || die "announced and not there: $gone"
bad=$(broken)
[ -z "$bad" ] || die "do not replay as they say: $bad"

one=$(sort -u "$dir/ever" | sed -n 1p) other=$(sort -u "$dir/ever" | sed -n 2p)
rm "$one"
[ "$(lost)" = "$one" ] || die "planted: a finding that goes is not noticed"
head -c 100 "$other" >"$dir/cut" && cp "$dir/cut" "$other"
[ "$(broken)" = "$other" ] || die "planted: a finding that is cut is not noticed"
echo "$kills kills, $running targets with them, $announced findings announced, all there"
