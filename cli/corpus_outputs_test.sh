#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the corpus promises, as build servers want it: JUnit XML with one test case a trace, and of each trace
# that does not keep its promise the report, in the test's undeclared outputs. corpus.xml is of traces that say what
# they expect; seeds.xml of those that say nothing, seeds and branches, which are to pass and to have their digest. All
# that is also held by corpus/claims_test.cc, findings_test.cc and seeds_test.cc. First traces are made to break it.
# Usage: corpus_outputs_test.sh DAXFUZZ FILES...
set -euo pipefail
export LC_ALL=C
daxfuzz=$(realpath "$1")
shift
source cli/testing.sh
outputs=${TEST_UNDECLARED_OUTPUTS_DIR:-$dir/outputs}

# judge XML FLAG FILES...: the reports go to XML's folder. FLAG is --expect or --quiet. The code is replay's.
judge() {
  local xml=$1 flag=$2 to code=0 file name
  to=$(dirname "$1")
  shift 2
  "$daxfuzz" replay "$flag" --quiet --junit="$xml" "$@" >"$dir/said" 2>"$dir/complaints" || code=$?
  [ "$code" = 0 ] || for file in "$@"; do
    "$daxfuzz" replay "$flag" --quiet "$file" >"$dir/said.one" 2>&1 && continue
    name=$(basename "$file" .daxt)
    cp "$file" "$to/$name.daxt"
    "$daxfuzz" show "$file" >"$to/$name.report.txt" 2>&1 || true
  done
  return "$code"
}
cases() { python3 -c 'import sys, xml.etree.ElementTree as x
r = x.parse(sys.argv[1]).getroot()
print(len(r.findall(".//testcase")), len(r.findall(".//failure")), len(r.findall(".//error")))' "$1"; }

sed 's/^# expect *upstream .*/# expect    upstream FAIL never-seen in nothing/' \
  corpus/claims/last-unmap-clears-mapping.daxt >"$dir/broken.daxt"
echo "daxt 9" >"$dir/none.daxt"
judge "$dir/planted/corpus.xml" --expect "$dir/broken.daxt" && failed "a broken promise is none"
[ "$(cases "$dir/planted/corpus.xml")" = "1 1 0" ] || failed "the broken promise is no failure"
says "$dir/planted/corpus.xml" "UNEXPECTED: the file says FAIL never-seen in nothing"
says "$dir/planted/broken.report.txt" "DAXFUZZ: "
judge "$dir/planted/corpus.xml" --expect "$dir/none.daxt" && failed "no trace is one"
[ "$(cases "$dir/planted/corpus.xml")" = "1 0 1" ] || failed "what cannot be read is no error"
# A seed of another digest, and one that fails.
sed 's/^digest .*/digest      0000000000000001/' corpus/seeds/cow-fault.daxt >"$dir/drifted.daxt"
sed 's/^protocol .*/protocol    v1/; /^digest /d; /^# /d' corpus/claims/last-unmap-clears-mapping.daxt \
  >"$dir/fails.daxt"
judge "$dir/planted/seeds.xml" --quiet "$dir/drifted.daxt" "$dir/fails.daxt" corpus/seeds/cow-fault.daxt &&
  failed "a seed may fail, and be another"
[ "$(cases "$dir/planted/seeds.xml")" = "3 2 0" ] || failed "of seeds: $(cases "$dir/planted/seeds.xml")"
says "$dir/planted/fails.report.txt" "DAXFUZZ: "
cmp "$dir/planted/drifted.daxt" "$dir/drifted.daxt" || failed "the seed that drifted is not kept"

promises=() seeds=()
for file in "$@"; do
  case $file in
    */seeds/* | */branches/*) seeds+=("$file") ;;
    *) promises+=("$file") ;;
  esac
done
judge "$outputs/corpus.xml" --expect "${promises[@]}" ||
  { failed "a promise is not kept:"; cat "$dir/said" "$dir/complaints"; }
judge "$outputs/seeds.xml" --quiet "${seeds[@]}" || { failed "a seed fails:"; cat "$dir/said" "$dir/complaints"; }
for xml in "corpus ${#promises[@]}" "seeds ${#seeds[@]}"; do
  [ "$(cases "$outputs/${xml% *}.xml")" = "${xml#* } 0 0" ] || failed "$xml: not one test case a trace"
done

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
echo "ok: ${#promises[@]} traces with a promise, ${#seeds[@]} without"
