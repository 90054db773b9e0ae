#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `daxfuzz check` as its reader has it: the list, a property that holds, one that a defect breaks, words
# that are wrong. It looks beside itself, so each tree is made here.
# Usage: check_test.sh DAXFUZZ CHECK BROKEN-CHECK
set -eu
daxfuzz=$(realpath "$1") check=$(realpath "$2") broken=$(realpath "$3")
source cli/testing.sh
mkdir -p "$dir/good/cli" "$dir/good/properties" "$dir/bad/cli" "$dir/bad/properties" "$dir/none/cli"
for tree in good bad none; do cp "$daxfuzz" "$dir/$tree/cli/daxfuzz"; done
cp "$check" "$dir/good/properties/check"
cp "$broken" "$dir/bad/properties/check"
daxfuzz=$dir/good/cli/daxfuzz
cd "$dir"

expect 0 check
says out 'Counts.AddUpWhilePagesArePinned'
expect 0 check --list --json
says out '"schema":"daxfuzz.check/1"'
expect 0 check --max-success=20 Counts.AddUpWhilePagesArePinned
says out 'KTAP version 1'
says out '1..1'
says out 'ok 1 Counts.AddUpWhilePagesArePinned # 20 cases'
expect 0 check --max-success=5 --junit=good.xml Determinism
says good.xml '<testsuite name="Determinism" tests="4" failures="0">'
expect 2 check Nothing
says out "no property or suite is called 'Nothing'"
expect 2 check --seed=x Counts
expect 2 check --max-success=0 Counts

daxfuzz=$dir/bad/cli/daxfuzz
expect 1 check --out=found Sequential.FallocateAndUnlinkKeepTheirWord
says out 'not ok 1 Sequential.FallocateAndUnlinkKeepTheirWord # after'
says out '# property  Sequential.FallocateAndUnlinkKeepTheirWord'
says found/Sequential.FallocateAndUnlinkKeepTheirWord.daxt '# seed      20241024'
expect 1 check --json Sequential.FallocateAndUnlinkKeepTheirWord
says out '"holds":false'
expect 1 check --junit=bad.xml Sequential.FallocateAndUnlinkKeepTheirWord
says bad.xml '<failure message='
daxfuzz=$dir/none/cli/daxfuzz
expect 3 check Counts
says err 'bazel build //properties:check'

[ "$failures" = 0 ] || exit 1
echo "check: all as expected"
