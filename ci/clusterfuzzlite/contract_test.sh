#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# contract_test.sh README: plays the part of a fuzzing service for build.sh. It builds two small
# targets, which need no model and so no minutes, with a compiler and flags of its own that are
# noted; then, with the tree gone, another working directory and an empty environment: each target
# starts on its seed corpus, takes its options, and a crash is found and reproduced from OUT
# alone. What the service would refuse is refused here: planted below. Read next: build.sh.
set -euo pipefail

tree=$(cd "$(dirname "$(realpath "$1")")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

mkdir "$work/src" "$work/src/daxfuzz" "$work/obj" "$work/out" "$work/cwd"
for folder in bazel ci corpus fuzz model properties report sched oracle exec trace; do
  cp -rL "$tree/$folder" "$work/src/daxfuzz/"
done
cat >"$work/cxx" <<'CXX'
#!/bin/sh
echo "$@" >>"$(dirname "$0")/calls"
exec clang++-19 "$@"
CXX
chmod +x "$work/cxx"
flags="-O1 -gline-tables-only -fno-omit-frame-pointer -fsanitize=address -fsanitize=fuzzer-no-link -DOF_THE_SERVICE"
build() { # SANITIZER TARGETS
  (cd "$work/cwd" && env -i PATH="$PATH" SRC="$work/src" WORK="$work/obj" OUT="$work/out" CC=clang-19 CXX="$work/cxx" \
    CFLAGS="$flags" CXXFLAGS="$flags" LIB_FUZZING_ENGINE=-fsanitize=fuzzer SANITIZER="$1" \
    DAXFUZZ_TARGETS="$2" FUZZING_ENGINE=libfuzzer FUZZING_LANGUAGE=c++ ARCHITECTURE=x86_64 \
    bash -eu "$work/src/daxfuzz/ci/clusterfuzzlite/build.sh")
}
build address "bytes planted" >"$work/log" 2>&1 || { tail -n 30 "$work/log"; fail "build.sh: exit code $?"; }

# The service's compiler and flags, for each object and each target; its engine, for each target.
objects=$(grep -c -- ' -c .*\.cc ' "$work/calls")
[ "$(grep -- ' -c .*\.cc ' "$work/calls" | grep -c -- -DOF_THE_SERVICE)" = "$objects" ] ||
  fail "an object without CXXFLAGS"
[ "$(wc -l <"$work/obj/sources")" = "$objects" ] || fail "$objects objects of $(wc -l <"$work/obj/sources") sources"
[ "$(grep -c -- "-DOF_THE_SERVICE.*-fsanitize=fuzzer -o $work/out/" "$work/calls")" = 2 ] ||
  fail "a target without its engine"
[ -z "$(find "$work/src" -newer "$work/cxx" -name '*.o')" ] || fail "objects in the tree"

mkdir "$work/planted"
printf '%s\n' 'daxt 1' 'T0: pin m0+0 write pin fast -> p0' 'T1: punch a+0 len=3' >"$work/crash.daxt"
"$work/obj/compile" "$work/planted" "$work/crash.daxt"

rm -rf "$work/src" "$work/obj"
run() { (cd "$work/cwd" && env -i "$work/out/$1" "${@:2}" >"$work/log" 2>&1); }
for name in bytes_fuzz_test planted_fuzz_test; do
  [ -x "$work/out/$name" ] || fail "no $name"
  grep -q '^\[libfuzzer\]' "$work/out/$name.options" || fail "$name has no options"
  unzip -q -o "$work/out/${name}_seed_corpus.zip" -d "$work/seeds-$name" || fail "the seeds of $name do not unpack"
  [ "$(find "$work/seeds-$name" -type f | wc -l)" -gt 50 ] || fail "$name has few seeds"
  run $name -runs=0 "$work/seeds-$name" || { tail "$work/log"; fail "$name does not start"; }
done
run bytes_fuzz_test -runs=20000 -seed=1 "-dict=$work/out/bytes_fuzz_test.dict" "$work/seeds-bytes_fuzz_test" ||
  { tail "$work/log"; fail "bytes_fuzz_test is not clean"; }

# A crash is found by a service's fuzzer as any other; here it is written by hand.
run planted_fuzz_test "$work/planted/crash" && fail "the planted crash is none"
cp "$work/planted/crash" "$work/cwd/testcase"
run planted_fuzz_test testcase && fail "the crash does not come again"
grep -q '^ASSERTION FAILED: planted-defect in punch$' "$work/log" || { tail "$work/log"; fail "another crash"; }
grep -q 'SUMMARY: libFuzzer: deadly signal' "$work/log" || fail "no summary for the service to read"

# What is not supported is said at once.
mkdir -p "$work/src" "$work/obj"
ln -s "$tree" "$work/src/daxfuzz"
build memory bytes >"$work/log" 2>&1 && fail "SANITIZER=memory was built"
grep -q 'SANITIZER=memory is not supported' "$work/log" || fail "SANITIZER=memory: $(tail -n 1 "$work/log")"
echo "$objects objects, 2 targets: built, started, crashed and reproduced from OUT alone"
