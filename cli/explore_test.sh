#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `daxfuzz explore` and `daxfuzz bisect` as their reader has them. Plain only: under a sanitizer
# every schedule is run, which takes too long.
# Usage: explore_test.sh DAXFUZZ
set -eu
daxfuzz=$(realpath "$1")
source cli/testing.sh
cd "$dir"
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

# All schedules: none fails; the first that does, as a trace that replays; cut short.
expect 0 explore pass.daxt
says out "  upstream  complete: no schedule of this program violates anything: "
cat >wake.daxt <<'T'
daxt 1
protocol    v1
geometry    files=1 blocks=1 pmd_order=2 mms=1
T0: write   a+0 len=1 0x11
T0: mmap    a+0 len=1 -> m0
T0: pin     m0+0 read get fast -> p0
T0: truncate a 0
T1: unpin   p0
schedule    random seed=1
T
expect 0 explore --protocol=legacy,v1 wake.daxt
expect 1 explore --set=wake_transition=to_one wake.daxt
says out "FAIL lost-wakeup in dax_break_layout: "
says out "-> wake.v1+wake_transition=to_one.explored.daxt"
expect 1 replay wake.v1+wake_transition=to_one.explored.daxt
says out "FAIL  lost-wakeup in dax_break_layout"
rm wake.v1+wake_transition=to_one.explored.daxt

# The same, by schedules that are drawn: never complete, and a failure is a trace, too.
expect 1 explore --set=wake_transition=to_one --strategy=pct3 wake.daxt
says out "FAIL lost-wakeup in dax_break_layout: "
says out "not complete: it ended at the first failure"
expect 1 replay wake.v1+wake_transition=to_one.explored.daxt
expect 0 explore --strategy=portfolio --seed=7 --budget=300-execs pass.daxt
says out "not complete: the budget is spent: 300 executions"
says out "drawn by portfolio, seed 7: "
expect 2 explore --strategy=luck pass.daxt
says err "expected random, pct2, "
expect 2 explore --strategy=pos --jobs=2 pass.daxt
expect 1 explore --all --json --set=wake_transition=to_one --out=o/p wake.daxt
says out '"complete":true'
expect 0 explore --budget=2-execs wake.daxt
says out "not complete: the budget is spent: 2 executions"
says out "    worth: of where 200 random schedules decide "
expect 0 explore --preemptions=1 --set-up=3 wake.daxt
says out "complete: no schedule with at most 1 pre-emption of this program"
expect 2 explore --preemptions=few wake.daxt
# Side by side: the same outcomes, the same finding; what was done is not done again.
outcomes() { grep '^    [^-]' "$1" | sed 's/  ([0-9]* execution.*//' | sort; }
expect 0 explore --all --protocol=legacy,v1,upstream wake.daxt
outcomes out >one
expect 0 explore --all --protocol=legacy,v1,upstream --jobs=2 wake.daxt
outcomes out | cmp -s one - || failed "other outcomes with --jobs=2"
expect 0 explore --all --protocol=upstream --jobs=4 wake.daxt
says out "complete: no schedule of this program violates anything: "
for i in 1 2 3; do
  expect 1 explore --jobs=4 --set=wake_transition=to_one --out=j wake.daxt
  cat out j/*.daxt >"found.$i"
  cmp -s found.1 "found.$i" || failed "another finding with --jobs=4"
done
expect 2 explore --jobs=0 wake.daxt
expect 0 explore --jobs=2 --budget=800-execs --resume=done --protocol=upstream wake.daxt
says out " parts were searched to their end"
expect 0 explore --jobs=2 --resume=done --protocol=upstream wake.daxt
says out "complete: "
cp out first && cp done done.all
expect 0 explore --resume=done --jobs=2 --protocol=upstream wake.daxt
cmp -s first out || failed "another answer from what was done"
cmp -s done done.all || failed "what was done was done again"
expect 0 explore --jobs=2 --resume=done --protocol=v1,upstream wake.daxt
head -c 300 done.all >torn
expect 3 explore --jobs=2 --resume=torn --protocol=upstream wake.daxt
says err "torn: a part of it cannot be read"
expect 3 explore --resume=wake.daxt wake.daxt
says err "wake.daxt: is no file of --resume"
# A part that dies is missed.
cat >large.daxt <<'T'
daxt 1
protocol    legacy
geometry    files=1 blocks=2 pmd_order=2 mms=1
T0: write   a+0 len=1 0x11
T0: mmap    a+0 len=1 -> m0
T0: pin     m0+0 read get fast -> p0
T0: unpin   p0
T1: read    a+0 len=1
T1: fsync   a
T2: read    a+1 len=1
T2: fsync   a
schedule    random seed=1
T
"$daxfuzz" explore --jobs=2 --budget=4s large.daxt >out 2>err &
until child=$(pgrep -P $!); do sleep 0.05; done
kill -9 "${child%%$'\n'*}"
wait $! || failed "a part that dies is an error: $?"
says out "not complete: a process that searched a part of it died: "
# Which outcomes differ, and which switch makes it so.
cat >zero.daxt <<'T'
daxt 1
protocol    upstream
geometry    files=1 blocks=4 pmd_order=1 mms=1
T0: alloc   a+0 len=1
T0: mmap    a+0 len=1 -> m0
T0: fault   m0+0 read
T1: fsync   a
schedule    random seed=1
T
expect 0 explore --compare --protocol=upstream,legacy --out=o zero.daxt
says out "    refines upstream"
expect 1 explore --compare --protocol=upstream,v1 --out=o zero.daxt
says out "    + zero-page-counted in dax_load_hole |"
says out "    does not refine upstream"
expect 0 bisect --from=upstream --to=v1 zero.daxt
says out "  upstream with zero_page_counted=yes does too"
expect 0 bisect --from=upstream --to=legacy zero.daxt
says out "both protocols have the same verdict"
expect 3 bisect --from=upstream --to=v1 --budget=1-execs zero.daxt
says out "a search did not come to its end"
expect 2 bisect --from=upstream zero.daxt
expect 2 bisect --from=upstream --to=legacy,v1 zero.daxt
expect 5 explore /dev/null

[ "$failures" = 0 ] || exit 1
echo "explore: all as expected"
