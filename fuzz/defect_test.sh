#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# defect_test.sh REPLAY SIGNATURE CORPUS...: a target over a patched model or trace aborts on its
# corpus, by itself and with that signature; without the patch the corpus passes (the target's
# own test). Read next: fuzz/defects.bzl.
set -euo pipefail

replay=$1 signature=$2
shift 2
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
status=0
# A subshell of its own, so that bash's note of the abort stays in the log.
("$replay" "$@") >/dev/null 2>"$errors" || status=$?
grep -qx "ASSERTION FAILED: $signature" "$errors" ||
  { tail -n 20 "$errors"; echo "exit code $status, and no 'ASSERTION FAILED: $signature'" >&2; exit 1; }
[ "$status" = 134 ] || { echo "exit code $status, want 134, an abort" >&2; exit 1; }
