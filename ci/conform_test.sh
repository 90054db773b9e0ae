#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ci/conform with fakes for what it runs: what a machine lacks is skipped with its reason, what is
# wrong with the project is a failure, and all of it ends in time.
set -euo pipefail
tree=$TEST_TMPDIR/tree
mkdir -p "$tree"/{ci,conformance,bazel-bin/cli}
cp ci/conform ci/lib.sh "$tree/ci"
echo 'exit 0' >"$tree/bazel-bin/cli/daxfuzz"
chmod +x "$tree/bazel-bin/cli/daxfuzz"
failed=0

# fake NAME TEXT: conformance/NAME is that script.
fake() {
  printf '#!/bin/sh\n%s\n' "$2" >"$tree/conformance/$1"
  chmod +x "$tree/conformance/$1"
}
# expect NAME CODE LINES: what ci/conform ends with and prints.
expect() {
  local code=0 said
  said=$("$tree/ci/conform" 2>&1 </dev/null) || code=$?
  [ "$code" = "$2" ] && [ "$said" = "$3" ] && return
  echo "FAIL $1: code $code, expected $2; said"
  echo "$said"
  failed=1
}

fake runner_test.sh 'echo ok fakes'
fake smoke_test.sh 'echo "ok kernel $1"'
fake run '[ "$*" = --fetch ]'
expect "all is there" 0 $'ok fakes\nok kernel 6.12'

fake run 'echo "run: fetching it" >&2; echo "run: error: apt knows no kernel" >&2; exit 3'
expect "no kernel" 0 $'ok fakes\nskip real kernel: run: error: apt knows no kernel'
fake runner_test.sh 'echo FAIL one; exit 1'
expect "no kernel, and the runner is wrong" 1 $'FAIL one\nskip real kernel: run: error: apt knows no kernel'
fake runner_test.sh 'exit 127'
expect "a test that does not run" 1 \
  $'FAIL runner with fakes: ended with 127\nskip real kernel: run: error: apt knows no kernel'
fake runner_test.sh 'echo ok fakes'

fake run 'echo "run: error: unknown option --fetch" >&2; exit 2'
expect "wrong usage" 1 $'ok fakes\nFAIL fetching a kernel: ended with 2: run: error: unknown option --fetch'
fake run 'echo "run: line 9: nonsense: command not found" >&2; exit 127'
expect "a script that is wrong" 1 \
  $'ok fakes\nFAIL fetching a kernel: ended with 127: run: line 9: nonsense: command not found'
fake run 'echo "run: error: packages.sh:9: a command failed" >&2; exit 3'
expect "a command that nobody thought of" 1 \
  $'ok fakes\nFAIL fetching a kernel: ended with 3: run: error: packages.sh:9: a command failed'
fake run 'exit 3'
expect "no reason" 1 $'ok fakes\nFAIL fetching a kernel: ended with 3: '

fake run 'exit 0'
fake smoke_test.sh 'echo FAIL a value; echo why >&2; exit 1'
expect "a wrong value" 1 $'ok fakes\nFAIL a value\nwhy'
fake smoke_test.sh 'echo "run: error: the guest hangs" >&2; exit 3'
expect "a guest that dies" 1 \
  $'ok fakes\nrun: error: the guest hangs\nFAIL real kernel: ended with 3: run: error: the guest hangs'
rm "$tree/bazel-bin/cli/daxfuzz"
fake smoke_test.sh '[ -z "$2" ]'
expect "no command" 0 $'ok fakes\nskip exported programs: no bazel-bin/cli/daxfuzz'

# A mirror has a limit of its own, all the rest together has one: who comes when it is over does not begin.
sed -i 's/^limit=300 fetch_limit=180$/limit=2 fetch_limit=1/' "$tree/ci/conform"
touch "$tree/bazel-bin/cli/daxfuzz"
chmod +x "$tree/bazel-bin/cli/daxfuzz"
fake run 'exec sleep 30'
expect "a mirror that is slow" 0 $'ok fakes\nskip real kernel: its packages did not come within 1 s'
fake run 'exit 0'
fake smoke_test.sh 'exec sleep 30'
expect "a kernel that is slow" 1 $'ok fakes\nFAIL real kernel: ended with 124: '
fake runner_test.sh 'exec sleep 30'
fake smoke_test.sh 'echo late'
expect "no time left" 1 \
  $'FAIL runner with fakes: ended with 124\nFAIL real kernel: ended with 124: '
exit "$failed"
