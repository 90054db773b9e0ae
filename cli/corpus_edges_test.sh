#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# corpus_edges_test.sh DAXFUZZ LIBFUZZER TRACES...: `daxfuzz corpus merge` of what libFuzzer has kept loses no edge:
# by libFuzzer's own measure, -merge=1 of the first into the merged corpus adds none. (All findings are known then,
# for what a target does once, when it tells one, is no edge of the input. Of how deep the stack was it may add some.)
# Merged in another order it is the same files. An input takes the same edges whatever ran before it. Without
# the target edges are lost, which is seen here, and told. Read next: corpus_edges.h, fuzz/edge_line.h.
set -euo pipefail
export LC_ALL=C

daxfuzz=$(realpath "$1") target=$2
shift 2
dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/edges-XXXXXX")
trap 'rm -rf "$dir"' EXIT
die() { tail -n 20 "$dir/said" >&2; echo "FAILED: $*" >&2; exit 1; }
mkdir "$dir/first" "$dir/half" "$dir/traces" "$dir/none"
export DAXFUZZ_TARGET_DIR
here=$(cd "$(dirname "$target")" && pwd)

DAXFUZZ_FINDINGS_FD=2 "$target" -runs=400 -seed=3 -len_control=0 -max_len=1024 "$dir/first" >"$dir/said" 2>&1 ||
  die "libFuzzer: $?"
inputs=$(find "$dir/first" -type f | wc -l)
[ "$inputs" -gt 60 ] || die "libFuzzer kept $inputs inputs only"
cp -L "$@" "$dir/traces"
# Half of the inputs, by name.
find "$dir/first" -type f | sort | awk 'NR % 2' | xargs cp -t "$dir/half"

# The same edges in any order, also twice in one process.
mapfile -t files < <(find "$dir/first" -type f | sort | head -n 40)
lines() { DAXFUZZ_FINDINGS_FD=2 DAXFUZZ_EDGES_FD=4 "$target" "$@" 4>&1 >/dev/null 2>"$dir/said" | sort -u; }
lines "${files[@]}" >"$dir/forth"
mapfile -t back < <(printf '%s\n' "${files[@]}" | sort -r)
lines "${back[@]}" "${back[@]}" >"$dir/back"
[ "$(wc -l <"$dir/forth")" -ge 35 ] || die "$(wc -l <"$dir/forth") lines of 40 inputs"
cmp "$dir/forth" "$dir/back" >"$dir/said" || die "an input takes other edges after others"

# What is found, as DAXFUZZ_KNOWN wants it.
DAXFUZZ_FINDINGS_FD=4 "$target" "$dir"/first/* 4>"$dir/told" >"$dir/said" 2>&1 || die "findings: $?"
awk '/^# verdict +FAIL / { sub(/^# verdict +FAIL /, ""); what = $0 } /^protocol / { print $2 "\t" what }' "$dir/told" \
  >"$dir/known"
[ -s "$dir/known" ] || die "nothing is found"

merge() { # TO FROM...
  "$daxfuzz" corpus merge "$@" >"$dir/said" 2>&1 || die "merge: $?"
}
# added TO FROM: how many edges are new to TO, by libFuzzer. It changes a copy.
added() {
  rm -rf "$dir/copy"
  cp -r "$1" "$dir/copy"
  DAXFUZZ_KNOWN=$dir/known DAXFUZZ_FINDINGS_FD=2 \
    "$target" -merge=1 -max_len=1024 -use_value_profile=0 "$dir/copy" "$2" >"$dir/merged" 2>&1
  sed -n 's/^MERGE-OUTER: .* new features added; \([0-9]*\) new coverage edges$/\1/p' "$dir/merged"
}

DAXFUZZ_TARGET_DIR=$here
merge "$dir/one" "$dir/first" "$dir/traces"
edges=$(sed -n 's/^  edges //p' "$dir/said")
[ "${edges:-0}" -gt 1000 ] || die "edges: $edges"
kept=$(find "$dir/one" -type f -name '[0-9a-f]*' ! -name '*.*' | wc -l)
[ "$kept" -lt "$inputs" ] || die "$kept kept of $inputs"
new=$(added "$dir/one" "$dir/first")
[ "$new" = 0 ] || die "libFuzzer misses $new edges"
merge "$dir/other" "$dir/half" "$dir/traces"
merge "$dir/other" "$dir/first"
diff -r "$dir/one" "$dir/other" >"$dir/said" || die "another order gives another corpus"
merge "$dir/one" "$dir/other"
diff -r "$dir/one" "$dir/other" >"$dir/said" || die "a merge again changes something"
"$daxfuzz" corpus check "$dir/one" >"$dir/said" 2>&1 || die "check: $?"

# Planted: nobody counts edges.
DAXFUZZ_TARGET_DIR=$dir/none
merge "$dir/blind" "$dir/first" "$dir/traces"
grep -q '^edges of the code are not counted, so nothing is dropped' "$dir/said" ||
  die "that none are counted is not told"
lost=$(added "$dir/blind" "$dir/first")
[ "$lost" -gt 0 ] || die "planted and not noticed: without edges nothing is lost"
echo "of $inputs inputs $kept are kept, $edges edges; without them libFuzzer misses $lost"
