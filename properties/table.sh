#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# table.sh CHECK KILLS PATCHES: PROPERTIES.md on stdout: each property of CHECK (properties/check) with its
# rule and citation, and the patches that it finds: rows "PROPERTY PATCH CASES" of KILLS (kills.tsv), and
# the "Fails:" lines of PATCHES, a folder. Read next: kill_table, table_test.sh.
set -euo pipefail
export LC_ALL=C

check=$1 kills=$2 patches=$3

echo "# Properties"
echo
echo "What each says, where the kernel says so, and the patches under which it fails; after a patch of"
echo "[bugs/](../bugs/README.md) or \`testdata/\` the number of cases that hold before the first that does not, in the"
echo "model with all fixes in. Without a number: in the model as the kernel is, whichever case it is. The suites of"
echo "that model were tried with twenty of the bugs, the others with all of them."
echo "Printed by \`properties/table.sh\` from the program and from \`kills.tsv\`; a test holds it to both."
echo
echo "| property | rule | kernel | patches |"
echo "|---|---|---|---|"
{ grep -v '^#' "$kills" || true
  for patch in "$patches"/*.patch; do
    name=$(basename "$patch" .patch)
    sed -n "s/^Fails: \(.*\)/\1\t$name\t-/p" "$patch"
  done
} | sort -u | awk -F'\t' '
  FNR == NR { found[$1] = found[$1] (found[$1] == "" ? "" : ", ") "`" $2 "`" ($3 == "-" ? "" : " (" $3 ")"); next }
  /^  / {
    text[++n] = substr($0, 3)
    gsub(/\|/, "\\|", text[n])
    if (n == 2) print "| `" name "` | " text[1] " | " text[2] " | " found[name] " |"
    next
  }
  { name = $0; n = 0 }
' - <("$check" --list)
