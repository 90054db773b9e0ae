#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# coverage_run takes every trace of the corpus and generates programs that run to their
# end; ci/coverage, which is not part of ci/test, would be the only one to notice.
# Arguments: coverage_run, the traces. Read next: coverage_main.cc.
set -euo pipefail

run=$1
shift
said=$("$run" 1 20000 "$@") || { echo "exit code $?" >&2; exit 1; }
echo "$said"
[[ $said == "$# traces in "*"; 20000 generated executions of seed 1, "* ]]
