#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `daxfuzz try` as its reader has it, but for the building: its tree has a ci/try that takes two
# programs that are built already, the model and the model with bugs/300 in.
# Usage: try_test.sh DAXFUZZ PROBE PROBE-OF-300
set -eu
daxfuzz=$(realpath "$1") probe=$(realpath "$2") patched=$(realpath "$3")
source cli/testing.sh
mkdir -p "$dir/tree/cli" "$dir/tree/ci" "$dir/tree/corpus/"{branches,claims,seeds,findings,litmus/bugs}
cp "$daxfuzz" "$dir/tree/cli/daxfuzz"
cp corpus/litmus/bugs/300-*.daxt "$dir/tree/corpus/litmus/bugs/"
cp corpus/litmus/bugs/019-*.daxt "$dir/tree/corpus/litmus/"
for folder in branches claims seeds findings; do
  cp "$dir/tree/corpus/litmus/"019-*.daxt "$dir/tree/corpus/$folder/"
done
daxfuzz=$dir/tree/cli/daxfuzz
cd "$dir"
builder() { # AFTER [fixed]: what is built of the patched tree, and with fixes; or CODE
  cat >tree/ci/try <<END
#!/bin/sh
case $1 in [0-9]*) echo "try: does not apply" >&2; exit $1 ;; esac
cp "$probe" "\$2/before.probe" && cp "$1" "\$2/after.probe"
rm -f "\$2/after-fixed.probe"
[ "${2:-}" = fixed ] && cp "$probe" "\$2/before-fixed.probe" && cp "$1" "\$2/after-fixed.probe"
true
END
  chmod +x tree/ci/try
}
touch my.patch

builder "$patched" fixed
expect 1 try my.patch --protocol=upstream --budget=3000-execs --out=result --quiet
says out ' corpus/litmus/bugs/300-one-pin-is-not-busy.daxt  upstream  pass -> freed-block-pinned in xfs_bunmapi'
says out 'freed-block-pinned in reclaim_one_dmap_locked  upstream, '
grep -q 'worth: ' out && failed 'what found something tells what nothing is worth'
says out 'the model with all fixes of fixes/, without your patch and with it'
says out 'next: result/daxfuzz show --protocol=upstream corpus/litmus/bugs/300-'
[ -s result/after-fixed-first-difference.daxt ] || failed "no program for the model with the fixes"
trace=$(sed -n 's/^      -> //p' out | head -n 1)
grep -q '^# verdict   FAIL ' "$trace" || failed "no trace in '$trace'"
"$probe" --out=same.tsv --protocol=upstream --seed=1 --executions=3000 tree/corpus/litmus/bugs/*.daxt
grep -q 'freed-block-pinned in reclaim_one_dmap_locked' same.tsv && failed "the model as it is shows it, too"

builder "$probe"
expect 0 try my.patch --protocol=upstream --budget=100-execs --out=result --quiet
says out 'traces: 0 of '
grep -q fixes out && failed 'a build that is not there was asked'
says out 'hunts: 0 signatures that are new'
says out '    upstream  worth: 300 runs showed '
says out '    upstream  worth: with 95 % confidence a bug of depth'
says out 'data races: 0 that the model without it was not seen to have'
says out 'programs of one thread: 0 of 1000 end otherwise'
grep -v '^worth' result/after.tsv | cmp result/before.tsv - || failed "one build gave two answers"

expect 2 try none.patch
says err 'none.patch: no such file'
expect 2 try my.patch --budget=30s
says err 'expected executions'
expect 2 try my.patch --protocol=upsteam
says err "did you mean upstream?"
builder 2
expect 2 try my.patch --out=result
says err 'does not apply'
builder 3
expect 3 try my.patch --out=result
rm tree/ci/try
expect 3 try my.patch --out=result
says err 'expected ci/try beside the program'

[ "$failures" = 0 ] || exit 1
echo "try: all as expected"
