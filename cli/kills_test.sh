#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kills_test.sh DAXFUZZ CAMPAIGN: a real campaign, killed fifty times by kill -9 at moments that a seed draws, in time
# and not at system calls, and begun again each time: what was ever announced is there after each kill, no file is half,
# the target dies with its parent, and what is left at the end replays as it says. DAXFUZZ_KILLS: another number.
# Planted at the end: a finding that goes, and one that is cut, are noticed. Read next: durability_test.cc, which
# kills before every single call.
set -euo pipefail
export LC_ALL=C

daxfuzz=$(realpath "$1") from=$(cd "$(dirname "$2")" && pwd)
kills=${DAXFUZZ_KILLS:-50}
dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/kills-XXXXXX")
trap 'rm -rf "$dir"' EXIT
die() { tail -n 20 "$dir/said" >&2; echo "FAILED: $*" >&2; exit 1; }
mkdir "$dir/none"
: >"$dir/ever"
RANDOM=7

campaign() { # SEED BUDGET
  exec "$daxfuzz" fuzz interleaving --engine=random --protocol=v1 --target-dir="$from" --out="$dir/out" \
    --findings="$dir/none" --seed="$1" --budget="$2"
}
# lost: what was announced and is not there. "NEW  PROTOCOL  SIGNATURE  -> PATH" lines that are whole.
lost() {
  sed -n 's/^NEW  .*  -> \(.*[.]daxt\)$/\1/p' "$dir/said" >>"$dir/ever"
  local path
  sort -u "$dir/ever" | while IFS= read -r path; do [ -s "$path" ] || echo "$path"; done
}
# broken: findings that do not end as they say, one by one.
broken() {
  local file
  find "$dir/out/findings" -name '*.daxt' | sort | while IFS= read -r file; do
    "$daxfuzz" replay --expect --quiet "$file" >/dev/null 2>&1 || echo "$file"
  done
}

running=0
for ((kill = 1; kill <= kills; kill++)); do
  (campaign "$kill" 10000k-execs) >"$dir/out.txt" 2>"$dir/said" &
  pid=$!
  sleep "0.$(printf %03d $((40 + RANDOM % 360)))"
  child=$(cat /proc/$pid/task/$pid/children 2>/dev/null || true)
  kill -9 "$pid" 2>/dev/null || die "it ended before it was killed"
  wait "$pid" 2>/dev/null || true
  running=$((running + $(wc -w <<<"$child")))
  for one in $child; do
    for ((i = 0; i < 100; i++)); do
      [ -e "/proc/$one" ] && ! grep -q '^State:.[ZX]' "/proc/$one/status" 2>/dev/null || break
      sleep 0.05
    done
    [ "$i" -lt 100 ] || die "kill $kill: the target outlives its parent"
  done
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
