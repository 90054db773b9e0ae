#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# equivalent_test.sh MUTATE MUTANTS EQUIVALENT: each row of EQUIVALENT is a mutant's, and one that is
# none's would be told. Read next: mutants.cc.
set -euo pipefail

mutate=$1 mutants=$2 equivalent=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$mutate" --mutants="$mutants" --equivalent="$equivalent" --list >"$work/list"
{ cat "$equivalent" && printf 'model/none.cc\tnone\tdrop\t1\tnone();\t;\treason\n'; } >"$work/stale"
code=0
"$mutate" --mutants="$mutants" --equivalent="$work/stale" --list >/dev/null 2>"$work/said" || code=$?
[ "$code" = 5 ] && grep -q stale "$work/said" || { echo "FAILED: a stale row passes"; exit 1; }
echo "PASSED: $(grep -c . "$work/list") mutants"
