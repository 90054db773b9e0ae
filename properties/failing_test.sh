#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# failing_test.sh CHECK: what becomes of counterexamples. CHECK is check_main.cc over failing_suite.cc.
set -euo pipefail
export LC_ALL=C

check=$(realpath "$1")
dir=$(mktemp -d "$TEST_TMPDIR/failing-XXXXXX")
cd "$dir"
status=0
complain() { echo "$1"; cat "$dir"/out "$dir"/err; status=1; }
code() { # WANT COMMAND...
  local want=$1 got=0
  shift
  "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || complain "$*: code $got, expected $want"
}
says() { # FILE TEXT
  grep -qF -- "$2" "$1" || complain "'$2' is not in $1"
}

# A file that does not do again what it says is told, whether it is saved or not.
code 1 "$check" --out=found Failing.SavesATrace
says found/Failing.SavesATrace.daxt '# verdict   pass'
says found/Failing.SavesATrace.daxt '# replay    passes: '
code 4 "$check" Failing.SavesAnotherDigest
says err 'Failing.SavesAnotherDigest: its counterexample does not replay: another digest'
code 4 "$check" --out=found --json Failing
code 4 "$check" --out=/dev/null/found Failing.SavesAnotherDigest
code 1 "$check" Failing.SavesCalls
exit $status
