#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# aflpp_test.sh CLEAN BUGGY PATCH MUTATOR: a hunt by AFL++ is a row that says it is not repeatable; with the bug
# something is found, and without it nothing, in exactly the budget. Where afl-fuzz does not run, there is no row.
# Read next: aflpp_main.cc.
set -euo pipefail

clean=$1 buggy=$2 patch=$3 mutator=$4
name=$(basename "$patch" .patch)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
wrong() { echo "FAILED: $*"; status=1; }

# rows PROGRAM OPTIONS
rows() { "$1" --patch="$patch" --rows --engine=aflpp --mutator="$mutator" "${@:2}"; }

rows "$buggy" --seeds=2 --executions=30000 >"$work/rows"
cat "$work/rows"
[ "$(grep -cE "^$name	aflpp	[12]	30000	[0-9]+	unrepeatable	[0-9]+	[0-9]+	[a-z]" "$work/rows")" = 2 ] ||
  wrong 'the bug was not found by each hunt'
rows "$clean" --executions=3000 --twin >"$work/twin"
[ "$(cut -f1-6,9 "$work/twin")" = "clean.upstream	aflpp	1	3000	3000	unrepeatable	-" ] ||
  wrong "without the bug: $(cat "$work/twin")"

# refused CODE OPTIONS: no row.
refused() {
  local code=0
  rows "$clean" "${@:2}" >"$work/out" 2>&1 || code=$?
  [ "$code" = "$1" ] || wrong "${*:2}: code $code"
  ! grep -q unrepeatable "$work/out" || wrong "${*:2}: a row"
}
refused 2 --engine=libfuzzer
refused 2 --seed=0
refused 1 --executions=100 --mutator="$work/none.so"
grep -q 'afl-fuzz ended after' "$work/out" || wrong "does not say what afl-fuzz did: $(tail -n 3 "$work/out")"
exit $status
