#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# started.sh OUT RUNS: what a fuzzing service does first with what build.sh put into OUT: each target
# that has a seed corpus is started on it, unpacked, with its dictionary, from another working directory and
# in an empty environment, RUNS executions with seed 1. One line each. A target that ends at a finding,
# as the model of a kernel may, has to come to the same from the file that it left; everything else is a
# failure. Read next: contract_test.sh; docs/scale.md, what it said.
set -euo pipefail
export LC_ALL=C

[ $# = 2 ] || { echo "usage: started.sh OUT RUNS" >&2; exit 2; }
out=$(realpath "$1") runs=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { tail -n 20 "$work/log" >&2 || true; echo "FAILED: $*" >&2; exit 1; }
: >"$work/log"

found=0
for zip in "$out"/*_seed_corpus.zip; do
  name=$(basename "$zip" _seed_corpus.zip)
  [ -x "$out/$name" ] || fail "no $name"
  rm -rf "$work/seeds" "$work/cwd"
  mkdir "$work/cwd"
  unzip -q "$zip" -d "$work/seeds" 2>"$work/log" || fail "the seeds of $name do not unpack"
  seeds=$(find "$work/seeds" -type f | wc -l)
  run() { (cd "$work/cwd" && env -i "$out/$name" "$@" >"$work/log" 2>&1); }
  finding() { sed -n 's/^ASSERTION FAILED: //p' "$work/log"; }
  if run "-runs=$runs" -seed=1 "-dict=$out/$name.dict" "$work/seeds"; then
    echo "$name: $seeds seeds, $runs executions"
  else
    said=$(finding)
    crash=$(find "$work/cwd" -name 'crash-*')
    [ -n "$said" ] && [ -n "$crash" ] || fail "$name does not start"
    ! run "$crash" && [ "$(finding)" = "$said" ] || fail "$name: its crash is not '$said' again"
    echo "$name: $seeds seeds, ended at a finding, and so does its file: $said"
  fi
  found=$((found + 1))
done
[ "$found" -gt 0 ] || fail "no seed corpus in $out"
