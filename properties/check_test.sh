#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `daxfuzz check` as its reader has it: the list, a property that holds, one that a defect breaks, words
# that are wrong. It looks beside itself, so each tree is made here.
# Usage: check_test.sh DAXFUZZ CHECK BROKEN-CHECK BUG-CHECK BUG-DAXFUZZ: BUG, of bugs/, is in the last two.
set -eu
daxfuzz=$(realpath "$1") check=$(realpath "$2") broken=$(realpath "$3")
bug=$(realpath "$4") bug_daxfuzz=$(realpath "$5")
source cli/testing.sh
for tree in good bad bug none; do
  mkdir -p "$dir/$tree/cli" "$dir/$tree/properties"
  cp "$daxfuzz" "$dir/$tree/cli/daxfuzz"
done
cp "$check" "$dir/good/properties/check"
cp "$broken" "$dir/bad/properties/check"
cp "$bug" "$dir/bug/properties/check"
# One document and nothing else, whatever is said besides.
is_json() {
  if [ "$(head -c 1 out)" != '{' ] || [ "$(wc -l <out)" != 1 ]; then failed "stdout is no document"; cat out; fi
}
daxfuzz=$dir/good/cli/daxfuzz
cd "$dir"

expect 0 check
says out 'Counts.AddUpWhilePagesArePinned'
expect 0 check --list --json
says out '"schema":"daxfuzz.check/1"'
is_json
expect 0 check --json --max-success=5 Counts
is_json
[ ! -s err ] || { failed "there is something to say about what holds"; cat err; }
expect 0 check --max-success=20 Counts.AddUpWhilePagesArePinned
says out 'KTAP version 1'
says out '1..1'
says out 'ok 1 Counts.AddUpWhilePagesArePinned # 20 cases'
expect 0 check --max-success=5 --junit=good.xml Determinism
says good.xml '<testsuite name="Determinism" tests="4" failures="0">'
expect 2 check Nothing
says err "no property or suite is called 'Nothing'"
expect 2 check --seed=x Counts
expect 2 check --max-success=0 Counts

daxfuzz=$dir/bad/cli/daxfuzz
expect 1 check --out=found Sequential.FallocateAndUnlinkKeepTheirWord
says out 'not ok 1 Sequential.FallocateAndUnlinkKeepTheirWord # after'
says out '# property  Sequential.FallocateAndUnlinkKeepTheirWord'
says found/Sequential.FallocateAndUnlinkKeepTheirWord.daxt '# seed      20241024'
expect 1 check --json Sequential.FallocateAndUnlinkKeepTheirWord
says out '"holds":false'
is_json
expect 3 check --json --out=/dev/null/found Sequential.FallocateAndUnlinkKeepTheirWord
is_json
says err 'cannot write into /dev/null/found'
expect 1 check --junit=bad.xml Sequential.FallocateAndUnlinkKeepTheirWord
says bad.xml '<failure message='

# What the program with all fixes in finds is replayed by the command that has them in, and fails as it did.
daxfuzz=$dir/bug/cli/daxfuzz file=found/Oracle.FindsNothingUpstream.daxt
expect 1 check --out=found Oracle.FindsNothingUpstream
says out '# next: daxfuzz_fixed show found/NAME.daxt'
says $file '# model     all fixes are in: daxfuzz_fixed replay FILE'
daxfuzz=$bug_daxfuzz
expect 1 replay --strict $file
says out "FAIL  $(sed -n 's/^# verdict  *//p' $file)"
expect 1 show $file
daxfuzz=$dir/none/cli/daxfuzz
expect 5 replay --strict $file
expect 3 check Counts
says err 'bazel build //properties:check'

[ "$failures" = 0 ] || exit 1
echo "check: all as expected"
