#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shrink_test.sh TABLE FOUND THREADS: TABLE (shrink_table) has a row of the bug that the program FOUND has, shrunk to no
# more than two ops over the minimiser's, and both texts. A counterexample that is longer, planted, one whose text has
# other ops, and a bug that nobody finds are refused. The bug of THREADS takes two of them: its schedule is shrunk, too.
set -euo pipefail
export LC_ALL=C

table=$1 found=$(realpath "$2") threads=$(realpath "$3")
patch=$(basename "$found" _defect)
dir=$(mktemp -d "$TEST_TMPDIR/shrink-XXXXXX")
status=0
complain() { echo "$1"; status=1; }

mkdir "$dir/good" "$dir/long" "$dir/none"
cp "$found" "$dir/good/${patch}_defect"
"$table" --programs="$dir/good" "$patch" >"$dir/rows" || complain "the table refuses $patch"
[ "$(grep -c "^| \`$patch\` | [a-z]" "$dir/rows")" = 1 ] || complain "no row of $patch"
[ "$(grep -c '^    T[0-9]: .* | T[0-9]: ' "$dir/rows")" = 3 ] || complain "no text of $patch"
cat "$dir/rows"

# It was 22 segments when schedules were not shrunk.
two=$(basename "$threads" _defect)
cp "$threads" "$dir/good/${two}_defect"
"$table" --programs="$dir/good" "$two" >"$dir/rows" || complain "the table refuses $two"
cat "$dir/rows"
segments=$(sed -n 's/^    segments: \([0-9]*\) .*/\1/p' "$dir/rows")
[ "${segments:-99}" -le 8 ] || complain "$two has ${segments:-no} segments"

row='# beside   drawn 20, shrunk 7, minimized 4 (of 99 executions): deadlock in do_munmap'
printf '#!/bin/sh\necho "%s"\necho "not ok 1 X # after 1 cases, seed 1, 9 executions"\nexit 1\n' "$row" \
  >"$dir/long/${patch}_defect"
printf '#!/bin/sh\necho "ok 1 X # 2000 cases"\n' >"$dir/none/${patch}_defect"
chmod +x "$dir"/*/"${patch}_defect"
if "$table" --programs="$dir/long" "$patch" >/dev/null 2>"$dir/err"; then complain "three ops more are let pass"; fi
grep -q 'shrunk to 7 ops, minimized to 4' "$dir/err" || complain "it does not say what is too long"
grep -q 'its texts do not have 7 and 4 ops' "$dir/err" || complain "a row without its texts is let pass"
if "$table" --programs="$dir/none" "$patch" >/dev/null 2>"$dir/err"; then
  complain "a bug that nobody finds is let pass"
fi
grep -q 'finds nothing' "$dir/err" || complain "it does not say what is not found"
exit $status
