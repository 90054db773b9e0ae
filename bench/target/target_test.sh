#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# target_test.sh TARGET BY_TURNS: that a rate no machine has fails, that the shares of folders are all of the time,
# and that the project's own are among them; what by_turns makes of programs whose rates are known. Nothing here is
# a matter of seconds.
set -euo pipefail
export LC_ALL=C

target=$1 by_turns=$2
said=$(mktemp) programs=$(mktemp -d)
trap 'rm -rf "$said" "$programs"' EXIT
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

# A machine that becomes three times as fast from turn to turn: the ratio is of the same turn.
program() { # NAME RATE
  cat >"$programs/$1" <<END
#!/bin/sh
turn=\$(cat "$programs/$1.turn" 2>/dev/null || echo 1)
echo \$((turn * 3)) >"$programs/$1.turn"
echo '| \`LLVMFuzzerTestOneInput\` |' \$(($2 * turn)) '| 1 | 2 |'
END
  chmod +x "$programs/$1"
}
turns() { # CODE ARGUMENTS...
  local want=$1 code=0
  shift
  program plain 4000
  program address 1000
  rm -f "$programs"/*.turn
  env PROGRAMS="$programs" TURNS=3 "$@" >"$said" 2>&1 || code=$?
  [ "$code" = "$want" ] || die "$*: exit code $code, expected $want"
}
turns 0 AT_MOST=4 "$by_turns" plain address
grep -q '^| plain | 12000 | 4000 | 36000 | 1.00 |$' "$said" || die "not the rates of plain"
grep -q '^| address | 3000 | 1000 | 9000 | 4.00 |$' "$said" || die "not the rates of address"
turns 1 AT_MOST=3.9 "$by_turns" plain address
grep -q '^MISSED: address is 4.00 times slower than plain, at most 3.9 is asked for$' "$said" ||
  die "it does not say so of a ratio"
turns 2 "$by_turns" plain fast
turns 1 PROGRAMS="$programs/none" "$by_turns" plain
grep -q '^by_turns: plain printed no rate$' "$said" || die "it does not say that there is no rate"
echo "target: all as expected"
