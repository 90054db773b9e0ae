#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# expect_failure.sh CHECK [--differs] PROPERTY...: passes if each property, tried alone, fails as a
# property fails: exit 1, "not ok", and a counterexample in a file of its own that says of which
# property and seed it is, a trace or a list of calls. CHECK exits with 4 if a trace does not do again
# what it says; one that passes says why it is one. Read next: defects.bzl.
set -euo pipefail

check=$1
shift
want=1
[ "$1" != --differs ] || { want=4 && shift; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

die() { tail -n 40 "$out/log"; echo "$property: $1" >&2; exit 1; }

for property; do
  status=0
  "$check" --out="$out" "$property" >"$out/log" 2>&1 || status=$?
  [ "$status" = "$want" ] || die "exit $status, want $want (0: not found, 4: its file does not replay)"
  grep -q "^not ok 1 $property # after " "$out/log" || die "something else failed"
  if [ -e "$out/$property.daxt" ]; then
    file=$out/$property.daxt
    grep -qx "daxt 1" "$file" || die "the counterexample is no trace"
    [ "$(grep -cE '^# (verdict   pass$|replay    passes: )' "$file")" != 1 ] || die "it does not say what replay shows"
  else
    file=$out/$property.calls
    [ -e "$file" ] || die "no counterexample was saved"
  fi
  grep -qx "# property  $property" "$file" || die "the counterexample is not of this property"
  grep -q "^# seed  " "$file" || die "the counterexample does not say its seed"
done
