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
expect 1 explore --all --json --set=wake_transition=to_one --out=o/p wake.daxt
says out '"complete":true'
expect 0 explore --budget=2-execs wake.daxt
says out "not complete: the budget is spent: 2 executions"
expect 0 explore --preemptions=1 --set-up=3 wake.daxt
says out "complete: no schedule with at most 1 pre-emption of this program"
expect 2 explore --preemptions=few wake.daxt
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
