#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# cost_test.sh COST: that a bound that is missed fails the report, and how often a run takes memory
# from the heap, which is the same each time. Nothing here is a matter of seconds.
set -euo pipefail

cost=$(realpath -s "$1")
failures=0
failed() { echo "FAILED: $*"; failures=$((failures + 1)); }

# report CODE ARGUMENTS...
report() {
  local want=$1 code=0
  shift
  out=$("$cost" --rounds=1 --milliseconds=0 "$@" 2>&1) || code=$?
  [ "$code" = "$want" ] || failed "$*: code $code, wanted $want: $out"
}
says() { grep -qF -- "$1" <<<"$out" || failed "does not say '$1': $out"; }

# What no machine can do.
report 1 --only=point --require-switch=0 --require-point-stays=0x
says 'MISSED switch: '
says 'MISSED point-stays: '
report 1 --only=executions --require-executions-upstream=1000000000000
says 'MISSED executions-upstream: '
report 0 --only=point --require-point-random=1000000000
report 1 --require-nothing=1
says 'there is no such figure'
report 2 --require-switch
report 2 --rounds=0
report 0 --profile=step-legacy
report 2 --profile=step

# A ratchet: who makes it less writes the lesser number here.
report 0 --only=allocations --require-allocations-smallest=2 \
  --require-allocations-upstream=2.5 --require-allocations-legacy=2.1
report 1 --only=allocations --require-allocations-smallest=0
says 'MISSED allocations-smallest: '

[ "$failures" = 0 ] || exit 1
echo "cost: all as expected"
