# SPDX-License-Identifier: GPL-2.0-only
# The report of ci/coverage: reads model/unreached.tsv, the sources of model/, the
# functions of an lcov file (names demangled) and what ci/branches.awk prints, sorted;
# writes out what ran and what did not, in an order that depends on the sources only. On
# stderr what model/unreached.tsv gets wrong; exit 1 if anything. Needs -v what=LINE.
# Read next: ci/coverage, ci/coverage_selftest.
#
# A direction is one outcome of a condition; those of a line are numbered along it, a
# macro's at the place of its name, once whatever templates make of it. Conditions of a CHECK are
# left out: that they never fail is their purpose; so is the default that a switch does not
# spell out. Those that were never evaluated in a function that ran lie behind a direction that
# was never taken, so they are counted and shown, but only that direction has to be explained.
BEGIN { FS = "\t"; OFS = "\t" }

FNR == 1 { in_check = 0; port = "" }

# --- model/unreached.tsv: function FILE NAME - REASON | branch FILE TEXT "N true" REASON |
# seldom and the same: it depends on the seed whether it is reached, so either is right, but
# of a branch no trace of corpus/ takes it, or the row would be none
FILENAME ~ /unreached\.tsv$/ {
  if (/^#/ || /^$/) next
  chance = $1 == "seldom"
  if (chance) $1 = $4 == "-" ? "function" : "branch"
  if (NF != 5 || $5 == "" || ($1 == "function" ? $4 != "-" : $1 != "branch" || $4 !~ /^[0-9]+ (true|false)$/)) {
    wrong(FILENAME ":" FNR ": want function FILE NAME - REASON, " \
          "or branch FILE TEXT \"N true|false\" REASON, or seldom for either")
    next
  }
  if (chance) seldom[$1, $2, $3, $4] = 1
  if (($1, $2, $3, $4) in listed) wrong(FILENAME ":" FNR ": a second row of this")
  listed[$1, $2, $3, $4] = FILENAME ":" FNR
  keys[++nkeys] = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4
  next
}

# --- sources: the text of each line, the function that a "Port of" comment is above
FILENAME ~ /\.(cc|h)$/ {
  line = $0
  gsub(/^[ \t]+|[ \t]+$/, "", line)
  text[FILENAME, FNR] = line
  if (line ~ /^\/\//) {
    if (match(line, /Port of [A-Za-z_0-9]+\(\)/)) port = substr(line, RSTART + 8, RLENGTH - 10)
    next
  }
  if (port != "") {
    ports++
    port_name[ports] = port; port_file[ports] = FILENAME; port_line[ports] = FNR
    port = ""
  }
  if (line ~ /(^|[^A-Za-z_])CHECK\(/) in_check = 1
  if (in_check) check[FILENAME, FNR] = 1
  if (line ~ /;/) in_check = 0
  next
}

# --- lcov
/^SF:/ { file = substr($0, 4); ours = file ~ /^model\// && file !~ /test/; next }
/^(DA|BRDA|BRF|BRH|LF|LH|FNF|FNH):/ || /^end_of_record/ { next }
!ours && /^FN/ { next }
/^FN:/ {
  at = substr($0, 4) + 0
  name = $0; sub(/^FN:[0-9]+,/, "", name)
  function_at[name] = at
  next
}
/^FNDA:/ {
  count = substr($0, 6) + 0
  name = $0; sub(/^FNDA:[0-9]+,/, "", name)
  id = file SUBSEP function_at[name]
  there["function", file, short(name), "-"] = 1
  if (!(id in ran)) { fns++; fn_file[fns] = file; fn_line[fns] = function_at[name]; fn_name[id] = short(name) }
  ran[id] += count
  next
}
# --- FILE LINE COLUMN END_LINE END_COLUMN N TRUE FALSE, of the corpus alone
FILENAME ~ /corpus_branches$/ {
  id = $1 SUBSEP $2 SUBSEP (++along_in_corpus[$1, $2])
  by_trace[id, "true"] = $7
  by_trace[id, "false"] = $8
  next
}
# --- the same, of all that ran
NF == 8 && /^model\// && $1 !~ /test/ {
  if (($1, $2) in check || text[$1, $2] ~ /^switch \(/) next
  id = $1 SUBSEP $2 SUBSEP (++along[$1, $2])
  order[++n] = id
  there["branch", $1, text[$1, $2], along[$1, $2] " true"] = 1
  there["branch", $1, text[$1, $2], along[$1, $2] " false"] = 1
  taken[id, "true"] = $7
  taken[id, "false"] = $8
}

function short(name) {
  sub(/^[a-z_0-9]+\.cc:/, "", name)
  gsub(/daxfuzz::kernel::|\(anonymous namespace\)::/, "", name)
  return name
}
function wrong(words) { print words >"/dev/stderr"; failed = 1 }
function expect_listed(kind, file, line, key, direction,   words) {
  unreached[kind, file, key, direction] = 1
  if ((kind, file, key, direction) in listed) return listed[kind, file, key, direction]
  words = file ":" line ": " (kind == "function" ? key "() is never reached" : "condition " direction " never: " key)
  wrong(words ", and model/unreached.tsv has no row for it")
  return "NOT LISTED"
}
function percent(part, all) { return all ? sprintf("%5.1f%%", 100 * part / all) : "    - " }

# The function that begins at a line, or soon after it if its type has a line.
function reached(file, line,   i) {
  for (i = line; i < line + 4; i++) if ((file, i) in ran) return ran[file, i] > 0
  return 0
}

END {
  print "# " what
  for (i = 1; i <= ports; i++) executed += reached(port_file[i], port_line[i])
  print "\n## Ported functions: " executed + 0 " of " ports + 0 " executed\n"
  for (i = 1; i <= ports; i++)
    print reached(port_file[i], port_line[i]) ? "executed" : "NEVER   ", port_name[i], port_file[i] ":" port_line[i]

  for (i = 1; i <= n; i++) {
    split(order[i], part, SUBSEP)
    if (!(part[1] in all)) files[++nfiles] = part[1]
    all[part[1]] += 2
    hit[part[1]] += (taken[order[i], "true"] > 0) + (taken[order[i], "false"] > 0)
  }
  print "\n## Branch directions taken\n"
  for (i = 1; i <= nfiles; i++) {
    print percent(hit[files[i]], all[files[i]]), hit[files[i]] "/" all[files[i]], files[i]
    hits += hit[files[i]]; sum += all[files[i]]
  }
  print percent(hits, sum), hits + 0 "/" sum + 0, "in all"

  print "\n## Functions of model/ never reached, with the row of model/unreached.tsv\n"
  for (i = 1; i <= fns; i++) {
    id = fn_file[i] SUBSEP fn_line[i]
    if (ran[id] == 0)
      print fn_file[i] ":" fn_line[i], fn_name[id],
            expect_listed("function", fn_file[i], fn_line[i], fn_name[id], "-")
  }
  ways[0] = "true"; ways[1] = "false"
  print "\n## Branch directions never taken, with the row of model/unreached.tsv\n"
  for (i = 1; i <= n; i++) {
    split(order[i], part, SUBSEP)
    for (way = 0; way < 2; way++)
      if (by_trace[order[i], ways[way]] + 0 == 0) beyond[part[1], text[part[1], part[2]], part[3] " " ways[way]] = 1
    yes = taken[order[i], "true"]; no = taken[order[i], "false"]
    if (yes == 0 && no == 0) { behind[++hidden] = order[i]; continue }
    if (yes && no) continue
    direction = part[3] (yes ? " false" : " true")
    row = expect_listed("branch", part[1], part[2], text[part[1], part[2]], direction)
    print part[1] ":" part[2], direction, text[part[1], part[2]], row
  }
  print "\n## Conditions never evaluated: in functions never reached or behind the above\n"
  for (i = 1; i <= hidden; i++) {
    split(behind[i], part, SUBSEP)
    print part[1] ":" part[2], part[3], text[part[1], part[2]]
  }
  for (i = 1; i <= nkeys; i++) if (!(keys[i] in unreached) && !((keys[i] in seldom) && (keys[i] in there))) {
    split(keys[i], part, SUBSEP)
    wrong(listed[keys[i]] ": is reached, or not there: " part[1] " " part[2] " " part[3] " " part[4])
  }
  for (i = 1; i <= nkeys; i++) if (keys[i] in seldom) {
    split(keys[i], part, SUBSEP)
    if (part[1] == "branch" && (keys[i] in there) && !((part[2], part[3], part[4]) in beyond))
      wrong(listed[keys[i]] ": not seldom: a trace of corpus/ takes it: " part[2] " " part[3] " " part[4])
  }
  exit failed
}
