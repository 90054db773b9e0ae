#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ci/try in a tree of its own, with a Bazel that writes what it was asked for and where.
set -euo pipefail
work=$TEST_TMPDIR/try
mkdir -p "$work/tree/ci" "$work/tree/model" "$work/bin" "$work/out"
cp ci/try ci/lib.sh "$work/tree/ci/"
printf '#!/bin/sh\n' >"$work/tree/ci/setup"
printf 'one\ntwo\n' >"$work/tree/model/a.cc"
# Fails for what is in $work/cannot; else bazel-bin/FOLDER/NAME holds what the tree has in model/a.cc.
cat >"$work/bin/bazel" <<END
#!/usr/bin/env bash
[ "\$1" = build ] || exit 0
target=\${@: -1}
[ "\$PWD \$target" != "\$(cat "$work/cannot")" ] || { echo "no such thing"; exit 1; }
file=bazel-bin/\$(tr : / <<<"\${target#//}")
mkdir -p "\${file%/*}"
cp model/a.cc "\$file"
END
chmod +x "$work/bin/bazel" "$work/tree/ci/setup"
printf -- '--- a/model/a.cc\n+++ b/model/a.cc\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n' >"$work/good.patch"
sed 's/-two/-four/' "$work/good.patch" >"$work/bad.patch"
export PATH=$work/bin:$PATH DAXFUZZ_CACHE=$work/cache
failed=0
expect() { # CODE PATCH
  local got=0
  "$work/tree/ci/try" "$work/$2" "$work/out" >"$work/said" 2>&1 || got=$?
  [ "$got" = "$1" ] || { echo "FAIL $2: code $got, expected $1"; cat "$work/said"; failed=1; }
}
says() { grep -qF -- "$1" "$work/said" || { echo "FAIL '$1' was not said:"; cat "$work/said"; failed=1; }; }
holds() { # FILE WORD
  [ "$(tail -n 1 "$work/out/$1" 2>/dev/null)" = "$2" ] || { echo "FAIL $1 has not $2"; failed=1; }
}
copy=$work/cache/try/tree

: >"$work/cannot"
expect 0 good.patch
for name in before.probe before-fixed.probe; do holds "$name" two; done
for name in after.probe after-fixed.probe daxfuzz daxfuzz-fixed; do holds "$name" three; done
[ "$(tail -n 1 "$work/tree/model/a.cc")" = two ] || { echo "FAIL the tree itself was patched"; failed=1; }
expect 2 bad.patch
says 'does not apply to this tree'
# What an earlier run has left is not this one's.
echo "$copy //bugs:probe_fixed" >"$work/cannot"
expect 0 good.patch
says 'only the model without them is asked'
[ ! -e "$work/out/after-fixed.probe" ] || { echo "FAIL a probe of an earlier run is left"; failed=1; }
echo "$copy //bugs:probe" >"$work/cannot"
expect 3 good.patch
says 'no such thing'
exec 8>"$work/cache/try/lock"
flock 8
expect 3 good.patch
says 'another try is building'
exit "$failed"
