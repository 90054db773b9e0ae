#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# check_test.sh CLEAN BUGGY PATCH TRACE: that a bug's check fails where it should: on a model without
# the bug, and where the header or the trace is not the bug's. Read next: check.h.
set -euo pipefail

clean=$1 buggy=$2 patch=$3 trace=$4
name=$(basename "$patch" .patch)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# fails WORDS PROGRAM ARGUMENTS...: exit code 1, and a line with these words that is not as expected.
fails() {
  local words=$1 code=0
  shift
  "$@" >"$work/out" 2>&1 || code=$?
  [ "$code" = 1 ] || wrong "code 1" "$code"
  tells "$words"
}
# tells WORDS: another such line of the same run.
tells() { grep -q "$1.*NOT AS EXPECTED" "$work/out" || wrong "'$1'" "another line"; }
wrong() {
  echo "FAILED: wanted $1, got $2:"
  cat "$work/out"
  status=1
}
# header SED: a patch of the same name with another header.
header() {
  mkdir -p "$work/header"
  sed "$1" "$patch" >"$work/header/$name.patch"
}

"$buggy" --patch="$patch" --trace="$trace" >/dev/null
fails 'trace: .* pass' "$clean" --patch="$patch" --trace="$trace"
tells 'random: missed in 30000'
tells 'pct: missed in 30000'
fails 'without lifetime: pass' "$clean" --patch="$patch" --trace="$trace" --without=lifetime
fails 'without warn: freed-block-pinned' "$buggy" --patch="$patch" --trace="$trace" --without=warn
header 's/^Length: .*/Length: 1/'
fails 'minimized: ' "$buggy" --patch="$work/header/$name.patch" --trace="$trace"
header 's/^Length: .*/&\nMissed: pct/'
fails 'pct: found after' "$buggy" --patch="$work/header/$name.patch" --trace="$trace"
header '/^Signature: /d; s/^Harm: /Signature: stale-read in user_access\n&/'
fails 'random: found after' "$buggy" --patch="$work/header/$name.patch" --trace="$trace"
header 's/^Harm: .*/Memory: tso\n&/'
fails 'sc: 0 schedules near its own fail with store' "$clean" --patch="$work/header/$name.patch" --trace="$trace"
fails 'sc: freed-block-pinned' "$buggy" --patch="$work/header/$name.patch" --trace="$trace"
sed 's/^digest .*/digest      0000000000000000/' "$trace" >"$work/$name.daxt"
fails 'not as recorded' "$buggy" --patch="$patch" --trace="$work/$name.daxt"
exit $status
