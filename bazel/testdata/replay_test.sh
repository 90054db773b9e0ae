#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The replay binary passes on a good input and on none, and fails on a crashing
# one, which it keeps, a missing one and an empty folder. Read next: bazel/replay_main.cc.
set -euo pipefail

replay=$1 seed=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$replay"
"$replay" "$seed"
mkdir "$work/corpus" "$work/empty"
cp "$seed" "$work/corpus/a"
cp "$seed" "$work/corpus/b"
"$replay" "$work/corpus" | grep -qx 'replayed 2 inputs'

fails() {
  # A subshell of its own, so that bash's note of the abort stays in the log.
  if ("$replay" "$@"); then
    echo "passed: $*" >&2
    exit 1
  fi
}
printf boom >"$work/corpus/crash"
export TEST_UNDECLARED_OUTPUTS_DIR=$work/outputs
mkdir "$work/outputs"
fails "$work/corpus"
cmp "$work/outputs/died-of.bin" "$work/corpus/crash"
rm "$work/corpus/crash"
"$replay" "$work/corpus"
[ -z "$(ls "$work/outputs")" ] || { echo "kept: $(ls "$work/outputs"), of which nobody died" >&2; exit 1; }
fails "$work/missing"
fails "$work/empty"
