#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# declared.sh targets: the cc_fuzz_tests of fuzz/BUILD, a label a line. declared.sh LABEL, as in
# fuzz:bytes_fuzz_test or trace:trace: what the BUILD files say of that cc_fuzz_test or cc_library,
# a line each: "source FILE" for every .cc that it is linked of, that is, its own and those of all
# that it depends on; "dict FILE", "options FILE", and "corpus FILES" or "corpus LABEL". In the top
# of the tree. A label that no file declares is an error, so a list of its own cannot rot.
# Read next: build.sh.
set -euo pipefail
export LC_ALL=C

[ $# = 1 ] || { echo "usage: declared.sh targets|FOLDER:NAME" >&2; exit 2; }
awk -v wanted="$1" '
  # What the BUILD file of this folder means by that: FOLDER:NAME, a constant, or a file.
  function meant(text) {
    if (text ~ /^:/) return folder text
    if (text ~ /^@|^[A-Z_]+$/) return text
    if (sub(/^\/\//, "", text)) {
      if (text !~ /:/) { name = text; sub(/.*\//, "", name); text = text ":" name }
      return text
    }
    return folder "/" text
  }
  # The strings of a line, and a constant that stands for a list.
  function take(owner, list, line) {
    sub(/^ *#.*/, "", line)
    if (match(line, /[= ][A-Z_]+,$/)) said[owner, list] = said[owner, list] " " substr(line, RSTART + 1, RLENGTH - 2)
    while (match(line, /"[^"]+"/)) {
      said[owner, list] = said[owner, list] " " meant(substr(line, RSTART + 1, RLENGTH - 2))
      line = substr(line, RSTART + RLENGTH)
    }
  }
  function declare(label) {
    if (label in known) die(label " is declared twice")
    known[label] = kind
    if (kind == "cc_fuzz_test" && FILENAME == "fuzz/BUILD") targets[++count] = label
  }
  # Constants become what they stand for.
  function values(owner, list,    text, all, i, n, word) {
    n = split(said[owner, list], word, " ")
    for (i = 1; i <= n; i++) {
      if (word[i] ~ /^[A-Z_]+$/ && !((word[i], "value") in said)) die(owner ": what is " word[i] "?")
      text = text " " (word[i] ~ /^[A-Z_]+$/ ? said[word[i], "value"] : word[i])
    }
    return text
  }
  function die(why) { print "declared.sh: " why >"/dev/stderr"; failed = 1; exit 1 }

  FNR == 1 { folder = FILENAME; sub(/\/.*/, "", folder); kind = owner = list = "" }
  /^[A-Z_]+ = \[/ { kind = "constant"; owner = $1; list = "value" }
  /^ *\[?[a-z_]+\($/ { kind = $0; gsub(/[^a-z_]/, "", kind); owner = list = names = "" }
  kind !~ /^(cc_library|cc_fuzz_test|constant)$/ { next }
  # One rule, or one for each name of a list below it.
  /^ *name = "[^"]+",$/ { split($0, part, "\""); owner = folder ":" part[2]; declare(owner); next }
  /^ *name = name \+ "[^"]+",$/ {
    split($0, part, "\""); suffix = part[2]; owner = "each"
    split("srcs deps dicts options corpus", part, " ")
    for (i in part) said[owner, part[i]] = ""
    next
  }
  owner == "each" && /^ *\) for name, [a-z]+ in \{$/ { names = $4; sub(/,$/, "", names); list = ""; next }
  names && /^}/ { names = owner = ""; next }
  names {
    split($0, part, "\"")
    label = folder ":" part[2] suffix
    declare(label)
    split("srcs deps dicts options corpus", attribute, " ")
    for (i in attribute) said[label, attribute[i]] = said["each", attribute[i]]
    said[label, "srcs"] = " " folder "/" part[2] suffix ".cc"
    sub(/^[^:]*:/, "")
    take(label, names, $0)
    next
  }
  owner && /^ *(srcs|deps|dicts|options|corpus) = / { list = $1; if (!/\[/) { take(owner, list, $0); list = "" } }
  owner && list { take(owner, list, $0); if (/\]/) list = "" }

  END {
    if (failed) exit 1
    if (wanted == "targets") { for (i = 1; i <= count; i++) print targets[i]; exit !count }
    if (!(wanted in known)) die("no BUILD file declares " wanted)
    queue[1] = wanted; last = 1; seen[wanted] = 1
    for (at = 1; at <= last; at++) {
      n = split(values(queue[at], "srcs"), file, " ")
      for (i = 1; i <= n; i++) if (file[i] ~ /\.cc$/) print "source " file[i]
      n = split(values(queue[at], "deps"), label_of, " ")
      for (i = 1; i <= n; i++) {
        if (label_of[i] in seen) continue
        if (!(label_of[i] in known)) die(queue[at] ": no BUILD file declares " label_of[i])
        seen[label_of[i]] = 1
        queue[++last] = label_of[i]
      }
    }
    split("dicts options corpus", attribute, " ")
    for (a = 1; a <= 3; a++) {
      n = split(values(wanted, attribute[a]), file, " ")
      for (i = 1; i <= n; i++) print (attribute[a] == "dicts" ? "dict" : attribute[a]), file[i]
    }
  }' */BUILD */*.bzl
