#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# table_test.sh TABLE: what the last column of docs/campaigns.md says of a row, case by case, of a
# campaign that is written here; and no row of the page leaves it empty. Read next: table.py.
set -euo pipefail
export LC_ALL=C

table=$1 work=$TEST_TMPDIR status=0
mkdir "$work/out" "$work/findings"

# finding NAME PROTOCOL SIGNATURE [ALSO]
finding() {
  printf 'daxt 1\n# verdict  FAIL %s\n%sprotocol %s\n' "$3" "${4:+# also $4$'\n'}" "$2" >"$work/findings/$1.daxt"
}
finding leak legacy 'lost in f' 'upstream lost in f'
finding race upstream 'busy in g'
finding own legacy60 'busy in h'

# row SIGNATURE END CURES: of the protocol; END: pass, same or another signature.
row() {
  local end=$2
  [ "$end" != same ] || end=$1
  printf '1  %s  %s\n' "$protocol" "$1" >>"$work/out/$protocol.txt"
  printf '%s  %s  3 ops  %s\n' "$protocol" "$1" "$3" >>"$work/out/$protocol.causes"
  printf '%s  %s\n' "$protocol" "$end" >>"$work/out/$protocol.fixed"
}
protocol=legacy60
row 'lost in f' pass 'no single switch'
row 'busy in h' pass 'no single switch'
row 'busy in i' pass 'no single switch'
row 'never in i' pass 'no single switch'
row 'never in j' same 'no single switch'
row 'never in k' same 'cow_write=drops_clean, share=flag_0x4, share=null_mapping, linux61=no'
row 'busy in g' pass 'read_dirties=yes'
echo '7 of 9 programs failed' >>"$work/out/$protocol.txt"
protocol=v1
row 'lost in f' 'never in k' 'no single switch'
row 'busy in i' pass 'no single switch'
row 'never in l' same 'share=flag_0x4, free_clears_mapping=no'
echo '3 of 9 programs failed' >>"$work/out/$protocol.txt"

run() { # [OPTIONS]
  python3 -B "$table" --findings="$work/findings" --switches="${switches:-docs/protocols.md}" "$@" "$work/out" \
    legacy60 v1 >"$work/said" 2>"$work/noted"
}
run || { cat "$work/noted"; echo "FAIL: exit code $?"; exit 1; }

# says WHAT ROW
says() {
  if grep -qxF -- "$2" "$work/said"; then echo "ok $1"; else echo "FAIL $1: no row: $2"; status=1; fi
}
says 'a signature that a finding has under other protocols' \
  '| 1 | lost in f | 3 | passes | elsewhere: leak (legacy, upstream) |'
says 'a signature that a finding has' '| 1 | busy in h | 3 | passes | own |'
says 'a rule that a finding breaks in another function here' \
  '| 1 | busy in i | 3 | passes | in another function: own (legacy60) |'
says 'a rule that findings break under other protocols only' \
  '| 1 | busy in i | 3 | passes | in another function: own (legacy60), race (upstream) |'
says 'a rule that no finding breaks' '| 1 | never in i | 3 | passes | no finding breaks this rule; a fix mends it |'
says 'what no fix and no switch mends' "| 1 | never in j | 3 | the same | the protocol's own |"
says 'what a later kernel has' \
  "| 1 | never in k | 3 | the same | share=null_mapping (as upstream) or linux61=no (as legacy)"\
' or cow_write=drops_clean |'
says 'a switch that no later kernel has' '| 1 | busy in g | 3 | passes | read_dirties=yes |'
says 'a defect of a proposal below one that is fixed' \
  '| 1 | lost in f | 3 | never in k | elsewhere: leak (legacy, upstream) |'
says "a proposal's own, which what was merged does not have" \
  '| 1 | never in l | 3 | the same | free_clears_mapping=no (as upstream) or share=flag_0x4 |'

printf '# Protocols\n\n| switch | legacy |\n|---|---|\n' >"$work/page"
if switches=$work/page run || ! grep -qF 'the table of all protocols' "$work/noted"; then
  echo "FAIL a page of switches without the protocols: $(cat "$work/noted")"
  status=1
fi

empty() { grep -nE '\| +\|$' "$1" || true; }
rows=$(empty docs/campaigns.md)
[ -z "$rows" ] || { printf 'FAIL rows that do not say what they stand for:\n%s\n' "$rows"; status=1; }
sed 's/| elsewhere: [^|]* |$/|  |/' docs/campaigns.md >"$work/planted"
[ -n "$(empty "$work/planted")" ] || { echo 'FAIL a row without is not seen'; status=1; }
exit $status
