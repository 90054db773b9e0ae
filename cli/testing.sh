# SPDX-License-Identifier: GPL-2.0-only
# For tests of the command as its reader has it: sets dir to a folder that goes with the test, and
# failures to how many were told. The caller has set daxfuzz and stands in dir.

dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/daxfuzz-XXXXXX")
trap 'rm -rf "$dir"' EXIT
unset BUILD_WORKING_DIRECTORY
failures=0

failed() { # WHAT
  echo "FAILED: $1"
  failures=$((failures + 1))
}
# expect CODE WORDS...: runs the command; its streams go to out and err.
expect() {
  local want=$1 got=0
  shift
  "$daxfuzz" "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || { failed "daxfuzz $*: code $got, expected $want"; cat err; }
}
says() { # FILE TEXT
  grep -qF -- "$2" "$1" || { failed "'$2' is not in $1:"; cat "$1"; }
}
