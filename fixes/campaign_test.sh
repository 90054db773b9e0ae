#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# campaign_test.sh FIXED UNFIXED: the same programs with every fix in and with none. What
# fails without the fixes is counted, kept and told by the exit code; with them nothing is.
# So a silent campaign of FIXED says something. Read next: fuzz/campaign_main.cc.
set -euo pipefail
export LC_ALL=C

fixed=$1 unfixed=$2 work=$TEST_TMPDIR
fail() { echo "FAIL: $*"; exit 1; }
# campaign NAME BINARY EXIT-CODE ARGUMENTS...: its output is $work/NAME.txt.
campaign() {
  local name=$1 binary=$2 wanted=$3 status=0
  shift 3
  mkdir -p "$work/$name"
  "$binary" "$@" --out="$work/$name" >"$work/$name.txt" 2>"$work/$name.err" || status=$?
  [ "$status" = "$wanted" ] || { cat "$work/$name".*; fail "$name: exit code $status, not $wanted"; }
}
programs=(--protocol=upstream --threads=1 --ops=64 --executions=500 --seed=1)

campaign unfixed "$unfixed" 1 "${programs[@]}"
said=$(grep -v '^worth: ' "$work/unfixed.txt")
rows=$(sed '$d' <<<"$said")
failed=$(awk '{ n += $1 } END { print n + 0 }' <<<"$rows")
[ "$failed" -gt 0 ] || fail "unfixed: no signature"
[ "$(tail -n 1 <<<"$said")" = "$failed of 500 programs failed" ] || fail "unfixed: its last line"
grep -q '^worth: ' "$work/unfixed.txt" || fail "unfixed: not what it is worth"
# The first program of each signature is kept, and says which it is.
diff <(awk '{ $1 = $2 = ""; print "FAIL" substr($0, 2) }' <<<"$rows" | sort) \
  <(sed -n 's/^# verdict *//p' "$work/unfixed"/*.daxt | sort) || fail "unfixed: rows (<) and files (>) differ"

campaign again "$unfixed" 1 "${programs[@]}"
diff -r "$work/unfixed" "$work/again" || fail "unfixed: not a function of the seed"
campaign other "$unfixed" 1 "${programs[@]/seed=1/seed=2}"
! cmp -s "$work/unfixed.txt" "$work/other.txt" || fail "unfixed: the seed does not matter"

campaign fixed "$fixed" 0 "${programs[@]}"
[ "$(grep -v '^worth: ' "$work/fixed.txt")" = "0 of 500 programs failed" ] ||
  { cat "$work/fixed.txt"; fail "fixed: its output"; }
[ -z "$(ls "$work/fixed")" ] || fail "fixed: kept something"

campaign usage "$fixed" 2 --protocol=none
grep -q "expected --protocol=NAME.*found '--protocol=none'" "$work/usage.err" || fail "usage: its words"
echo "ok: $failed of 500 programs failed without the fixes, none with them"
