#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# fuzz_run_test.sh RUN LIBFUZZER TAR SEED: the launcher replays and fuzzes within its folder, keeps
# a crash there and says so by the engine's exit code; the tar has what a fuzzing service takes
# and its target runs from another folder. Read next: bazel/fuzz_run.sh, bazel/fuzz_package.sh.
set -euo pipefail

run=$1 target=$2 tar=$PWD/$3 seed=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
launch() {
  "$run" --engine=libfuzzer "--binary=$target" "--corpus=$seed" "--fuzzing_output_root=$work/out" "$@" >"$work/log" 2>&1
}

launch --regression || fail "--regression: $(tail -n 3 "$work/log")"
launch -- -runs=200 -seed=1 || fail "fuzzing: $(tail -n 3 "$work/log")"
[ -d "$work/out/corpus" ] || fail "no corpus"
printf boom >"$work/out/corpus/boom"
code=0
launch -- -runs=200 -seed=1 || code=$?
[ "$code" = 77 ] || fail "a crash: exit code $code"
[ -n "$(find "$work/out/artifacts" -type f -size 4c)" ] || fail "no artifact"
code=0
launch --regression || code=$?
[ "$code" = 77 ] || fail "--regression of a crash: exit code $code"
launch --clean --regression || fail "--clean leaves the corpus"
code=0
launch --timeout || code=$?
[ "$code" = 2 ] || fail "an unknown argument: exit code $code"

mkdir "$work/unpacked"
tar -C "$work/unpacked" -xf "$tar"
cd "$work/unpacked"
[ "$(ls | tr '\n' ' ')" = "rule_fuzz_test rule_fuzz_test_seed_corpus.zip " ] || fail "the tar has $(ls)"
unzip -q rule_fuzz_test_seed_corpus.zip -d seeds
cmp seeds/0000-seed.txt "$OLDPWD/$seed" || fail "the seed is another"
env -i ./rule_fuzz_test -runs=10 seeds 2>"$work/log" || fail "$(tail -n 3 "$work/log")"
