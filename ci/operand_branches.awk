# SPDX-License-Identifier: GPL-2.0-only
# Holds model/operand_branches.tsv against the sources and against what each trace of the
# corpus took. Input: model/operand_words.tsv, the table, the sources, then one file of lines
# TRACE and what ci/branches.awk prints of its run. Says what is wrong on stderr, exit 1 if anything.
# With -v write=1 prints the table anew: rows in the order of the sources, traces that still
# take their side kept, others looked for. With -v only=TRACE it asks one thing: does TRACE
# take every side that a row names it for? Read next: ci/operand_branches, its table.
BEGIN { FS = OFS = "\t" }

# --- the words
FILENAME ~ /operand_words\.tsv$/ {
  words = FILENAME
  if (/^#/ || /^$/) next
  if ($1 != "word" || NF != 4 || $4 == "") wrong(words ":" FNR ": want word NAME OPERANDS WHAT")
  if ($2 in word) wrong(words ":" FNR ": a second row of the word " $2)
  word[$2] = FNR
  next
}

# --- the table
FILENAME ~ /operand_branches\.tsv$/ {
  table = FILENAME
  if (/^#/ || /^$/) { head[++heads] = $0; next }
  if ($1 == "state" && NF == 5 && $5 != "" || $1 == "side" && NF == 6 ||
      $1 == "branch" && (NF == 6 || NF == 7 && ($5 == "-" || $6 == "-"))) {
    id = $2 SUBSEP $3 SUBSEP $4
    if (id in row) wrong(table ":" FNR ": a second row of this condition")
    row[id] = FNR; kind[id] = $1
    yes[id] = $1 == "state" ? "" : $5; no[id] = $6; why[id] = $1 == "state" ? $5 : $7
    named[yes[id]] = named[no[id]] = 1
    if ($1 == "branch" && ($5 == "-" || $6 == "-") && ($7 == "" || $7 == "WHY"))
      wrong(table ":" FNR ": a side without trace needs a reason")
    ids[++nids] = id
    next
  }
  wrong(table ":" FNR ": want branch FILE CONDITION N TRUE FALSE [REASON], " \
        "side FILE CONDITION N TRUE FALSE or state FILE CONDITION N REASON")
  next
}

# --- the sources: what a condition's place says, and which statements assert
FILENAME ~ /\.(cc|h)$/ {
  text[FILENAME, FNR] = $0
  if (FNR == 1) asserts = 0
  if ($0 ~ /(^|[^A-Za-z_])(CHECK|WARN_ON_ONCE|BUG_ON)\(/) asserts = 1
  if (asserts || $0 ~ /^ *switch \(/) not_asked[FILENAME, FNR] = 1
  if ($0 ~ /;/) asserts = 0
  next
}

# --- what the traces took: TRACE FILE LINE COLUMN END_LINE END_COLUMN N TRUE FALSE
$7 != 0 || ($2, $3) in not_asked || ($2 !~ /^model\// && $2 != "exec/ops.cc") || $2 ~ /test/ { next }
{
  place = $2 SUBSEP $3 SUBSEP $4 SUBSEP $5 SUBSEP $6
  if (!(place in seen)) { seen[place] = 1; places[++nplaces] = place }
  if (!($1 in known)) { known[$1] = 1; traces[++ntraces] = $1 }
  if ($8 > 0) took[place, $1, "true"] = 1
  if ($9 > 0) took[place, $1, "false"] = 1
}

function wrong(message) { print message >"/dev/stderr"; failed = 1 }

# The words between two places, blanks squeezed.
function condition(place,   at, i, from, all) {
  split(place, at, SUBSEP)
  for (i = at[2] + 0; i <= at[4] + 0; i++) {
    from = i == at[2] ? at[3] : 1
    all = all " " substr(text[at[1], i], from, i == at[4] ? at[5] - from : 999)
  }
  gsub(/[ \t]+/, " ", all)
  return substr(all, 2)
}
function asked(file, text_of,   n, i, names, found) {
  if (file == "exec/ops.cc") return 1
  if (file ~ /^model\/xarray/) return 0
  gsub(/"[^"]*"/, "", text_of)
  gsub(/[^A-Za-z_0-9]+/, " ", text_of)
  n = split(text_of, names, " ")
  for (i = 1; i <= n; i++) if (names[i] in word) found = used[names[i]] = 1
  return found
}
# With -v only: the sides of a row that names that trace.
function only_named(place, id) {
  if (yes[id] == only) only_side(place, "true")
  if (no[id] == only) only_side(place, "false")
}
function only_side(place, which) {
  sides++
  if (!((place, only, which) in took)) wrong(where ": " only " does not make it " which ": " label)
}
# The trace of a row if it takes the side, else with write=1 the first that does.
function side(place, id, which, trace,   i) {
  if (trace != "" && trace != "-" && (place, trace, which) in took) return trace
  for (i = 1; i <= ntraces; i++) if ((place, traces[i], which) in took) {
    if (write) return traces[i]
    if (trace == "-") wrong(where ": " traces[i] " makes it " which ", which has a reason not to be: " label)
    else wrong(where ": " trace " does not make it " which ": " label)
    return trace
  }
  if (trace != "-" && !write) wrong(where ": no trace makes it " which ": " label)
  return "-"
}

END {
  if (nplaces == 0) wrong("no branches: did nothing run?")
  for (i = 1; i <= heads; i++) if (write) print head[i]
  for (p = 1; p <= nplaces; p++) {
    split(places[p], at, SUBSEP)
    label = condition(places[p])
    nth = ++times[at[1], label]
    id = at[1] SUBSEP label SUBSEP nth
    where = at[1] ":" at[2]
    if (only != "") { only_named(places[p], id); continue }
    is_asked = asked(at[1], label)
    if (!is_asked && kind[id] != "side") continue
    there[id] = 1
    if (!(id in row) && !write) { wrong(where ": " table " has no row for: " label); continue }
    if (kind[id] == "side") {
      if (write) { print "side", at[1], label, nth, yes[id], no[id]; continue }
      if (is_asked) wrong(where ": " table " has a side of a condition on an operand: " label)
      if (yes[id] != "*") side(places[p], id, "true", yes[id])
      if (no[id] != "*") side(places[p], id, "false", no[id])
      continue
    }
    if (kind[id] == "state") { if (write) print "state", at[1], label, nth, why[id]; continue }
    t = side(places[p], id, "true", yes[id])
    f = side(places[p], id, "false", no[id])
    if (!write) continue
    line = "branch" OFS at[1] OFS label OFS nth OFS t OFS f
    print line (t == "-" || f == "-" ? OFS (why[id] == "" ? "WHY" : why[id]) : "")
  }
  if (only != "") {
    if (sides == 0) wrong(only ": no row of " table " names it, or none whose condition is there")
    exit failed
  }
  for (i = 1; i <= ntraces; i++) if (traces[i] ~ /^branches\// && !(traces[i] in named) && !write)
    wrong(traces[i] ": no row of " table " names it: which side is it for?")
  for (i = 1; i <= nids; i++) if (!(ids[i] in there) && !write) {
    split(ids[i], part, SUBSEP)
    wrong(table ":" row[ids[i]] ": no such condition" (kind[ids[i]] == "side" ? "" : " on an operand") ": " part[2])
  }
  for (name in word) if (!(name in used) && !write) wrong(words ":" word[name] ": no condition has the word " name)
  exit failed
}
