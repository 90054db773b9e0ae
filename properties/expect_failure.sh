#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# expect_failure.sh BINARY CLAIM: passes if CLAIM (Suite.Name), run alone, fails as a
# property fails: exit 1, its name among the failed, and a counterexample in a
# file of its own that is a trace. Read next: defects.bzl.
set -euo pipefail

binary=$1 claim=$2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

status=0
env -u RC_PARAMS -u TEST_UNDECLARED_OUTPUTS_DIR -u XML_OUTPUT_FILE DAXFUZZ_COUNTEREXAMPLES="$out" \
  "$binary" --gtest_filter="$claim" >"$out/log" 2>&1 || status=$?

die() { tail -n 40 "$out/log"; echo "$claim: $1" >&2; exit 1; }

grep -q "^\[ RUN      \] $claim\$" "$out/log" || die "there is no such claim"
[ "$status" = 1 ] || die "exit $status, want 1: the defect was not found, or it crashed"
grep -q "^\[  FAILED  \] $claim" "$out/log" || die "something else failed"
grep -qx "daxt 1" "$out/$claim.daxt" || die "no counterexample was saved"
grep -qx "# property  $claim" "$out/$claim.daxt" || die "the counterexample is not of this claim"
