#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# links_test.sh README: every page names things that are there. Checked in README.md,
# CONTRIBUTING.md, the pages of docs/ and the README.md of each folder:
#   - the target of every relative link, and the heading of its #fragment,
#   - every `path` in backticks or in an indented or fenced line that begins with a
#     folder of the tree and a slash; NAME, FILE, TARGET, <x>, * and ... stand for anything.
#   - every test case `Suite.Name` of docs/adding.md.
# And what must be named: each page of docs/ from README.md or another page, each
# finding of corpus/findings from README.md.
#
# Looks at the checkout itself, to which Bazel's copy of README is a symbolic link;
# its rule is `external`, so that the verdict is never an old one.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(realpath "$1")")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

# GitHub's anchor of a heading: lower case, punctuation gone, blanks to dashes.
anchors() { sed -n 's/^#\{1,6\} //p' "$1" | tr -d '`' | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'; }

# Links may be broken within their text, never within their target.
targets() { grep -oE '\]\([^)]*\)' "$1" | sed 's/^](//; s/)$//' || true; }

check_link() { # PAGE TARGET
  local file=${2%%#*} fragment=
  case $2 in http://* | https://* | mailto:*) return 0 ;; *'#'*) fragment=${2#*#} ;; esac
  if [ -n "$file" ]; then file=$(dirname "$1")/$file; else file=$1; fi
  [ -e "$file" ] || { fail "$1: link to $2, which is not there"; return 0; }
  [ -z "$fragment" ] || anchors "$file" | grep -qxF -- "$fragment" || fail "$1: $2: no such heading"
}

folders=$(find . -maxdepth 1 -type d -name '[a-z]*' ! -name 'bazel-*' ! -name out -printf '%f|' | sed 's/|$//')

# Words that look like a path of the tree. Kernel paths (fs/, mm/, ...) are not: no
# folder here has their names.
paths() {
  grep -oE "(^|[^A-Za-z0-9_./-])($folders)/[A-Za-z0-9_.*/<>{},-]*" "$1" |
    sed -E 's/^[^a-z]//; s/[.,]+$//' | sort -u || true
}

check_path() { # PAGE PATH
  local path=${2%/...}
  case $path in
    *NAME* | *FILE* | *TARGET* | *'<'* | *'{'* | *NNN* | *X.* ) return 0 ;;
    *'*'*) compgen -G "$path" >/dev/null || fail "$1: $2 matches nothing" ;;
    *) [ -e "$path" ] || fail "$1: names $2, which is not there" ;;
  esac
}

pages=(README.md CONTRIBUTING.md)
while IFS= read -r page; do pages+=("${page#./}"); done < <(
  find docs -name '*.md'
  find . -mindepth 2 -maxdepth 2 -name README.md ! -path './bazel-*' ! -path './out/*' ! -path './.*/*'
)

links=0
for page in "${pages[@]}"; do
  while IFS= read -r target; do
    links=$((links + 1))
    check_link "$page" "$target"
  done < <(targets "$page")
  while IFS= read -r path; do check_path "$page" "$path"; done < <(paths "$page")
done
[ "$links" -gt 10 ] || fail "only $links links were found: is the search broken?"

# A test case is a TEST, a TEST_P or a property.
mapfile -t tests < <(find $(tr '|' ' ' <<<"$folders") -name '*_test.cc')
while IFS= read -r one; do
  grep -qE "^(TEST|TEST_P|TEST_F|RC_GTEST_PROP)\(${one%.*}, ${one#*.}[,)]" "${tests[@]}" ||
    fail "docs/adding.md: no test $one"
done < <(grep -oE '`[A-Z][A-Za-z]+\.[A-Z][A-Za-z]+`' docs/adding.md | tr -d '`' | sort -u)

# linked PAGE...: the files that these pages link to, one a line.
linked() {
  local page
  for page in "$@"; do
    targets "$page" | sed 's/#.*//' | sed "s|^|$(dirname "$page")/|" | xargs -r -d '\n' realpath -m
  done
}
linked "${pages[@]}" >"$work/linked"
linked README.md >"$work/from_readme"
while IFS= read -r page; do
  grep -qxF "$(realpath "$page")" "$work/linked" || fail "no page links to $page"
done < <(find docs -name '*.md')
for finding in corpus/findings/*.daxt; do
  name=$(basename "$finding" .daxt)
  grep -qxF "$(realpath -m "docs/findings/$name.md")" "$work/from_readme" ||
    fail "README.md does not link to docs/findings/$name.md"
done

[ "$failures" = 0 ] || { echo "$failures failures"; exit 1; }
echo "ok: ${#pages[@]} pages, $links links"
