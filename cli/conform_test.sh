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
daxfuzz=$dir/tree/cli/daxfuzz testdata=$dir/tree/conformance/testdata
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

# A machine in name only: what is missing or dies there is one line, and what was not run is not
# compared.
source "$dir/tree/conformance/fake_machine.sh"
fake_machine "$dir/fake"
own=(--kernel="$dir/fake/vmlinux" --headers="$dir/fake/headers" --out="$dir/o" --protocol=legacy)
# dies TEXT: of the one script nothing came.
dies() {
  expect 3 conform "${own[@]}" one.ops
  [ "$(grep -c '^run: error: ' err)" = 1 ] || { failed "not one reason"; cat err; }
  says err "$1"
  ! grep -v '^run: ' err || failed "more is said than the runner says"
  [ ! -s out ] || { failed "something was compared"; cat out; }
}
DAXFUZZ_QEMU=$dir/none dies "no QEMU at DAXFUZZ_QEMU=$dir/none"
FAKE_BOOT=no_dax dies "the guest did not come up: this kernel mounts XFS without DAX"
FAKE_BOOT=die dies "QEMU failed: qemu: cannot set up guest memory"
FAKE_BOOT=panic dies "the guest did not come up: it panicked: Kernel panic"
FAKE_RUN=panic dies "one.script: the guest did not finish: it panicked: Kernel panic"
FAKE_RUN=die dies "one.script: QEMU failed: qemu: cannot set up guest memory"
FAKE_RUN=partial dies "one.script: the guest did not finish: it ended early"
# The runner's limit is two minutes.
printf '#!/bin/bash\nshift 4\nexec %s -k 1 2 "$@"\n' "$(command -v timeout)" >fake/bin/timeout
chmod +x fake/bin/timeout
FAKE_RUN=hang dies "one.script: the guest hangs: no end after 120 s"

# What was compared before a guest died stays told, and is said to be no more than that.
cp "$testdata/random-6.12.ops" kept.ops
export FAKE_LOG=$dir/log FAKE_ONLY="op 0 0 0 write"
awk '$0 == "step 40" { exit } { print }' "$testdata/random-6.12.log" >whole40
{ cat whole40; printf 'step 40\nR 4'; } >log
expect 3 conform "${own[@]}" kept.ops
says err "kept.script: the guest did not finish: it ended early"
says out "kept  legacy / 6.12.117+deb12-cloud-amd64  40 of 130 steps agree, then the guest died"
says out "compared in 40 steps that agree:"
! grep -E 'first difference|next: ' out || failed "the end of a log was taken for a difference"
# The last whole step differs: that was compared, too.
sed 's/^R 38 ok 0/R 38 err 5/' whole40 >log
expect 3 conform "${own[@]}" kept.ops
says out "38 of 130 steps agree"
says out "  first difference at step 38"
says out "next: less $dir/o/kept.script.log"

# One that died beside one that did not, and beside one that differs: it is code 3 all the same.
for code in 0 1; do
  [ $code = 0 ] || sed -i 's/^R 129 ok 0/R 129 err 5/' log
  [ $code = 1 ] || cp "$testdata/random-6.12.log" log
  expect $code conform "${own[@]}" kept.ops
  FAKE_RUN=panic expect 3 conform "${own[@]}" one.ops kept.ops
  says err "one.script: the guest did not finish: it panicked"
  [ "$(grep -c 'steps agree$' out)" = 1 ] || { failed "not one log was judged"; cat out; }
  says out "kept  legacy / 6.12.117+deb12-cloud-amd64  $((130 - code)) of 130 steps agree"
  [ $code = 0 ] || says out "next: less $dir/o/kept.script.log"
done

[ $failures = 0 ] || exit 1
echo "ok conform without a machine"
