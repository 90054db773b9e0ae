# SPDX-License-Identifier: GPL-2.0-only
# The table of ci/coverage that goes by the kernel's functions, as HTML: reads model/provenance.tsv,
# the sources of model/ (which file has the port of a function) and what `llvm-cov report
# -show-functions` says of these files, names demangled; -v pages=PREFIX is where llvm-cov show
# put the page of a file. Least covered first, then by name. A function of a header that was never
# called has no row in the report: "never". Read next: ci/coverage, ci/coverage_selftest.
BEGIN { FS = "\t" }

FILENAME ~ /provenance\.tsv$/ {
  if (!/^#/ && $1 != "function" && NF >= 4) kernel[$1] = $2
  next
}
# The port has the kernel's name most often; what is below the comment is what the report names.
FILENAME ~ /\.(cc|h)$/ {
  if (match($0, /\/\/ Port of [A-Za-z_0-9]+\(\)/)) {
    pending = substr($0, RSTART + 11, RLENGTH - 13)
    next
  }
  if (pending == "" || /^[ \t]*\/\// || !match($0, /[A-Za-z_0-9~]+\(/)) next
  ports++
  name[ports] = pending; file[ports] = FILENAME; line[ports] = FNR
  port[FILENAME, substr($0, RSTART, RLENGTH - 1)] = ports
  pending = ""
  next
}
/^File '/ {
  at = $0
  sub(/^File '/, "", at); sub(/':.*/, "", at); sub(/^.*\/model\//, "model/", at)
  next
}
# NAME regions missed cover lines missed cover branches missed cover
/%/ && !/^TOTAL/ {
  words = split($0, word, /[ \t]+/)
  if (words < 10) next
  called = $0
  sub(/[ \t]+[0-9]+[ \t]+[0-9]+[ \t]+[0-9.]+%.*/, "", called)
  sub(/^.*::/, "", called)
  if (!((at, called) in port)) next
  i = port[at, called]
  # Overloads and instances add up.
  all_lines[i] += word[words - 5]; got_lines[i] += word[words - 5] - word[words - 4]
  all_branches[i] += word[words - 2]; got_branches[i] += word[words - 2] - word[words - 1]
}

function share(got, all) { return all ? sprintf("%.0f&nbsp;%% (%d/%d)", 100 * got / all, got, all) : "-" }
function key(i) {
  if (!all_lines[i]) return -1
  return got_lines[i] / all_lines[i] + (all_branches[i] ? got_branches[i] / all_branches[i] : 1)
}
function before(a, b) { return key(a) < key(b) || (key(a) == key(b) && name[a] <= name[b]) }
END {
  for (i = 1; i <= ports; i++) {
    for (j = i - 1; j >= 1 && !before(order[j], i); j--) order[j + 1] = order[j]
    order[j + 1] = i
  }
  print "<!doctype html><meta charset=utf-8><title>Coverage by kernel function</title>"
  print "<style>body{font:14px monospace} td,th{padding:0 1em;text-align:left}</style>"
  print "<p>Ported functions of the kernel, least covered first. <a href=index.html>By file</a>.</p>"
  print "<table><tr><th>kernel function<th>kernel file<th>port<th>lines<th>branch directions"
  for (j = 1; j <= ports; j++) {
    i = order[j]
    ran += got_lines[i] > 0
    printf "<tr><td>%s()<td>%s<td><a href=\"%s%s.html#L%d\">%s:%d</a><td>%s<td>%s\n", name[i], kernel[name[i]], pages,
           file[i], line[i], file[i], line[i], all_lines[i] ? share(got_lines[i], all_lines[i]) : "never",
           share(got_branches[i], all_branches[i])
  }
  printf "</table><p>%d of %d executed.</p>\n", ran, ports
}
