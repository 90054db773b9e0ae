#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# table_test.sh CHECK FOLDER: what FOLDER says of properties is so. PROPERTIES.md is what table.sh prints; no property
# is without a patch that it finds, and without a test that it does (kills.bzl, defects.bzl); no patch and no kill names
# a property that there is not; there are sixty or more. COSTS.md has each of them, with counts that a few are
# asked for again. SHRUNK.md has ten bugs, none more than two ops over the minimiser's. Read next: table_selftest.sh.
set -euo pipefail
export LC_ALL=C

check=$1 folder=$2
work=$(mktemp -d "$TEST_TMPDIR/table-XXXXXX")
status=0
complain() { echo "$1"; status=1; }
each() { # WHAT: a complaint for each line of stdin
  while IFS= read -r line; do complain "$1 $line"; done
}
# "PROPERTY PATCH" of the lists of a .bzl file whose entries are indented by so many blanks.
pairs() { # FILE INDENT
  sed -n -e 's/^    "\([a-z0-9_-]*\)": .*/=\1/p' -e "s/^ \{$2\}\"\([A-Z][A-Za-z0-9]*\.[A-Za-z0-9]*\)\",\$/\1/p" "$1" |
    awk '/^=/ { patch = substr($0, 2); next } { print $0 " " patch }' | sort
}

"$folder/table.sh" "$check" "$folder/kills.tsv" "$folder/testdata" >"$work/table"
diff "$folder/PROPERTIES.md" "$work/table" || complain "PROPERTIES.md is not what table.sh prints"
each "no patch is found by" < <(sed -n 's/^| `\([A-Za-z0-9.]*\)` .*|  |$/\1/p' "$work/table")

"$check" --list | grep -v '^ ' | sort >"$work/names"
sed -n 's/^\([A-Z][A-Za-z0-9.]*\)\t\([^\t]*\)\t.*/\1 \2/p' "$folder/kills.tsv" | sort >"$work/found"
for patch in "$folder"/testdata/*.patch; do
  sed -n "s/^Fails: \(.*\)/\1 $(basename "$patch" .patch)/p" "$patch"
done | sort >"$work/fails"
each "no property is called:" < <(cut -d' ' -f1 "$work/found" "$work/fails" | sort -u | comm -13 "$work/names" -)
[ "$(wc -l <"$work/names")" -ge 60 ] || complain "fewer than 60 properties"

pairs "$folder/kills.bzl" 8 >"$work/kills"
pairs "$folder/defects.bzl" 12 >"$work/defects"
each "kills.bzl has what kills.tsv does not say:" < <(comm -23 "$work/kills" "$work/found")
each "defects.bzl and the Fails: lines differ:" < <(comm -3 "$work/defects" "$work/fails" | tr -d '\t')
sed -n '/^MEANT/,/^}/s/^    "\([A-Za-z0-9.]*\)": "\(.*\)",$/\1 \2/p' "$folder/defects.bzl" | sort >"$work/meant"
each "MEANT has what no test does:" < <(comm -23 "$work/meant" "$work/kills")
each "no test has a defect for" < <(cut -d' ' -f1 "$work/kills" "$work/defects" | sort -u | comm -23 "$work/names" -)

sed -n 's/^| `\([A-Za-z0-9.]*\)` | \([0-9]*\) | \([0-9]*\) | [0-9]* |$/\1 \2 \3/p' "$folder/COSTS.md" >"$work/costs"
each "COSTS.md and the program differ in" < <(cut -d' ' -f1 "$work/costs" | sort | comm -3 "$work/names" - | tr -d '\t')
"$check" Entries Medium Log |
  sed -n 's/^ok [0-9]* \([A-Za-z0-9.]*\) # \([0-9]*\) cases, \([0-9]*\) executions$/\1 \2 \3/p' >"$work/asked"
[ "$(wc -l <"$work/asked")" -ge 9 ] || complain "Entries, Medium and Log do not hold"
each "COSTS.md has other counts than" < <(sort "$work/asked" | comm -23 - <(sort "$work/costs"))

row='^| `[0-9a-z-]*` | [^|]* | [0-9]* | \([0-9]*\) | \([0-9]*\) | [0-9]* | [0-9]* |$'
sed -n "s/$row/\1 \2/p" "$folder/SHRUNK.md" >"$work/shrunk"
[ "$(wc -l <"$work/shrunk")" -ge 10 ] || complain "SHRUNK.md has fewer than ten bugs"
each "shrunk, and minimized, in SHRUNK.md:" < <(awk '$1 > $2 + 2' "$work/shrunk")
exit $status
