#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# target_test.sh TARGET: that a rate no machine has fails, that the shares of folders are all of the time, and that
# the project's own are among them. Nothing here is a matter of seconds.
set -euo pipefail
export LC_ALL=C

target=$1
said=$(mktemp)
trap 'rm -f "$said"' EXIT
die() { cat "$said" >&2; echo "FAILED: $*" >&2; exit 1; }
run() { # CODE ARGUMENTS...
  local want=$1 code=0
  shift
  "$target" --rounds=3 --milliseconds=200 "$@" >"$said" 2>&1 || code=$?
  [ "$code" = "$want" ] || die "$*: exit code $code, expected $want"
}

run 0 --require=1
awk '/^\| % \| function/ { exit } /^\| [0-9]/ { sum += $2 } END { exit sum < 99 || sum > 101 }' "$said" ||
  die "the shares of folders are not the whole"
for folder in model sched oracle exec; do
  grep -qE "^\| [0-9.]+ \| .$folder. \|$" "$said" || die "nothing of $folder/"
done
run 1 --no-profile --require=1000000000
grep -q '^MISSED: [0-9]* executions per second, at least 1000000000 are required$' "$said" || die "it does not say so"
run 2 --require
echo "target: all as expected"
