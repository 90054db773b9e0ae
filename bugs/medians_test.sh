#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# medians_test.sh MEDIANS: the table of made-up logs is what they say; without logs there is none.
set -euo pipefail

medians=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong() { echo "FAILED: $1" && cat "$work/out" && exit 1; }

log() { # BUG RANDOM PCT: executions, or "-"
  local engine
  mkdir -p "$work/bugs/$1_test"
  echo "$1: trace: 5 ops, hang in x" >"$work/bugs/$1_test/test.log"
  for engine in "random $2" "pct $3"; do
    case $engine in
      *-) echo "$1: ${engine% -}: missed in 3000 executions, as its header says of 30000" ;;
      *) echo "$1: ${engine% *}: found after ${engine#* } executions, hang in x" ;;
    esac
  done >>"$work/bugs/$1_test/test.log"
}
has() { grep -qxF "$1" "$work/out" || wrong "no line '$1'"; }

status=0
"$medians" "$work" >"$work/out" 2>&1 || status=$?
[ "$status" = 3 ] || wrong "exit code $status without logs, wanted 3"

log 001-a 9 100
log 002-b 30 -
log 003-c 200 7
log 004-d - -
"$medians" "$work" >"$work/out"
has '| engine | found of 4, 30,000 executions of seed 1 | executions in the median of all |'
has '| random | 3 | 115 |'
has '| pct | 2 | missed |'
has '| the best of the three | 3 | 19.5 |'
has '3 of 8 cells are missed.'
