#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# flags_test.sh DEFAULT BIN...: each NAME_bin, called ENGINE-SANITIZER, is what its flags asked for: it is
# that engine, has that sanitizer's runtime and no other, passes its seed and dies of its word. Without
# flags it is libFuzzer with ASan and UBSan. Read next: asked.bzl, bazel/fuzz.bzl.
set -euo pipefail
export LC_ALL=C

default=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { cat "$work/said" >&2; echo "FAILED: $*" >&2; exit 1; }
echo seed >"$work/seed"
printf boom >"$work/boom"
printf overflow >"$work/overflow"
unset ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS

# engine PROGRAM, sanitizer PROGRAM: by what is linked into it.
engine() {
  llvm-nm-19 "$1" >"$work/symbols"
  if grep -q ' __afl_persistent_loop$' "$work/symbols"; then echo aflpp
  elif grep -q 'N6fuzzer12FuzzerDriver' "$work/symbols"; then echo libfuzzer
  else echo replay; fi
}
sanitizer() {
  llvm-nm-19 "$1" >"$work/symbols"
  if grep -qE ' T __asan_init$' "$work/symbols"; then echo asan
  elif grep -qE ' T __tsan_init$' "$work/symbols"; then echo tsan
  # libFuzzer brings its runtime along, whatever was compiled for it.
  elif ! "$1" "$work/overflow" >"$work/said" 2>&1 && grep -q 'signed integer overflow' "$work/said"; then echo ubsan
  else echo none; fi
}
looks() { # PROGRAM ENGINE SANITIZER
  [ "$(engine "$1")" = "$2" ] || die "$1: $(engine "$1"), not $2"
  [ "$(sanitizer "$1")" = "$3" ] || die "$1: $(sanitizer "$1"), not $3"
  "$1" "$work/seed" >"$work/said" 2>&1 || die "$1: the seed does not pass"
  ! "$1" "$work/boom" >"$work/said" 2>&1 || die "$1: its word is nothing to it"
}
looks "$default" libfuzzer asan
! "$default" "$work/overflow" >"$work/said" 2>&1 && grep -q 'signed integer overflow' "$work/said" ||
  die "the default is without UBSan"
for bin; do
  name=$(basename "$bin")
  looks "$bin" "${name%-*}" "${name#*-}"
done
echo "$# engines with sanitizers, and the default"
