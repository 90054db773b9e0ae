#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# coverage_run takes every trace of the corpus and every recorded log, and generates
# programs that run to their end; ci/coverage, which is not part of ci/test, would be the only one to notice.
# Arguments: coverage_run, the traces and the .ops files. Read next: coverage_main.cc.
set -euo pipefail

run=$1
shift
said=$("$run" 1 20000 "$@") || { echo "exit code $?" >&2; exit 1; }
echo "$said"
logs=$(printf '%s\n' "$@" | grep -c '\.ops$')
# What stands in a fuzzer's corpus has no ending.
printf 'any bytes are a program' >"$TEST_TMPDIR/0123abcd"
fuzzed=$("$run" 1 10 "$TEST_TMPDIR/0123abcd")
[[ $fuzzed == "0 traces in 0 runs; 0 logs of a real kernel; 1 inputs of a fuzzer; 10 generated"* ]]
if "$run" 1 10 "$TEST_TMPDIR/no-such-input" 2>/dev/null; then exit 1; fi
[[ $said == "$(($# - logs)) traces in "*"; $logs logs of a real kernel; 20000 generated executions of seed 1, "* ]]
