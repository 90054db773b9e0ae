#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# memory_defect_test.sh BINARY TEST PROGRAM: passes if the GoogleTest TEST of BINARY, which has a planted defect, fails,
# and by an expectation of its own that names PROGRAM ("-": of any). Read next: BUILD, memory_model_test.cc.
set -euo pipefail

binary=$1 test=$2 program=$3
log=$(mktemp)
trap 'rm -f "$log"' EXIT
die() { cat "$log"; echo "$test: $1" >&2; exit 1; }

# What fails as it must is no failed case of this test, which ci/count_tests reads off the XML.
unset XML_OUTPUT_FILE
status=0
"$binary" --gtest_filter="$test" >"$log" 2>&1 || status=$?
[ "$status" = 1 ] || die "exit $status, want 1 (0: the defect is not seen)"
grep -qF "[  FAILED  ] $test" "$log" || die "something else failed"
[ "$program" = - ] || grep -qxF "$program" "$log" || die "it fails, but not of $program"
