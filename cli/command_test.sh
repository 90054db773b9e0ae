#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The built command as a shell sees it, with the real executor: exit codes,
# streams, determinism over processes, signals. Usage: command_test.sh DAXFUZZ
set -eu
daxfuzz=$(realpath "$1")
dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/command-XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
unset BUILD_WORKING_DIRECTORY
failures=0

# expect CODE WORDS...: runs the command; its streams go to out and err.
expect() {
  local want=$1 got=0
  shift
  "$daxfuzz" "$@" >out 2>err || got=$?
  if [ "$got" != "$want" ]; then
    echo "FAILED: daxfuzz $*: code $got, expected $want"
    cat out err
    failures=$((failures + 1))
  fi
}
# says FILE TEXT
says() {
  if ! grep -qF -- "$2" "$1"; then
    echo "FAILED: '$2' is not in $1:"
    cat "$1"
    failures=$((failures + 1))
  fi
}

cat >pass.daxt <<'T'
daxt 1
# verdict   PASS
protocol    upstream
geometry    files=1 blocks=4 pmd_order=1 mms=1
T0: mmap    a+0 len=1 mm=0 -> m0
T0: fault   m0+0 write 0x11
T1: fsync   a
schedule    random seed=3
T

expect 0 version
says out "daxfuzz 0."
expect 0 help
expect 0 help replay
expect 2
expect 2 replya
says err "did you mean replay?"
expect 2 replay --bogus pass.daxt
says err "usage: daxfuzz replay"
expect 3 replay none.daxt
says err "none.daxt: open: No such file or directory (ENOENT)"
expect 0 replay pass.daxt
says out "  upstream  PASS"
expect 0 replay --expect pass.daxt
expect 0 replay --repeat=50 pass.daxt
expect 0 show pass.daxt
says out "20/20 replays, identical digest"
expect 3 fuzz nosuch --out=o

# The same digest from two processes.
digest() { "$daxfuzz" replay --json pass.daxt | grep -o '"digest":"[^"]*"'; }
[ "$(digest)" = "$(digest)" ] || { echo "FAILED: two processes, two digests"; failures=$((failures + 1)); }

sed 's/^# verdict.*/# verdict FAIL a in b/' pass.daxt >claim.daxt
expect 1 replay --expect claim.daxt
says out "UNEXPECTED"

head -c 100 pass.daxt >truncated.daxt
expect 5 replay truncated.daxt
says err "truncated.daxt:"
printf '\177ELF\002\001\000\377\n' >binary.daxt
expect 5 replay binary.daxt
says err "binary.daxt:1:"
expect 125 replay --bisect binary.daxt
(cat pass.daxt; echo 'digest      0000000000000001') >drift.daxt
expect 5 replay drift.daxt
says out "the port changed since"
expect 0 replay --lenient drift.daxt

# Full disk on stdout is an error; a reader that leaves is none.
code=0
"$daxfuzz" help >/dev/full 2>err || code=$?
[ "$code" = 3 ] || { echo "FAILED: stdout on a full disk: code $code"; failures=$((failures + 1)); }
code=$( (set +e; "$daxfuzz" show --full pass.daxt 2>/dev/null; echo $? >code) | true; cat code)
[ "$code" = 0 ] || { echo "FAILED: closed pipe: code $code"; failures=$((failures + 1)); }

# Paths are meant from where the user stands, also under `bazel run`.
mkdir elsewhere
(cd elsewhere && BUILD_WORKING_DIRECTORY="$dir" "$daxfuzz" replay pass.daxt >/dev/null) ||
  { echo "FAILED: BUILD_WORKING_DIRECTORY"; failures=$((failures + 1)); }

# A target that waits for ever, and an interrupt: the finding is there, code 130.
mkdir targets
cat >targets/waits_fuzz_test_libfuzzer <<'T'
#!/bin/sh
printf 'FINDING %s\n' "$(wc -c <"$TEXT")" >&3
cat "$TEXT" >&3
exec tail -f /dev/null
T
chmod +x targets/waits_fuzz_test_libfuzzer
sed 's/^# verdict.*/# verdict FAIL a in b/' pass.daxt >finding.daxt
TEXT="$dir/finding.daxt" "$daxfuzz" fuzz waits --target-dir=targets --out=o >out 2>err &
child=$!
# NEW is announced only when the file is durable.
until grep -q '^NEW ' err || ! kill -0 $child 2>/dev/null; do :; done
ls o/findings/upstream/a-in-b-*.daxt >/dev/null || failures=$((failures + 1))
kill -INT $child
code=0
wait $child || code=$?
[ "$code" = 130 ] || { echo "FAILED: interrupt: code $code"; cat out err; failures=$((failures + 1)); }

[ "$failures" = 0 ] && echo "command_test: all passed"
exit "$((failures != 0))"
