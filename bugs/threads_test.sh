#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# threads_test.sh CLEAN BUGGY PATCH: hunts on real threads are rows that say they are not repeatable; without the bug
# nothing is found, and with it something is, though nobody can say when: in one of a few hunts. Plain builds.
# Read next: threads_main.cc.
set -euo pipefail

clean=$1 buggy=$2 patch=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
wrong() { echo "FAILED: $*"; status=1; }

# rows PROGRAM OPTIONS
rows() { "$1" --patch="$patch" --rows "${@:2}"; }

for engine in threads threads-yields; do
  rows "$clean" --engine=$engine --executions=300 --twin >"$work/twin"
  cut -f1-6,9 "$work/twin" >"$work/told"
  [ "$(cat "$work/told")" = "clean.upstream	$engine	1	300	300	unrepeatable	-" ] ||
    wrong "without the bug: $(cat "$work/twin")"
done

rows "$buggy" --engine=threads-yields --seeds=3 --executions=3000 >"$work/rows"
cat "$work/rows"
[ "$(wc -l <"$work/rows")" = 3 ] || wrong 'wanted three rows'
[ "$(cut -f3 "$work/rows" | tr '\n' ' ')" = '1 2 3 ' ] || wrong 'wanted seeds 1 to 3'
cut -f9 "$work/rows" | sort -u >"$work/signatures"
[ "$(cat "$work/signatures")" != - ] || wrong 'no hunt found the bug'

# refused OPTIONS: exit code 2.
refused() {
  local code=0
  rows "$clean" --executions=1 "$@" >"$work/out" 2>&1 || code=$?
  [ "$code" = 2 ] || wrong "$*: code $code"
}
refused --engine=random
refused --engine=threads-tsan  # of another build
refused --engine=threads --executions=0
exit $status
