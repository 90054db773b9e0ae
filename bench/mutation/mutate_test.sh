#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# mutate_test.sh MUTATE UNFIXED MUTANTS: each verdict by a mutant of model/dax_entry.cc that must
# have it, and what the tool refuses. UNFIXED is the same over the model without its fixes, which
# fails as it is. Read next: mutate_main.cc.
set -euo pipefail

mutate=$1 unfixed=$2 mutants=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
mkdir "$work/one" && cp corpus/seeds/delete-waits-for-entry.daxt "$work/one/"

wrong() {
  echo "FAILED: $1"
  cat "$work/out"
  status=1
}
# run CODE ARGUMENTS...: its output is in $work/out.
run() {
  local wanted=$1 code=0
  shift
  "$mutate" --mutants="$mutants" --partial --rows="$work/rows" --sequential=100 "$@" >"$work/out" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || wrong "code $code, not $wanted: $*"
}
# id KEY: its columns from function on, by tabs.
id() {
  "$mutate" --mutants="$mutants" --list | awk -F '\t' -v key="$1" '
    substr($0, length($1 FS $2 FS $3 FS) + 1) == key { print $1 }'
}
# verdict WORDS KEY ARGUMENTS...: of this mutant.
verdict() {
  local words=$1 number
  number=$(id "$2")
  shift 2
  [ -n "$number" ] || wrong "no such mutant: $words"
  run 0 --mutant="$number" "$@"
  grep -q "^$number model/dax_entry.cc:.*: $words" "$work/out" || wrong "not $words"
}

# Killed by the corpus, by a hunt, by a CHECK and by the clock.
wake=$'dax_unlock_entry\tdrop\t1\tdax_wake_entry(xas, entry, WAKE_NEXT);\t;'
nrpages=$'downgrade_pmd_entry\tdrop\t1\tmapping.nrpages -= pg_pmd_nr();\t;'
lock=$'dax_unlock_entry\tdrop\t1\txas_lock_irq(xas);\t;'
sleep=$'wait_entry_unlocked_exclusive\tdrop\t1\twait_exclusive(xas, entry, ewait);\t;'
# Each fault falls back, or none does.
conflict=$'grab_mapping_entry\tnegate\t1\tdax_is_conflict(entry)\t!(dax_is_conflict(entry))'
# The cursor is the caller's own: nobody else sees when it is reset.
reset=$'dax_unlock_entry\tswap\t1\txas_reset(xas); xas_lock_irq(xas);\txas_lock_irq(xas); xas_reset(xas);'

verdict 'corpus, corpus .* lost-wakeup in ' "$wake" --corpus=corpus --executions=0
verdict 'hunt, upstream random .* nrpages-mismatch in quiescence' "$nrpages" --corpus="$work/one" --executions=300
verdict 'crash, .* CHECK failed: xa.xa_lock.held()' "$lock" --corpus=corpus --executions=0
verdict 'hang, ' "$sleep" --corpus=corpus --executions=0
verdict 'survived, ' "$reset" --corpus=corpus --executions=30
verdict 'unreached, ' "$sleep" --corpus="$work/one" --executions=0
verdict 'result, sequential .* fault-refused in handle_mm_fault' "$conflict" --corpus="$work/one" --executions=0

# A row that is there is not tried again, but for one that survived a shorter hunt.
run 0 --corpus="$work/one" --executions=1 --function=dax_entry_order
grep -q ', 2 of them to be tried' "$work/out" || wrong "not 2 to be tried"
run 0 --corpus="$work/one" --executions=1 --function=dax_entry_order
grep -q ', 0 of them to be tried' "$work/out" || wrong "tried again"
# A row that was cut off is written again.
grep -v dax_entry_order "$work/rows" >"$work/cut"
grep -m 1 dax_entry_order "$work/rows" | cut -c1-20 | tr -d '\n' >>"$work/cut"
mv "$work/cut" "$work/rows"
run 0 --corpus="$work/one" --executions=1 --function=dax_entry_order
grep -q ', 2 of them to be tried' "$work/out" || wrong "the cut row counts"
awk -F '\t' 'NR > 2 && NF != 15 { exit 1 }' "$work/rows" || wrong "a row is in pieces"
run 0 --corpus="$work/one" --executions=30 --function=dax_unlock_entry --sample=3 --seed=1
grep -q '^95 % interval' "$work/out" || wrong "no interval of a sample"
run 0 --corpus="$work/one" --report
grep -q '^| model/dax_entry.cc |' "$work/out" || wrong "no table"
run 5 --corpus="$work/one" --hunt-seed=2
run 1 --corpus="$work/none" --mutant=1

# Rows of what is equivalent: kept by line, refused when stale, refuted when it is killed.
equivalent() { printf 'model/dax_entry.cc\t%s\treason\n' "$1" >"$work/equivalent"; }
equivalent "$reset"
run 0 --corpus="$work/one" --equivalent="$work/equivalent" --executions=1 --function=dax_entry_order
equivalent "${reset/dax_unlock_entry/dax_lock_entry}"
run 5 --corpus="$work/one" --equivalent="$work/equivalent" --executions=1
grep -q 'stale' "$work/out" || wrong "not stale"
equivalent "$wake"
rm "$work/rows"
run 1 --corpus=corpus --equivalent="$work/equivalent" --executions=0 --mutant="$(id "$wake")"
grep -q 'recorded as equivalent, but killed' "$work/out" || wrong "not refuted"

# The model must pass before its mutants are judged.
mutate=$unfixed
run 1 --corpus=corpus --executions=3000 --mutant="$(id "$wake")"
grep -q 'without a mutant: ' "$work/out" || wrong "the unmutated model passes"
exit $status
