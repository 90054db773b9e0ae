#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# campaigns_test.sh CAMPAIGNS CAMPAIGN CAUSES FIXED-CAMPAIGN FIXED-CAUSES DAXFUZZ: a small campaign's table
# has a row a signature with its causes; it is gone on with, not made anew; what is cut
# short, mixed or not to be placed on the page is refused. Read next: campaigns, table.py.
set -euo pipefail
export LC_ALL=C

campaigns=$1 work=$TEST_TMPDIR
table=$(dirname "$campaigns")/table.py switches=docs/protocols.md
fail() { echo "FAIL: $*"; exit 1; }
mkdir -p "$work/programs/fixed"
ln -s "$(realpath "$2")" "$work/programs/campaign"
ln -s "$(realpath "$3")" "$work/programs/causes"
ln -s "$(realpath "$4")" "$work/programs/fixed/campaign"
ln -s "$(realpath "$5")" "$work/programs/fixed/causes"
ln -s "$(realpath "$6")" "$work/programs/daxfuzz"

run() { # EXIT-CODE ARGUMENTS...
  local wanted=$1 status=0
  shift
  "$campaigns" --out="$work/out" --programs="$work/programs" --protocols=upstream --executions=300 "$@" \
    >"$work/said" 2>"$work/noted" || status=$?
  [ "$status" = "$wanted" ] || { cat "$work/said" "$work/noted"; fail "$*: exit code $status, not $wanted"; }
}

run 0 --fixed=upstream
cp "$work/said" "$work/first"
rows=$(grep -c '^| [0-9]' "$work/said") || fail "no row"
signatures=$(grep -c '^ *[0-9]*  upstream  ' "$work/out/upstream.txt")
[ "$rows" = "$signatures" ] || fail "$rows rows of $signatures signatures"
grep -Eq '^\| [0-9]+ \| fsync-skipped-page in xfs_file_fsync \| [0-9]+ \| passes \| .*fsync-skips-locked-entry.* / ' \
  "$work/said" || { cat "$work/said"; fail "the row of fsync-skipped-page"; }

# Gone on with: what is there is not done again, what is not there is.
stamp=$(stat -c %y "$work/out/upstream.txt")
rm "$work/out/upstream.causes"
run 0 --fixed=upstream --jobs=2
[ "$(stat -c %y "$work/out/upstream.txt")" = "$stamp" ] || fail "the campaign was run again"
diff "$work/first" "$work/said" || fail "the table is another one"

# A finding in the fixed model is exit code 1: here the model without fixes stands for it.
rm "$work/out/fixed/upstream.txt" "$work/programs/fixed/campaign"
ln -s "$(realpath "$2")" "$work/programs/fixed/campaign"
run 1 --fixed=upstream
run 3 --fixed= --seed=2 # another seed's figures are not mixed in
grep -q 'choose another --out' "$work/noted" || fail "mixed settings: its words"

make() {
  python3 -B "$table" --write="$work/page" --findings="$work" --switches="$switches" "$work/out" upstream \
    >/dev/null 2>"$work/noted"
}
printf '# A page\n\n### `upstream`\n\n7 of 9 failed.\n\n| old |\n|---|\n| 7 |\n\nA sentence.\n' >"$work/page"
make || fail "the page: $(cat "$work/noted")"
[ "$(grep -c '^| [0-9]' "$work/page")" = "$rows" ] && ! grep -q old "$work/page" && grep -q 'A sentence' "$work/page" ||
  { cat "$work/page"; fail "the page"; }
printf '# A page without it\n' >"$work/page"
! make && grep -q 'expected one heading' "$work/noted" || fail "a page without the heading is taken"
sed -i 1d "$work/out/upstream.txt"
! make && grep -q 'cut short' "$work/noted" || fail "a campaign that lacks a row is taken"
echo "ok: $rows rows"
