#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# findings_test.sh README: docs/findings keeps step with corpus/findings and fixes/. Every trace
# has a page and a row; both name the signature of its verdict; every page names a
# patch whose header names the trace; and no page or row is about a trace that is gone.
#
# Looks at the checkout itself, to which Bazel's copy of README is a symbolic link, as
# links_test.sh does. Read next: docs/findings/README.md.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(realpath "$1")")"

table=docs/findings/README.md
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

traces=0
for trace in corpus/findings/*.daxt; do
  traces=$((traces + 1))
  name=$(basename "$trace" .daxt)
  page=docs/findings/$name.md
  signature=$(sed -n 's/^# verdict *FAIL //p' "$trace")
  [ -n "$signature" ] || fail "$trace: no verdict"
  grep -qF "| [$name]($name.md) |" "$table" || fail "$table: no row for $name"
  grep -F "| [$name](" "$table" | grep -qF "| $signature |" || fail "$table: $name: not '$signature'"
  [ -f "$page" ] || { fail "$page is not there"; continue; }
  grep -qF "\`$signature\`" "$page" || fail "$page: does not name \`$signature\`"
  grep -qF "daxfuzz replay $trace" "$page" || fail "$page: does not say how to replay $trace"
  patch=$(grep -oE 'fixes/[a-z-]+[.]patch' "$page" | head -1) || true
  grep -qxF "Finding: $trace" "${patch:-/dev/null}" || fail "$page: ${patch:-no patch} is not its fix"
done
[ "$traces" -gt 0 ] || fail "no traces"

for page in docs/findings/*.md; do
  [ "$page" = "$table" ] || [ -f "corpus/findings/$(basename "$page" .md).daxt" ] ||
    fail "$page: its trace is gone"
done
rows=$(grep -c '^| \[' "$table")
[ "$rows" -eq "$traces" ] || fail "$table: $rows rows, $traces traces"

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
echo "ok: $traces findings"
