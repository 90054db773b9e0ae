# SPDX-License-Identifier: GPL-2.0-only
# The branch conditions of a JSON file of `llvm-cov export -skip-functions`, one a line:
# FILE LINE COLUMN END_LINE END_COLUMN N TRUE FALSE, with tabs, unsorted. N is 0, or where a
# macro has conditions of its own its place among them, all at the place of the macro's name.
# TRUE and FALSE are how often; what templates do under several names is added up.
# Read next: ci/coverage.awk, ci/operand_branches.
BEGIN { RS = "\"branches\":"; OFS = "\t" }

# A list ends a macro ("filenames" follow) or a file, whose name comes after its macros.
/^\[/ {
  end = /^\[\]/ ? 2 : index($0, "]]") + 1
  n = end == 2 ? 0 : split(substr($0, 3, end - 4), rows, /\],\[/)
  rest = substr($0, end + 1)
  if (rest ~ /^,"filenames"/) {
    match(rest, /"source_region":\[[0-9]+,[0-9]+,[0-9]+,[0-9]+/)
    split(substr(rest, RSTART + 17, RLENGTH - 17), region, ",")
    for (i = 1; i <= n; i++) {
      split(rows[i], b, ",")
      add(region[1] OFS region[2] OFS region[3] OFS region[4] OFS i, b[5], b[6])
    }
  } else {
    for (i = 1; i <= n; i++) {
      split(rows[i], b, ",")
      add(b[1] OFS b[2] OFS b[3] OFS b[4] OFS 0, b[5], b[6])
    }
  }
}
match($0, /"filename":"[^"]*"/) {
  file = substr($0, RSTART + 12, RLENGTH - 13)
  for (key in yes) print file, key, yes[key], no[key]
  split("", yes); split("", no)
}

function add(key, taken, not_taken) {
  yes[key] += taken
  no[key] += not_taken
}
