#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# threads_test.sh CLEAN BUGGY PATCH ENGINE...: hunts on real threads are rows that say they are not repeatable; without
# the bug nothing is found, and with it something is, though nobody can say when: in one of a few hunts. The programs
# know the ENGINEs of their build, and no other. Read next: threads_main.cc.
set -euo pipefail

clean=$1 buggy=$2 patch=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
wrong() { echo "FAILED: $*"; status=1; }

# rows PROGRAM OPTIONS
rows() { "$1" --patch="$patch" --rows "${@:2}"; }

for engine; do
  rows "$clean" --engine="$engine" --executions=200 --twin >"$work/twin"
  [ "$(cut -f1-6,9 "$work/twin")" = "clean.upstream	$engine	1	200	200	unrepeatable	-" ] ||
    wrong "without the bug: $(cat "$work/twin")"
  rows "$buggy" --engine="$engine" --seeds=3 --executions=1000 >"$work/rows"
  cat "$work/rows"
  [ "$(cut -f3 "$work/rows" | tr '\n' ' ')" = '1 2 3 ' ] || wrong "$engine: wanted rows of seeds 1 to 3"
  cut -f9 "$work/rows" | sort -u >"$work/signatures"
  [ "$(cat "$work/signatures")" != - ] || wrong "$engine: no hunt found the bug"
done

# refused OPTIONS: exit code 2.
refused() {
  local code=0
  rows "$clean" --executions=1 "$@" >"$work/out" 2>&1 || code=$?
  [ "$code" = 2 ] || wrong "$*: code $code"
}
for other in random threads threads-yields threads-tsan; do
  [[ " $* " == *" $other "* ]] || refused --engine=$other
done
refused --engine="$1" --executions=0
refused --engine="$1" --seeds=none
exit $status
