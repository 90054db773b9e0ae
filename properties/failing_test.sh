#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# failing_test.sh CHECK TESTS: what becomes of counterexamples. CHECK is check_main.cc over failing_suite.cc, TESTS
# is property_main.cc over it.
set -euo pipefail
export LC_ALL=C

check=$(realpath "$1") tests=$(realpath "$2")
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
code 1 "$check" --out=new/folder Failing.SavesCalls
says out '# saved as new/folder/Failing.SavesCalls.calls'
says new/folder/Failing.SavesCalls.calls 'call 1'

# The same as GoogleTest tests: printed, saved in the folder that is asked for, else among the test's outputs.
unset RC_PARAMS DAXFUZZ_COUNTEREXAMPLES TEST_UNDECLARED_OUTPUTS_DIR GTEST_FILTER TEST_SHARD_STATUS_FILE \
  TEST_TOTAL_SHARDS TESTBRIDGE_TEST_ONLY XML_OUTPUT_FILE
code 1 "$tests" --gtest_filter=Failing.SavesATrace
says out 'a program has three ops at most'
says out '# property  Failing.SavesATrace'
says out '# because   4 ops'
[ ! -e Failing.SavesATrace.daxt ] || complain "it is saved where nobody asked for it"
code 1 env DAXFUZZ_COUNTEREXAMPLES=asked TEST_UNDECLARED_OUTPUTS_DIR=outputs "$tests" \
  --gtest_filter=Failing.SavesATrace:Failing.SavesCalls
cmp asked/Failing.SavesATrace.daxt found/Failing.SavesATrace.daxt || complain "the two programs save other files"
says asked/Failing.SavesCalls.calls 'call 1'
[ ! -e outputs ] || complain "it is saved in both folders"
code 1 env TEST_UNDECLARED_OUTPUTS_DIR=outputs "$tests" --gtest_filter=Failing.SavesATrace
cmp outputs/Failing.SavesATrace.daxt found/Failing.SavesATrace.daxt || complain "it is not among the outputs"
code 1 env DAXFUZZ_COUNTEREXAMPLES=/dev/null/x "$tests" --gtest_filter=Failing.SavesATrace
says out 'cannot write /dev/null/x/Failing.SavesATrace.daxt'
code 1 "$tests" --gtest_filter=Failing.SavesAnotherDigest
says out 'its counterexample does not replay'

# RC_PARAMS: another seed, another number of cases; without it those of property.h.
code 1 "$tests" --gtest_filter='Holding.*'
says out 'seed 20241024, 2000 cases'
code 1 env RC_PARAMS="seed=7" "$tests" --gtest_filter='Holding.*'
says out 'seed 7, 2000 cases'
code 0 env RC_PARAMS="seed=7 max_success=10" "$tests" --gtest_filter='Holding.*'
exit $status
