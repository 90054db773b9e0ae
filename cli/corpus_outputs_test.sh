#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the corpus promises, as build servers want it: JUnit XML with one test case a trace, and of each trace
# that does not keep its promise the report, in the test's undeclared outputs. The promises themselves are also
# held by corpus/claims_test.cc and findings_test.cc. First a trace is made to break its promise.
# Usage: corpus_outputs_test.sh DAXFUZZ FILES...
set -euo pipefail
export LC_ALL=C
daxfuzz=$(realpath "$1")
shift
source cli/testing.sh
outputs=${TEST_UNDECLARED_OUTPUTS_DIR:-$dir/outputs}

# judge FOLDER FILES...: the XML and the reports go to FOLDER. The code is replay's.
judge() {
  local to=$1 code=0 file name
  shift
  "$daxfuzz" replay --expect --quiet --junit="$to/corpus.xml" "$@" >"$dir/said" 2>"$dir/complaints" || code=$?
  [ "$code" = 0 ] || for file in "$@"; do
    "$daxfuzz" replay --expect --quiet "$file" >"$dir/said.one" 2>&1 && continue
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
judge "$dir/planted" "$dir/broken.daxt" && failed "a broken promise is none"
[ "$(cases "$dir/planted/corpus.xml")" = "1 1 0" ] || failed "the broken promise is no failure"
says "$dir/planted/corpus.xml" "UNEXPECTED: the file says FAIL never-seen in nothing"
says "$dir/planted/broken.report.txt" "DAXFUZZ: "
judge "$dir/planted" "$dir/none.daxt" && failed "no trace is one"
[ "$(cases "$dir/planted/corpus.xml")" = "1 0 1" ] || failed "what cannot be read is no error"

judge "$outputs" "$@" || { failed "a promise is not kept:"; cat "$dir/said" "$dir/complaints"; }
[ "$(cases "$outputs/corpus.xml")" = "$# 0 0" ] || failed "not one test case a trace"

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
echo "ok: $# traces"
