#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The table of docs/findings/README.md of what only 6.0 and 6.1 do wrong agrees with the traces: each
# row's trace fails under legacy60, passes under legacy, and promises to pass under legacy60 with the
# row's switch alone, which the port has; each litmus trace that promises such a thing has its row.
# The promises are held by //corpus:findings_test. Read next: corpus/README.md, "What a file says".
set -euo pipefail
export LC_ALL=C

page=docs/findings/README.md folder=corpus/litmus
work=$TEST_TMPDIR

rows() { # PAGE: TRACE SWITCH a line
  sed -nE 's/^\| `corpus\/litmus\/([^`]*)` \| `([a-z0-9_]+=[a-z0-9_]+)` \| [^|]*[0-9a-f]{12}[^|]*\|$/\1 \2/p' "$1" |
    sort -u
}

# promises FILE PROTOCOL VERDICT: in its headers
promises() { grep -qE "^# expect +(without=[^ ]+ +)?$2 +$3" "$folder/$1"; }

# agrees PAGE: what is wrong, on stdout
agrees() {
  local trace switch file
  while read -r trace switch; do
    if [ ! -e "$folder/$trace" ]; then echo "$trace: there is no such trace"; continue; fi
    promises "$trace" legacy60 FAIL || echo "$trace does not fail under legacy60"
    promises "$trace" legacy PASS || echo "$trace does not pass under legacy"
    promises "$trace" "legacy60[+]$switch" PASS || echo "$trace does not promise to pass with $switch"
    grep -q "^| \[${switch%%=*}\](#" docs/protocols.md || echo "$switch: no such switch"
  done < <(rows "$1")
  for file in "$folder"/*.daxt; do
    grep -qE '^# expect +legacy60[+][a-z0-9_]+=[a-z0-9_]+ +PASS' "$file" || continue
    grep -qF "${file##*/} " <(rows "$1") || echo "${file##*/} passes with a switch of its own and has no row"
  done
}

wrong=$(agrees "$page")
[ -z "$wrong" ] || { printf 'FAIL the table and the traces:\n%s\n' "$wrong"; exit 1; }
count=$(rows "$page" | wc -l)
[ "$count" -ge 5 ] || { echo "FAIL $count rows: is the table there?"; exit 1; }

# planted WHAT WORDS SED: with the page changed so, it says these words.
planted() {
  sed -E "$3" "$page" >"$work/page.md"
  agrees "$work/page.md" >"$work/said"
  grep -qF -- "$2" "$work/said" || { echo "FAIL $1 is not seen"; cat "$work/said"; exit 1; }
  echo "ok $1"
}
planted 'a switch that does not mend it' 'does not promise to pass with cow_write=drops_dirty' \
  's/`cow_write=drops_clean`/`cow_write=drops_dirty`/'
planted 'a trace that is not there' 'there is no such trace' 's/dedupe-compares-the-first-extent/gone/'
planted 'a row that is missing' 'zeroing-of-a-shared-page-is-lost.daxt passes with a switch' \
  '/^\| `corpus\/litmus\/zeroing/d'
planted 'a row without its commit' 'dedupe-compares-the-first-extent.daxt passes with' 's/0e79e3736d54 //'
planted 'a switch that the port does not have' 'linux62=no: no such switch' 's/`linux61=no`/`linux62=no`/'
echo "ok: $count rows"
