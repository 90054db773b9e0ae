#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# planted_test.sh PROGRAM TRACE PATCH: PROGRAM, which has the data race of PATCH in it, refuses the race
# under TSan if the patch says that it has another one. Without TSan it sees no race, and says so.
set -euo pipefail
export LC_ALL=C

program=$1 trace=$2 patch=$3
sed 's/^Races: .*/Races: dax_flush/' "$patch" >"$TEST_TMPDIR/other.patch"
grep -qx 'Races: dax_flush' "$TEST_TMPDIR/other.patch"
status=0
"$program" "$trace" "$TEST_TMPDIR/other.patch" >"$TEST_TMPDIR/out" || status=$?
if grep -q 'only TSan sees it' "$TEST_TMPDIR/out"; then exit $status; fi
if [ "$status" != 1 ] || ! grep -q 'another race' "$TEST_TMPDIR/out"; then
  cat "$TEST_TMPDIR/out"
  echo "exit $status: a race that the patch does not name is taken for its own"
  exit 1
fi
