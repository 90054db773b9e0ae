#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What apply_patch.sh must refuse: a patch that does not fit, a rule that names
# other files than the patch touches, a file that is no diff. A refusal leaves
# nothing to compile. Read next: bazel/apply_patch.sh.
set -euo pipefail

apply=$1 dir=bazel/testdata
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$apply" "$out/good" $dir/counter_off_by_one.patch $dir/counter.cc
grep -q 'value <= limit()' "$out/good/counter.cc"

{ echo '// patched before'; cat $dir/counter.cc; } >"$out/before.cc"
"$apply" "$out/twice" $dir/counter_off_by_one.patch "$dir/counter.cc=$out/before.cc"
grep -q 'value <= limit()' "$out/twice/counter.cc"
grep -q 'patched before' "$out/twice/counter.cc"

refuses() { # WORDS ARGUMENTS...
  local words=$1 said
  shift
  if said=$("$apply" "$out/bad" "$@" 2>&1); then
    echo "accepted: $*" >&2
    exit 1
  fi
  case $said in
    *"$words"*) ;;
    *) echo "wanted '$words', got '$said'" >&2; exit 1 ;;
  esac
  [ ! -e "$out/bad" ] || { echo "left an output behind: $*" >&2; exit 1; }
}

sed 's/int steps = 0/int steps = 7/' $dir/counter_off_by_one.patch >"$out/stale.patch"
refuses 'does not apply' "$out/stale.patch" $dir/counter.cc
refuses 'but its rule names' $dir/counter_off_by_one.patch $dir/limit.cc
refuses 'but its rule names' $dir/counter_off_by_one.patch $dir/counter.cc $dir/limit.cc
refuses 'is it a unified diff' $dir/limit.cc $dir/counter.cc
