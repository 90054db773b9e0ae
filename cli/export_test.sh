#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `daxfuzz export` as its reader has it: what a C compiler, a shell and a person see of it.
# Usage: export_test.sh DAXFUZZ CORPUS_FILE...; the program runs in
# conformance/standalone/standalone_test.sh.
set -eu
daxfuzz=$(realpath "$1")
shift
top=$PWD
source cli/testing.sh
cd "$dir"

compiles() { # FILE
  cc -fsyntax-only -O2 -Wall -Wextra -Wshadow -Werror "$1" 2>cc.err || { failed "$1 does not compile"; head cc.err; }
}

# A stranger's comment ends no comment of ours, neither of C nor of a shell.
cat >hostile.daxt <<'T'
daxt 1
# finding   a */ int main(void) { return 9; } /* and */*/ and ??/ and \
# finding   END_OF_PROGRAM $(touch broken) `touch broken` "\n"
# verdict   PASS
protocol    upstream
geometry    files=2 blocks=2 pmd_order=1 mms=1
T0: write   a+0 len=1 0x11
T0: reflink a+0 b+0 len=1
T0: mmap    b+0 len=1 -> m0
T0: pin     m0+0 write pin fast -> p0
T0: dma     p0 write 0x22
T0: unpin   p0
T0: read    b+0 len=1
schedule    random seed=3
T
expect 0 export --c hostile.daxt
cp out hostile.c
compiles hostile.c
cat >head.want <<'T'
// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported by VERSION from the trace hostile.daxt, which says:
 *
 *   finding   a * / int main(void) { return 9; } / * and * / * / and ??/ and \
 *   finding   END_OF_PROGRAM $(touch broken) `touch broken` "\n"
 *   verdict   PASS
 *
 * Kernel: protocol upstream (Linux 6.15..7.0: zero-based, busy is ref minus mapcount).
 * The model's verdict there: pass
 * Look for: nothing: the model finds nothing wrong here.
 * Each op prints its result, "R STEP ok VALUE", "err ERRNO", "sig SIGNAL", or "blocked"
 * if it waits for another; the model's is in the comment beside the op. At the end come the
 * contents of the files, a byte of each half of each page: "contents FILE PAGES: BYTES".
 *
 * Ops come one at a time, in the order in which they begin in the trace; the next one
 * begins when the last one has ended or waits. What happens between the steps of one op
 * cannot be forced: a trace that needs such an interleaving shows nothing when it is run
 * once.
 * Pins are taken with vmsplice(2), which is FOLL_GET for reading.
 * Where it wants FOLL_WRITE, MADV_POPULATE_WRITE makes the fault; what is held after
 * that is FOLL_GET for reading.
 * A device's store through a pin (dma write) is left out ("nosys").
 *
 * Compile:  cc -O2 -pthread -o hostile hostile.c
 * Run:      ./hostile /mnt/dax    (as root, on an idle machine)
 *   /mnt/dax is XFS on a pmem device: mkfs.xfs -f -m reflink=1 /dev/pmem0,
 *   mount -o dax=always /dev/pmem0 /mnt/dax, xfs_io -c 'cowextsize 4096' /mnt/dax
 *   Pages are of 4096 bytes, and so are blocks.
 * Exit code: 0 all ops ended, 1 one never did, 2 usage, 3 it could not be run.
 */
T
sed -e 's/Exported by daxfuzz [0-9.]* /Exported by VERSION /' -e '/^ \*\/$/q' hostile.c >head.got
diff head.want head.got || failed "the comment of a program"
says hostile.c '	"op 3 0 0 pin 0 0 write pin fast 0\n" /* T0: pin     m0+0 write pin fast -> p0; the model: ok 0 */'

# To a file, with what to do next; the same bytes.
expect 0 export --c --out=sub/repro.c hostile.daxt
says out "next: cc -O2 -pthread -o hostile sub/repro.c && ./hostile /mnt/dax"
cmp sub/repro.c hostile.c || failed "--out and stdout differ"

# A test of fstests: one file that has the program, or three that are to be built there.
expect 0 export --xfstests hostile.daxt
cp out one
sed -n "/<<'END_OF_PROGRAM'$/,/^END_OF_PROGRAM$/p" one | sed '1d;$d' | cmp - hostile.c ||
  failed "the program in a test is another"
expect 0 export --xfstests --out=tree hostile.daxt
says out "next: add daxfuzz-hostile to LINUX_TARGETS in src/Makefile, make, ./check xfs/900-daxfuzz-hostile"
test=tree/tests/xfs/900-daxfuzz-hostile
[ -x $test ] || failed "a test that cannot be run"
cmp tree/src/daxfuzz-hostile.c hostile.c || failed "the program beside a test is another"
printf 'QA output created by 900-daxfuzz-hostile\nSilence is golden\n' | cmp - $test.out ||
  failed "what a test that goes well says"
says $test "_begin_fstest auto quick dax clone splice mmap"
# Without fstests: its words do nothing, the program says what it was given.
mkdir -p common tree/bin
: >common/reflink
cat >common/preamble <<'T'
here=$PWD/tree tmp=$PWD/tree/tmp seqres=$PWD/tree/seqres SCRATCH_MNT=$PWD/tree XFS_IO_PROG=true
for name in _begin_fstest _require_scratch_reflink _require_scratch_dax_mountopt \
  _require_xfs_io_command _require_test_program _scratch_mkfs _scratch_mount; do
  eval "$name() { :; }"
done
T
for file in one $test; do
  bash -n "$file" || failed "$file: not for bash"
  ! command -v shellcheck >/dev/null || shellcheck "$file" || failed "$file: shellcheck"
  printf '#!/bin/sh\nexit 1\n' >tree/src/daxfuzz-hostile
  chmod +x tree/src/daxfuzz-hostile
  bash "$file" >silent
  # One has a program that is told of no DAX, one a program that says an op never ended.
  case $file in
    one) says silent "exit code 3: 1 is an op that never ended" ;;
    *) says silent "exit code 1: 1 is an op that never ended" ;;
  esac
done
[ ! -e broken ] || failed "a comment was run"

# Words that were expected, and what to do next, in one line.
refused() { # CODE TEXT WORDS...
  local code=$1 text=$2
  shift 2
  expect "$code" export "$@"
  says err "$text"
  [ "$(grep -vc '^next: ' err)" = 1 ] || failed "not one line: $(cat err)"
  [ ! -s out ] || failed "$*: refused, and something on stdout"
}
refused 2 "expected one of --c and --xfstests, found neither" hostile.daxt
refused 2 "expected one of --c and --xfstests, found both" --c --xfstests hostile.daxt
refused 3 "none.daxt: open: No such file or directory (ENOENT)" --c none.daxt
printf 'daxt 1\nT0: nonsense\n' >bad.daxt
refused 5 "bad.daxt:2:" --c bad.daxt
sed -e 's/^schedule.*/schedule    T3*99/' hostile.daxt >diverges.daxt
refused 5 "diverges.daxt: expected a schedule that can be followed, found" --c diverges.daxt
refused 3 "hostile.daxt/sub: mkdir" --c --out=hostile.daxt/sub/x.c hostile.daxt
while read -r op; do
  sed "s/^T0: dma .*/T0: $op/" hostile.daxt >no.daxt
  refused 2 "no.daxt: expected ops that a program can make, found ${op%% *}: " --c no.daxt
done <<'T'
crash
memory_failure block=0
reclaim_dmap a+0 b+0 len=1
break_layout a
evict   b
invalidate b+0 len=1
T
sed 's/^T0: dma .*/T0: fault   m0+0 read fail_nth=1/' hostile.daxt >no.daxt
refused 2 "found fail_nth, fail_from: no allocation of a stock kernel" --c no.daxt

# All that is recorded: a program, or a reason.
exported=0
for trace in "$@"; do
  code=0
  "$daxfuzz" export --c "$top/$trace" >all.c 2>err || code=$?
  case $code in
    0)
      exported=$((exported + 1))
      compiles all.c ;;
    2) says err "expected ops that a program can make, found " ;;
    *) failed "$trace: code $code: $(cat err)" ;;
  esac
done
[ "$exported" -ge 40 ] || failed "of $# traces $exported have a program"

exit "$((failures != 0))"
