#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# aflpp_test.sh PLANTED MUTATOR CORPUS: AFL++ starts, in persistent mode, at stability 100 %; the
# custom mutator makes inputs that it keeps, and finds the planted abort, whose file aborts the
# target again by itself. Counted in executions, not in seconds. Where afl-fuzz cannot run at all it
# says why and is not held against the tree. Read next: aflpp_mutator.cc, planted_fuzz_test.cc.
set -euo pipefail

planted=$1 mutator=$2 corpus=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { tail -n 30 "$work/log" >&2; echo "FAILED: $*" >&2; exit 1; }
stat() { sed -n "s/^$1 *: //p" "$work/out/default/fuzzer_stats"; }

mkdir "$work/in"
cp -L "$corpus/fsync-then-power-failure" "$work/in"
export AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
export AFL_BENCH_UNTIL_CRASH=1 AFL_CUSTOM_MUTATOR_LIBRARY=$mutator
# Undefined behaviour of the target has no say in it, nor has what runs this test.
unset ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS

status=0
afl-fuzz -s 1 -E 100000 -G 1024 -t 5000 -m none -i "$work/in" -o "$work/out" -- "$planted" >"$work/log" 2>&1 ||
  status=$?
if [ ! -e "$work/out/default/fuzzer_stats" ] && grep -qE 'shmget|shm_open|core_pattern' "$work/log"; then
  echo "skip: afl-fuzz cannot run here: $(grep -m 1 -E 'PROGRAM ABORT|SYSTEM ERROR' "$work/log")"
  exit 0
fi
[ "$status" = 0 ] || die "afl-fuzz: exit code $status"
grep -qF "Custom mutator '$mutator' installed" "$work/log" || die "the custom mutator was not loaded"
grep -q 'Persistent mode binary detected' "$work/log" || die "not persistent"
[ "$(stat stability)" = 100.00% ] || die "stability $(stat stability)"
[ -n "$(find "$work/out/default" -name '*,daxfuzz-*' -print -quit)" ] ||
  die "nothing that the custom mutator made was kept: $(ls "$work/out/default/queue")"
crash=$(find "$work/out/default/crashes" -name 'id*' -print -quit)
[ -n "$crash" ] || die "the planted abort was not found in $(stat execs_done) executions"
(AFL_CUSTOM_MUTATOR_LIBRARY='' "$planted" "$crash") >"$work/again" 2>&1 && die "the crash file does not crash"
grep -q 'ASSERTION FAILED: planted-defect in punch' "$work/again" || die "another crash: $(cat "$work/again")"
echo "found after $(stat execs_done) executions, stability $(stat stability): $(basename "$crash")"
