#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# flags_test.sh DEFAULT BIN...: each NAME_bin, called ENGINE-SANITIZER, is what its flags asked for: it is
# that engine, has that sanitizer's runtime and no other, passes its seed and dies of its word; asan is ASan
# alone. Without flags it is libFuzzer with ASan and UBSan. Read next: asked.bzl, bazel/fuzz.bzl.
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
# libFuzzer brings UBSan's runtime along, whatever was compiled for it.
ubsan() { ! "$1" "$work/overflow" >"$work/said" 2>&1 && grep -q 'signed integer overflow' "$work/said"; }
sanitizer() {
  local found
  llvm-nm-19 "$1" >"$work/symbols"
  if grep -qE ' T __asan_init$' "$work/symbols"; then found=asan
  elif grep -qE ' T __tsan_init$' "$work/symbols"; then found=tsan
  else found=none; fi
  if ubsan "$1"; then found=${found#none}-ubsan; fi
  echo "${found#-}"
}
looks() { # PROGRAM ENGINE SANITIZER
  [ "$(engine "$1")" = "$2" ] || die "$1: $(engine "$1"), not $2"
  [ "$(sanitizer "$1")" = "$3" ] || die "$1: $(sanitizer "$1"), not $3"
  "$1" "$work/seed" >"$work/said" 2>&1 || die "$1: the seed does not pass"
  ! "$1" "$work/boom" >"$work/said" 2>&1 || die "$1: its word is nothing to it"
}
looks "$default" libfuzzer asan-ubsan
# And not a second copy of it, which would take as many minutes.
[ "$(basename "$default")" = mounted_fuzz_test_libfuzzer ] || die "the default is $default"
for bin; do
  name=$(basename "$bin")
  looks "$bin" "${name%%-*}" "${name#*-}"
done
echo "$# engines with sanitizers, and the default"
