#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# table_test.sh CHECK FOLDER: FOLDER/PROPERTIES.md is what table.sh prints, no property is without a patch
# that it finds, no patch and no kill names a property that there is not, and there are sixty or more.
set -euo pipefail
export LC_ALL=C

check=$1 folder=$2
status=0
complain() { echo "$1"; status=1; }

"$folder/table.sh" "$check" "$folder/kills.tsv" "$folder/testdata" >"$TEST_TMPDIR/table"
diff "$folder/PROPERTIES.md" "$TEST_TMPDIR/table" || complain "PROPERTIES.md is not what table.sh prints"
while IFS= read -r row; do complain "no patch is found by ${row%%|*}"; done < <(
  sed -n 's/^| `\([A-Za-z0-9.]*\)` .*|  |$/\1/p' "$TEST_TMPDIR/table")

"$check" --list | grep -v '^ ' | sort >"$TEST_TMPDIR/names"
{ sed -n 's/^\([A-Z][A-Za-z0-9.]*\)\t.*/\1/p' "$folder/kills.tsv"
  sed -n 's/^Fails: //p' "$folder"/testdata/*.patch; } | sort -u >"$TEST_TMPDIR/named"
unknown=$(comm -13 "$TEST_TMPDIR/names" "$TEST_TMPDIR/named")
[ -z "$unknown" ] || complain "no property is called: $unknown"
[ "$(wc -l <"$TEST_TMPDIR/names")" -ge 60 ] || complain "fewer than 60 properties"
exit $status
