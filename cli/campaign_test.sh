#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The whole chain with the real engine: libFuzzer, the pipe, the store, the replay, the
# minimiser, the report, the exit code. v1, whose defects are known, from the seeds
# beside the target: at least three signatures, each in 8 ops or fewer, each replaying 20 of 20
# to one digest. And the canary, which fails always. What is found is not compared
# between campaigns: libFuzzer's byte mutations draw on the operands of comparisons that
# it has seen, which may be addresses, so a seed does not fix a campaign.
# Usage: campaign_test.sh DAXFUZZ INTERLEAVING_TARGET CANARY_TARGET
set -euo pipefail
export LC_ALL=C
# The targets' folders, not where their links lead: the command looks for their names.
daxfuzz=$(realpath "$1") target=$(cd "$(dirname "$2")" && pwd) canary=$(cd "$(dirname "$3")" && pwd)
dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/campaign-XXXXXX")
trap 'rm -rf "$dir"' EXIT
source cli/outputs.sh
export TEST_UNDECLARED_OUTPUTS_DIR=${TEST_UNDECLARED_OUTPUTS_DIR:-$dir/outputs}
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

campaign() { # OUT TARGET TARGET_DIR ARGUMENTS...: exit code in $code
  local out=$1 name=$2 from=$3
  shift 3
  code=0
  "$daxfuzz" fuzz "$name" --target-dir="$from" --out="$out" --seed=7 "$@" >"$out.txt" 2>"$out.err" || code=$?
  keep_findings "$(basename "$out")" "$out" "$out.txt"
}
findings() { (cd "$1/findings/$2" && ls ./*.daxt | grep -v '[.]orig[.]daxt$' | sort) }

campaign "$dir/one" interleaving "$target" --protocol=v1 --budget=20k-execs
[ "$code" = 1 ] || fail "v1: exit code $code, expected 1: $(tail -5 "$dir/one.err")"
grep -qE ', [1-9][0-9]+ seeds$' "$dir/one.err" || fail "v1: without its seeds: $(head -1 "$dir/one.err")"
small=0
for file in $(findings "$dir/one" v1); do
  path=$dir/one/findings/v1/$file
  ops=$(grep -c '^T[0-3]: ' "$path")
  [ "$ops" -gt 8 ] || small=$((small + 1))
  signature=$(sed -n 's/^# verdict *FAIL //p' "$path")
  digest=$(sed -n 's/^digest *//p' "$path")
  "$daxfuzz" replay --repeat=20 --json "$path" >"$dir/replay.json" 2>/dev/null && fail "$signature passes when replayed"
  grep -qF "\"$signature\"" "$dir/replay.json" || fail "$signature: its replay says something else"
  grep -qF "$digest" "$dir/replay.json" || fail "$signature: digest $digest is not its replay's"
  grep -qF '"deterministic":true' "$dir/replay.json" || fail "$signature: twenty replays differ"
done
[ "$small" -ge 3 ] || fail "v1: $small findings of 8 ops or fewer, expected at least 3"
read -r files reports <<<"$(kept one | tr '\n' ' ')"
[ "$files" -ge "$small" ] && [ "$reports" -ge 1 ] || fail "v1: $files findings and $reports reports are kept"
grep -q '^next: daxfuzz show ' "$dir/one.txt" || fail "v1: the last line does not say what to do next"

campaign "$dir/canary" canary "$canary" --budget=100-execs
[ "$code" = 1 ] || fail "canary: exit code $code, expected 1"
grep -rqF 'canary-always-fails in canary' "$dir/canary/findings" || fail "canary: nothing is stored"

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
echo "ok: $small small findings under v1"
