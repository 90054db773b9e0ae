#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# table_test.sh README DEFECT=CLAIM...: the table of README.md, the pairs that are
# tested, the claims in the sources and the `Fails:` lines of the patches are the same
# list. Prints what is in one and not in another. Read next: README.md.
set -euo pipefail
export LC_ALL=C

readme=$1
shift
folder=$(dirname "$readme")
status=0

# same NAME LIST NAME LIST
same() {
  local difference
  difference=$(diff <(sort -u <<<"$2") <(sort -u <<<"$4")) && return
  echo "only in $1 (<) or only in $3 (>):"
  grep '^[<>]' <<<"$difference" || true
  status=1
}

tested=$(printf '%s\n' "$@")
# Rows: | `Suite.Claim` | what it says | `defect`, `defect` |
rows=$(grep -E '^\| `[A-Z]' "$readme")
table=$(awk -F'|' '{ gsub(/[ `]/, "", $2); gsub(/[ `]/, "", $4)
                     n = split($4, d, ","); for (i = 1; i <= n; i++) print d[i] "=" $2 }' <<<"$rows")
patches=$(for patch in "$folder"/testdata/*.patch; do
  name=$(basename "$patch" .patch)
  sed -n "s/^Fails: \(.*\)/$name=\1/p" "$patch"
done)
sources=$(sed -n 's/^TEST(\([A-Za-z]*\), \([A-Za-z]*\)).*/\1.\2/p' "$folder"/*_properties_test.cc)

same "the table" "$table" "the tests" "$tested"
same "the patches" "$patches" "the tests" "$tested"
same "the sources" "$sources" "the tests" "$(sed 's/.*=//' <<<"$tested")"
exit $status
