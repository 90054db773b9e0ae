#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shrink_test.sh TABLE FOUND: TABLE (shrink_table) has a row of the bug that the program FOUND has,
# shrunk to no more than two ops over the minimiser's. A counterexample that is longer, planted, and
# a bug that nobody finds are refused.
set -euo pipefail
export LC_ALL=C

table=$1 found=$(realpath "$2")
patch=$(basename "$found" _defect)
dir=$(mktemp -d "$TEST_TMPDIR/shrink-XXXXXX")
status=0
complain() { echo "$1"; status=1; }

mkdir "$dir/good" "$dir/long" "$dir/none"
cp "$found" "$dir/good/${patch}_defect"
"$table" --programs="$dir/good" "$patch" >"$dir/rows" || complain "the table refuses $patch"
[ "$(grep -c "^| \`$patch\` | [a-z]" "$dir/rows")" = 1 ] || complain "no row of $patch"
cat "$dir/rows"

row='# beside   drawn 20, shrunk 7, minimized 4 (of 99 executions): deadlock in do_munmap'
printf '#!/bin/sh\necho "%s"\necho "not ok 1 X # after 1 cases, seed 1, 9 executions"\nexit 1\n' "$row" \
  >"$dir/long/${patch}_defect"
printf '#!/bin/sh\necho "ok 1 X # 2000 cases"\n' >"$dir/none/${patch}_defect"
chmod +x "$dir"/*/"${patch}_defect"
if "$table" --programs="$dir/long" "$patch" >/dev/null 2>"$dir/err"; then complain "three ops more are let pass"; fi
grep -q 'shrunk to 7 ops, minimized to 4' "$dir/err" || complain "it does not say what is too long"
if "$table" --programs="$dir/none" "$patch" >/dev/null 2>"$dir/err"; then
  complain "a bug that nobody finds is let pass"
fi
grep -q 'finds nothing' "$dir/err" || complain "it does not say what is not found"
exit $status
