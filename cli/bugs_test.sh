#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `daxfuzz bugs` as its reader has it: beside the catalogue and a program, and where something is not as it
# should be. It looks beside itself, so each tree is made here.
# Usage: bugs_test.sh DAXFUZZ
set -eu
daxfuzz=$(realpath "$1")
source cli/testing.sh
mkdir -p "$dir/all/cli" "$dir/all/corpus/litmus"
cp "$daxfuzz" "$dir/all/cli/daxfuzz"
cp -rL bugs "$dir/all/bugs"
cp -rL corpus/litmus/bugs "$dir/all/corpus/litmus/bugs"
daxfuzz=$dir/all/cli/daxfuzz patches=$dir/all/bugs
cd "$dir"

expect 0 bugs list
rows=$(grep -c '^[0-9]' out)
[ "$rows" = "$(ls "$patches"/*.patch | wc -l)" ] || failed "bugs list: $rows rows"
says out '300-one-pin-is-not-busy'
expect 0 bugs run 300-one-pin-is-not-busy
says out 'trace: 4 ops, freed-block-pinned in xfs_bunmapi'
says out 'random: found after'
says out 'rapidcheck: found after'
says out '1 of 1 bugs found as their patches say'
expect 2 bugs run 300-one-pin-is-busy
says err "did you mean '300-one-pin-is-not-busy'?"
expect 2 bugs walk
says err "expected list or run, found 'walk'"

# A tree without a patch, without the program, with one that finds nothing, with a patch that is none.
mkdir -p tree/cli tree/bugs tree/corpus/litmus/bugs
cp "$daxfuzz" tree/cli/daxfuzz
daxfuzz=$PWD/tree/cli/daxfuzz
expect 3 bugs list
says err 'expected patches in'
cp "$patches/300-one-pin-is-not-busy.patch" tree/bugs/
expect 3 bugs run
says err 'bazel build //bugs/...'
says out '0 of 1 bugs found as their patches say'
printf '#!/bin/sh\necho "$@"\nexit 1\n' >tree/bugs/300-one-pin-is-not-busy
chmod +x tree/bugs/300-one-pin-is-not-busy
expect 1 bugs run
says out '0 of 1 bugs found as their patches say'
sed '/^Harm/d' "$patches/300-one-pin-is-not-busy.patch" >tree/bugs/301-x.patch
expect 3 bugs list
says err '301-x.patch: expected Harm'

[ "$failures" = 0 ] || exit 1
echo "bugs: all as expected"
