#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Pages show what the command prints: every fenced block that begins with
# "$ daxfuzz ..." must be that line and what it writes to stdout. The Tool line of a
# report names compiler and sanitizer, and is compared up to its version only.
#
#   examples_test.sh DAXFUZZ PAGE...            compares
#   examples_test.sh --update DAXFUZZ PAGE...   writes the blocks anew:
#       bazel run //docs:examples_test -- --update
#
# Runs at the top of the tree, for traces are named from there.
set -euo pipefail

update=0
args=()
for arg in "$@"; do
  if [ "$arg" = --update ]; then update=1; else args+=("$arg"); fi
done
daxfuzz=$(realpath "${args[0]}")
[ "$update" = 0 ] || cd "${BUILD_WORKSPACE_DIRECTORY:-.}"
unset BUILD_WORKING_DIRECTORY
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/examples-XXXXXX")
trap 'rm -rf "$work"' EXIT

# The page on stdin with its examples as they are now. Exit codes of the command are
# no matter here (a finding is 1), but it must have been run: 2 and above are not.
rewritten() {
  local line output code in=0
  while IFS= read -r line; do
    if [ "$in" = 1 ]; then
      [ "$line" != '```' ] || { in=0; echo "$line"; }
      continue
    fi
    echo "$line"
    [[ $previous = '```' && $line = '$ daxfuzz '* ]] || { previous=$line; continue; }
    previous=$line in=1 code=0
    read -r -a words <<<"${line#'$ daxfuzz '}"
    "$daxfuzz" "${words[@]}" >"$work/out" 2>"$work/err" </dev/null || code=$?
    [ "$code" -le 1 ] || { echo "$line: exit code $code:" >&2; cat "$work/out" "$work/err" >&2; return 1; }
    cat "$work/out"
    echo run >>"$work/count"
  done
  [ "$in" = 0 ] || { echo "a block does not end" >&2; return 1; }
}

same_tool() { sed 's/^\(Tool: *daxfuzz [0-9.]*\), .*/\1/'; }

status=0
for page in "${args[@]:1}"; do
  : >"$work/count"
  previous=
  rewritten <"$page" >"$work/page"
  examples=$(wc -l <"$work/count")
  [ "$examples" -gt 0 ] || { echo "FAILED: $page has no example"; status=1; continue; }
  if diff -u --label "$page" --label "what the command prints" \
    <(same_tool <"$page") <(same_tool <"$work/page") >"$work/diff"; then
    echo "ok $page: $examples examples"
  elif [ "$update" = 1 ]; then
    cat "$work/page" >"$page"
    echo "written: $page"
  else
    cat "$work/diff"
    echo "FAILED: $page; to write it anew: bazel run //docs:examples_test -- --update"
    status=1
  fi
done
exit $status
