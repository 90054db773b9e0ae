#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# campaign_aflpp_test.sh DAXFUZZ INTERLEAVING UNSTABLE MUTATOR FINDINGS...: `daxfuzz fuzz --engine=aflpp` with the real
# AFL++ and the real target: it takes the mutator beside the target by itself, which makes inputs that are
# kept; each input takes one way through the code, whatever ran before it (stability 100 %, as
# fuzzer_stats has it); the same command goes on from what it had. A target that goes another way each time is
# noticed. Counted in executions: DAXFUZZ_EXECUTIONS, else 4000. Where afl-fuzz cannot run at all it says why.
# Read next: aflpp_test.sh, which looks for a planted abort; cli/engines_test.cc.
set -euo pipefail
export LC_ALL=C

# The targets' folders, not where their links lead: the command looks for their names.
daxfuzz=$(realpath "$1") target=$(cd "$(dirname "$2")" && pwd) unstable=$(cd "$(dirname "$3")" && pwd)
mutator=$(cd "$(dirname "$4")" && pwd)/$(basename "$4")
shift 4
executions=${DAXFUZZ_EXECUTIONS:-4000}
dir=$(mktemp -d "${TEST_TMPDIR:-/tmp}/aflpp-XXXXXX")
trap 'rm -rf "$dir"' EXIT
source cli/outputs.sh
export TEST_UNDECLARED_OUTPUTS_DIR=${TEST_UNDECLARED_OUTPUTS_DIR:-$dir/outputs}
die() { tail -n 30 "$dir"/*.err >&2; echo "FAILED: $*" >&2; exit 1; }
mkdir "$dir/findings"
cp -L "$@" "$dir/findings"
# What runs this test has no say in how the target does.
unset ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS AFL_CUSTOM_MUTATOR_LIBRARY

campaign() { # OUT TARGET TARGET_DIR ARGUMENTS...: exit code in $code
  local out=$1 name=$2 from=$3
  shift 3
  code=0
  "$daxfuzz" fuzz "$name" --engine=aflpp --target-dir="$from" --out="$dir/$out" --seed=7 --protocol=upstream \
    --findings="$dir/findings" "$@" >"$dir/$out.txt" 2>"$dir/$out.err" || code=$?
  keep_findings "$out" "$dir/$out" "$dir/$out.txt"
}
stat() { sed -n "s/^$2 *: //p" "$dir/$1/fuzzer_stats"; } # FOLDER NAME
# stable FOLDER: says so, or says the figure and fails.
stable() { [ "$(stat "$1" stability)" = 100.00% ] || { echo "stability $(stat "$1" stability)"; return 1; }; }

campaign one interleaving "$target" --budget="$executions-execs"
job=one/afl/interleaving/job0
if [ ! -e "$dir/$job/fuzzer_stats" ]; then
  # It says so on its stderr, which the log of the death keeps.
  why=$(grep -rhEm 1 'shmget|shm_open|core_pattern' "$dir/one" "$dir/one.err" || true)
  [ -n "$why" ] || die "afl-fuzz did not run, exit code $code"
  echo "skip: afl-fuzz cannot run here: $why"
  exit 0
fi
# 1: a finding that nobody has recorded. It is kept in the test's outputs, and is not this test's to judge.
[ "$code" -le 1 ] || die "exit code $code"
grep -q 'mutates bytes alone' "$dir/one.err" && die "it did not see $mutator"
[ "$(stat $job execs_done)" -ge "$executions" ] || die "$(stat $job execs_done) executions of $executions"
stable $job || die "the target does not always go the same way"
[ -n "$(find "$dir/$job/queue" -name '*,daxfuzz-*' -print -quit)" ] ||
  die "nothing that the custom mutator made was kept: $(ls "$dir/$job/queue")"
# The seeds beside the target, their dictionary, and the length that libFuzzer has.
seeds=$(find -L "$target/interleaving_fuzz_test_seed_corpus" -type f | wc -l)
begun=$(find "$dir/$job/queue" -name 'id:*orig:[0-9]*' | wc -l)
[ "$seeds" -ge 20 ] && [ "$begun" -ge $((seeds / 2)) ] || die "it began with $begun of $seeds seeds"
grep -q '^command_line .* -G 1024 -x [^ ]*/interleaving_fuzz_test[.]dict ' "$dir/$job/fuzzer_stats" ||
  die "$(grep ^command_line "$dir/$job/fuzzer_stats")"
said="$(stat $job execs_done) executions, $(stat $job corpus_count) inputs kept, $(stat $job edges_found) edges, "
said+="stability $(stat $job stability)"

before=$(stat $job corpus_count) done=$(stat $job execs_done)
campaign one interleaving "$target" --budget=500-execs
[ "$code" -le 1 ] || die "again: exit code $code"
[ "$(stat $job execs_done)" -ge $((done + 500)) ] || die "again: $(stat $job execs_done) executions after $done"
[ "$(stat $job corpus_count)" -ge "$before" ] || die "again: $(stat $job corpus_count) inputs of $before"

# Under v1, whose defects are known, what is found outlives the test.
campaign v1 interleaving "$target" --protocol=v1 --budget=500-execs
[ "$code" = 1 ] || die "v1: exit code $code"
read -r files reports <<<"$(kept v1 | tr '\n' ' ')"
[ "$files" -ge 1 ] && [ "$reports" -ge 1 ] || die "v1: $files findings and $reports reports are kept"

campaign unstable unstable "$unstable" --budget=1000-execs
! stable unstable/afl/unstable/job0 >"$dir/noticed" || die "a target that goes another way each time was not noticed"
echo "interleaving: $said; a target that differs: $(cat "$dir/noticed")"
