#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `daxfuzz conform` where there is no machine: one line says why, no log of an earlier run is
# judged, and the ops of a long run are read with their errors. DAXFUZZ_QEMU is whose QEMU it takes.
# Usage: conform_test.sh DAXFUZZ; with a machine: conformance/smoke_test.sh.
set -eu
source cli/testing.sh
export DAXFUZZ_CACHE=$dir/cache
# The program finds its runner beside itself: once there is one, once there is none.
mkdir -p "$dir/tree/cli" "$dir/alone/cli"
cp -L "$1" "$dir/tree/cli/daxfuzz"
cp -L "$1" "$dir/alone/cli/daxfuzz"
ln -s "$(cd conformance && pwd)" "$dir/tree/conformance"
daxfuzz=$dir/tree/cli/daxfuzz
cd "$dir"

mkdir -p headers/include/config
echo 6.12.0 >headers/include/config/kernel.release
echo 'T0: write   a+0 len=1 0x11' >one.ops
cp one.ops two.ops
none=(--kernel="$dir/none" --headers="$dir/headers" --out="$dir/o" --protocol=legacy)
mkdir o
# one_reason TEXT: that is all that is said, and a log that lies there is not judged.
one_reason() {
  printf 'daxconf-log 1\nkernel 6.12\nstep 0\nR 0 ok 0\nstep end\ndone\n' >o/one.script.log
  expect 3 conform "${none[@]}" one.ops two.ops
  says err "$1"
  [ "$(grep -c . err)" = 1 ] || { failed "more than one line of reasons"; cat err; }
  ! grep -q agree out || { failed "a log of an earlier run was judged"; cat out; }
}
one_reason "no kernel at $dir/none"
[ "$(cat o/one.ops)" = "$(cat one.ops)" ] || failed "o/one.ops is not one.ops"
daxfuzz=$dir/alone/cli/daxfuzz
one_reason "conformance/run is not beside the program"
daxfuzz=$dir/tree/cli/daxfuzz

echo 'T0: wrote   a+0' >>two.ops
expect 2 conform "${none[@]}" two.ops
says err "two.ops: line 2: "
expect 3 conform "${none[@]}" missing.ops
says err "missing.ops"

# A machine in name only: what is missing or dies there is one line.
source "$dir/tree/conformance/fake_machine.sh"
fake_machine "$dir/fake"
own=(--kernel="$dir/fake/vmlinux" --headers="$dir/fake/headers" --out="$dir/o" --protocol=legacy)
# dies TEXT: of the one script nothing came.
dies() {
  expect 3 conform "${own[@]}" one.ops
  [ "$(grep -c '^run: error: ' err)" = 1 ] || { failed "not one reason"; cat err; }
  says err "$1"
  ! grep -v '^run: ' err || failed "more is said than the runner says"
}
DAXFUZZ_QEMU=$dir/none dies "no QEMU at DAXFUZZ_QEMU=$dir/none"

[ $failures = 0 ] || exit 1
echo "ok conform without a machine"
