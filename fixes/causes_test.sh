#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# causes_test.sh FIXED UNFIXED: what //fuzz:causes and //fixes:causes say of recorded traces.
# Read next: fuzz/causes_main.cc.
set -euo pipefail
export LC_ALL=C

fixed=$1 unfixed=$2
fail() { echo "FAIL: $*"; exit 1; }
says() { # WHAT WORDS COMMAND...: the one line that it prints has the words
  local what=$1 words=$2 line
  shift 2
  line=$("$@") || fail "$what: exit code $?"
  grep -qE -- "$words" <<<"$line" && [ "$(wc -l <<<"$line")" = 1 ] || fail "$what: $line"
}

claim=corpus/claims/last-owner-leaves-a-shared-page.daxt
says 'the switch that a claim is about' \
  '^legacy60  association-without-entry .*  [1-5] ops  .*share=magic_0x1' "$unfixed" "$claim"
says 'a trace that passes' '^upstream  pass$' "$unfixed" corpus/claims/truncate-waits-for-dma.daxt
finding=corpus/findings/truncate-keeps-dirty-entry.daxt
says 'a finding' '^legacy  stale-entry in dax_insert_entry  [0-9]+ ops  ' "$unfixed" "$finding"
says 'the same with its fix in' '^legacy  pass$' "$fixed" "$finding"
# A schedule that does not fit: T0 is elsewhere after 59 steps.
sed 's/^schedule  *T0\*61 /schedule    T0*59 /' corpus/litmus/split-clears-the-pmd-first.daxt >"$TEST_TMPDIR/late.daxt"
says 'a schedule that does not fit' '^upstream  dax-folio-looks-anon in __split_huge_pmd  5 ops  ' \
  "$unfixed" "$TEST_TMPDIR/late.daxt"
says 'the same with all fixes in' '^upstream  pass$' "$fixed" "$TEST_TMPDIR/late.daxt"

code=0
"$unfixed" /dev/null >"$TEST_TMPDIR/out" 2>"$TEST_TMPDIR/err" || code=$?
[ "$code" = 5 ] && grep -q "expected 'daxt 1'" "$TEST_TMPDIR/err" ||
  fail "no trace: exit code $code, $(cat "$TEST_TMPDIR/err")"
code=0
"$unfixed" 2>"$TEST_TMPDIR/err" || code=$?
[ "$code" = 2 ] && grep -q '^usage' "$TEST_TMPDIR/err" || fail "no argument: exit code $code"
echo "ok: causes of recorded traces"
