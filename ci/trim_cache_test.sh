#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ci/trim_cache on a folder of its own: what was used last stays, by reading or by writing.
set -euo pipefail
folder=$TEST_TMPDIR/cache
mkdir -p "$folder/ac"
failed=0
expect() { # WHAT WANTED FOUND
  [ "$2" = "$3" ] || { echo "FAIL $1: expected '$2', found '$3'"; failed=1; }
}
entry() { # NAME DAY-WRITTEN DAY-READ
  head -c 1000000 /dev/zero >"$folder/$1"
  touch -m -d "2020-01-$2" "$folder/$1"
  touch -a -d "2020-01-$3" "$folder/$1"
}
left() { (cd "$folder" && find . -type f -printf '%P ' | tr ' ' '\n' | sort | xargs); }

entry old 01 01
entry ac/read 02 09
entry written 08 08
entry middle 05 05
expect "room for all: words" "" "$(ci/trim_cache "$folder" 4 2>&1)"
expect "room for all" "ac/read middle old written" "$(left)"
expect "words" "trim_cache: 2 entries deleted to keep within 2 MB" "$(ci/trim_cache "$folder" 2 2>&1)"
expect "the last used stay" "ac/read written" "$(left)"
ci/trim_cache "$folder" 0 2>/dev/null
expect "room for none" "" "$(left)"
expect "no folder" "" "$(ci/trim_cache "$folder/none" 1 2>&1)"
status=0
ci/trim_cache "$folder" 2>/dev/null || status=$?
expect "usage" 2 "$status"
exit "$failed"
