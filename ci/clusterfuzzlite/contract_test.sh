#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# contract_test.sh README: plays the part of a fuzzing service for build.sh, with a compiler and
# flags of its own that are noted. All targets are gone through without compiling: each has every
# source that its headers ask for, and its seeds, options and dictionary. Two small ones, which need
# no model and so no minutes, are built; then, with the tree gone, another working directory and an
# empty environment, each starts on its seed corpus, takes its options, and a crash is found and
# reproduced from OUT alone. Whatever is checked is planted at the end. Read next: build.sh.
set -euo pipefail
export LC_ALL=C

tree=$(cd "$(dirname "$(realpath "$1")")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
log() { tail -n 30 "$work/log" >&2; }

mkdir "$work/tree" "$work/kept"
for folder in bazel ci corpus fuzz model properties report sched oracle exec trace; do
  cp -rL "$tree/$folder" "$work/tree/"
done
# What is kept is not made again, whatever the flags; with NOTHING_BUILT nothing is made at all.
cat >"$work/cxx" <<'CXX'
#!/bin/sh
here=$(dirname "$0")
echo "$@" >>"$here/calls"
for out; do :; done
kept=$here/kept/$SANITIZER-${out##*/}
if [ -e "$kept" ]; then exec cp "$kept" "$out"; fi
if [ -n "$NOTHING_BUILT" ]; then : >"$out"; exit; fi
exec clang++-19 "$@"
CXX
chmod +x "$work/cxx"
common="-O1 -gline-tables-only -fno-omit-frame-pointer -fsanitize=fuzzer-no-link -DOF_THE_SERVICE"
# The services name their engine either way.
cp "$(find "$(clang++-19 -print-resource-dir)/" -name libclang_rt.fuzzer-x86_64.a)" "$work/libFuzzingEngine.a"

build() { # SANITIZER TARGETS
  local flags="$common -fsanitize=address" engine=$work/libFuzzingEngine.a
  if [ "$1" = undefined ]; then
    flags="$common -fsanitize=undefined -fno-sanitize-recover=undefined" engine=-fsanitize=fuzzer
  fi
  rm -rf "$work"/{src,obj,out,cwd,calls}
  mkdir "$work"/{src,obj,out,cwd}
  cp -r "$work/tree" "$work/src/daxfuzz"
  touch "$work/begin"
  (cd "$work/cwd" && env -i PATH="$PATH" SRC="$work/src" WORK="$work/obj" OUT="$work/out" CC=clang-19 CXX="$work/cxx" \
    CFLAGS="$flags" CXXFLAGS="$flags" LIB_FUZZING_ENGINE="$engine" SANITIZER="$1" DAXFUZZ_TARGETS="$2" \
    NOTHING_BUILT="${NOTHING_BUILT:-}" FUZZING_ENGINE=libfuzzer FUZZING_LANGUAGE=c++ ARCHITECTURE=x86_64 \
    bash -eu "$work/src/daxfuzz/ci/clusterfuzzlite/build.sh" >"$work/log" 2>&1) || { log; fail "build.sh fails"; }
  engine_asked=$engine
}

# The service's compiler and flags, for each object and each target; its engine, for each target.
as_asked() { # TARGETS
  local objects target
  objects=$(grep -c -- ' -c .*\.cc ' "$work/calls")
  [ "$(grep -- ' -c .*\.cc ' "$work/calls" | grep -c -- -DOF_THE_SERVICE)" = "$objects" ] ||
    fail "an object without CXXFLAGS"
  [ "$(wc -l <"$work/obj/sources")" = "$objects" ] || fail "$objects objects of $(wc -l <"$work/obj/sources") sources"
  for target; do
    grep -e "-o $work/out/${target}_fuzz_test\$" "$work/calls" >"$work/link" ||
      fail "$target is linked by another compiler"
    grep -q -- -DOF_THE_SERVICE "$work/link" || fail "$target is linked without CXXFLAGS"
    grep -qF -- " $engine_asked -o " "$work/link" || fail "$target without the service's engine"
  done
  [ -z "$(find "$work/src" -newer "$work/begin" -type f)" ] || fail "files in the tree"
}

# Of the sources in a file, what a header that they include has beside it and is not among them.
missing() { # FILE
  awk -v have="$1" '
    FILENAME == have { parts[$1] = 1; queue[++last] = $1; next }
    FILENAME ~ /files$/ { there[$1] = 1; next }
    { includes[$1] = includes[$1] " " $2 }
    END {
      for (at = 1; at <= last; at++) {
        n = split(includes[queue[at]], header, " ")
        for (i = 1; i <= n; i++) {
          if (header[i] in seen) continue
          seen[header[i]] = 1
          queue[++last] = header[i]
          source = header[i]
          if (sub(/\.h$/, ".cc", source) && source in there && !(source in parts)) print source
        }
      }
    }' "$1" "$work/files" "$work/includes"
}
# No compile: each target's sources are all there, and what stays out of them is no target.
complete() {
  local target found
  (cd "$work/tree" && find . -name '*.cc' | sed 's/^\.\///') >"$work/files"
  (cd "$work/tree" && grep -roH --include='*.cc' --include='*.h' '^ *# *include "[^"]*"' . |
    sed 's/^\.\///; s/: *# *include "/ /; s/"$//') >"$work/includes"
  declared targets >"$work/targets" || fail "no targets"
  (cd "$work/tree/fuzz" && printf 'fuzz:%s\n' *_fuzz_test.cc | sed 's/\.cc$//' |
    grep -vE ':(canary|planted|unstable)_') | sort | cmp -s - <(sort "$work/targets") ||
    fail "not the targets of fuzz/: $(cat "$work/targets")"
  for target in $(cat "$work/targets") fuzz:planted_fuzz_test; do
    declared "$target" | sed -n 's/^source //p' >"$work/parts" || fail "$target is not declared"
    found=$(missing "$work/parts" | tr '\n' ' ')
    [ -z "$found" ] || fail "$target is linked without $found"
  done
}
declared() { (cd "$work/tree" && ci/clusterfuzzlite/declared.sh "$1"); }

# Nothing compiled: each target is linked of all its objects and has its files.
equipped() { # [TARGETS]
  local target name seeds folders objects
  NOTHING_BUILT=1 build address "$*"
  [ $# -gt 0 ] || set -- $(sed 's/^fuzz://; s/_fuzz_test$//' "$work/targets")
  for target; do
    name=${target}_fuzz_test
    objects=$(declared "fuzz:$name" | grep -c '^source ')
    grep -e "-o $work/out/$name\$" "$work/calls" | tr ' ' '\n' | grep -c "^$work/obj/.*\.cc\.o\$" >"$work/count" || true
    [ "$(cat "$work/count")" = "$objects" ] || fail "$name is linked of $(cat "$work/count") objects, not $objects"
    grep -q '^\[libfuzzer\]' "$work/out/$name.options" || fail "$name has no options"
    [ -s "$work/out/$name.dict" ] || fail "$name has no dictionary"
    case $name in
      trace_text_*) folders="corpus/claims corpus/findings corpus/seeds" ;;
      interleaving_*) folders=corpus/seeds ;;
      xarray_*) folders=fuzz/seeds/xarray ;;
      *) folders="corpus/claims corpus/seeds fuzz/seeds" ;;
    esac
    seeds=$(cd "$work/tree" && find $folders -maxdepth 1 -type f | wc -l)
    [ "$(unzip -Z1 "$work/out/${name}_seed_corpus.zip" | wc -l)" = "$seeds" ] || fail "$name has not $seeds seeds"
  done
}

run() { (cd "$work/cwd" && env -i "$work/out/$1" "${@:2}" >"$work/log" 2>&1); }
# Nothing but OUT.
alone() { # [RUNS]
  rm -rf "$work/src" "$work/obj"
  "$work/tree/ci/clusterfuzzlite/started.sh" "$work/out" "${1:-0}" >"$work/log" 2>&1 ||
    { log; fail "$(tail -n 1 "$work/log")"; }
}

# The service builds the image without arguments: what FROM needs has a value once docs/scale.md was followed.
based() {
  rm -rf "$work/fork"
  mkdir "$work/fork"
  cp -r "$work/tree/ci" "$work/fork"
  grep -E '^    (cp|sed) .*[.]clusterfuzzlite' "$tree/docs/scale.md" >"$work/steps" || fail "docs/scale.md has no steps"
  (cd "$work/fork" && BASE=host.example/image:1 bash -eu "$work/steps") || fail "docs/scale.md: $(cat "$work/steps")"
  grep -qx 'FROM ${BASE}' "$work/fork/.clusterfuzzlite/Dockerfile" &&
    grep -qx 'ARG BASE=host.example/image:1' "$work/fork/.clusterfuzzlite/Dockerfile" || fail "the image has no base"
}

# A crash is found by a service's fuzzer as any other; here it is written by hand.
crashes() {
  unzip -q "$work/out/bytes_fuzz_test_seed_corpus.zip" -d "$work/seeds"
  run planted_fuzz_test -runs=0 "$work/seeds" || { log; fail "planted_fuzz_test does not start"; }
  run planted_fuzz_test "$work/planted/crash" && fail "the planted crash is none"
  cp "$work/planted/crash" "$work/cwd/testcase"
  run planted_fuzz_test testcase && fail "the crash does not come again"
  grep -q '^ASSERTION FAILED: planted-defect in punch$' "$work/log" || { log; fail "another crash"; }
  grep -q 'SUMMARY: libFuzzer: deadly signal' "$work/log" || fail "no summary for the service to read"
}

complete
build address "bytes planted"
as_asked bytes planted
for file in "$work"/obj/*.o "$work/obj/compile"; do cp "$file" "$work/kept/address-$(basename "$file")"; done
cp "$work/obj/compile" "$work/kept/undefined-compile"
mkdir "$work/planted"
printf '%s\n' 'daxt 1' 'T0: pin m0+0 write pin fast -> p0' 'T1: punch a+0 len=3' >"$work/crash.daxt"
"$work/obj/compile" "$work/planted" "$work/crash.daxt"
alone 20000
grep -q '^bytes_fuzz_test: [0-9]* seeds, 20000 executions$' "$work/log" || { log; fail "bytes_fuzz_test is not clean"; }
crashes
build undefined bytes
as_asked bytes
alone
equipped
based

# From here on what must fail. A source that is left out, for each target:
for label in $(cat "$work/targets") fuzz:planted_fuzz_test; do
  declared "$label" | sed -n 's/^source //p' >"$work/parts"
  left_out=$(grep "^fuzz/${label#fuzz:}.cc " "$work/includes" | sed 's/.* //; s/\.h$/.cc/' |
    grep -xF -m 1 -f "$work/parts") || fail "$label includes nothing of its own"
  grep -vxF "$left_out" "$work/parts" >"$work/fewer"
  [ "$(missing "$work/fewer")" = "$left_out" ] || fail "$label without $left_out went unnoticed"
done
# Another build.sh, another file of the tree.
planted() { # WORDS FILE SED CHECK...
  cp "$work/tree/$2" "$work/good"
  sed "$3" "$work/good" >"$work/tree/$2"
  ! cmp -s "$work/good" "$work/tree/$2" || fail "nothing to break in $2: $3"
  ! (for check in "${@:4}"; do $check; done) >"$work/said" 2>&1 || fail "went unnoticed: $3"
  grep -qF "$1" "$work/said" || { cat "$work/said" >&2; fail "not '$1': $3"; }
  cat "$work/good" >"$work/tree/$2"
}
# wrap FOLDER PROGRAM: a program that needs a folder.
cat >"$work/wrap" <<'WRAP'
#!/bin/sh
mv "$2" "$2.real"
printf '#!/bin/sh\ncd "%s" && exec "%s" "$@"\n' "$1" "$2.real" >"$2"
chmod +x "$2"
WRAP
chmod +x "$work/wrap"
script=ci/clusterfuzzlite/build.sh package='^  bazel/fuzz_package.sh'
built=("build address bytes" "as_asked bytes" alone)
planted 'an object without CXXFLAGS' $script '/^compile()/s/\${CXXFLAGS:-}//' "${built[@]}"
planted 'bytes is linked without CXXFLAGS' $script '/-o "\$OUT/s/\${CXXFLAGS:-}/-fsanitize=address/' "${built[@]}"
planted 'bytes is linked by another compiler' $script '/-o "\$OUT/s/\$CXX /clang++-19 /' "${built[@]}"
planted "bytes without the service's engine" $script 's/\$LIB_FUZZING_ENGINE -o/-fsanitize=fuzzer -o/' "${built[@]}"
planted 'files in the tree' $script '/^object()/s/\$WORK/fuzz/' "${built[@]}"
planted 'no bytes_fuzz_test' $script \
  "s|$package|  mv \"\$OUT/\$name\" \"\$WORK\"; ln -s \"\$WORK/\$name\" \"\$OUT/\$name\"\n&|" "${built[@]}"
planted 'bytes_fuzz_test does not start' $script "s|$package|  $work/wrap \"\$PWD\" \"\$OUT/\$name\"\n&|" "${built[@]}"
planted 'bytes_fuzz_test does not start' $script "s|$package|  $work/wrap fuzz \"\$OUT/\$name\"\n&|" "${built[@]}"
planted 'has no options' $script '/options) files/d' 'equipped bytes'
planted 'has no dictionary' $script '/dicts" \] ||/d' 'equipped bytes'
planted 'trace_text_fuzz_test has not' $script \
  '/corpus:seeds_traces)/s|corpus/seeds|fuzz/seeds/xarray|' 'equipped trace_text'
planted 'which files are these' $script '/corpus:seeds_traces)/d' 'equipped trace_text'
planted 'objects, not' $script 's/ \"\${objects\[@\]}\"/ "${objects[@]:1}"/' 'equipped bytes'
planted 'is linked without fuzz/warm_up.cc' fuzz/BUILD '/^ *":warm_up",$/d' complete
planted 'no BUILD file declares fuzz:warm_upp' fuzz/BUILD 's/":warm_up",/":warm_upp",/' complete
planted 'no BUILD file declares fuzz:warm_up' fuzz/BUILD '/name = "warm_up",/d' complete
planted 'not the targets' fuzz/BUILD 's/"bytes_fuzz_test"/"other_fuzz_test"/' complete
planted 'the image has no base' ci/clusterfuzzlite/Dockerfile 's/^ARG BASE$/ARG OTHER/' based
# started.sh itself: a finding that its file does not bring again.
build address "bytes"
cat >"$work/out/bytes_fuzz_test" <<'ONCE'
#!/bin/sh
[ ! -e crash-1 ] || exit 0
echo 'ASSERTION FAILED: once'; : >crash-1; exit 77
ONCE
! (alone) 2>"$work/said" || fail "a finding that does not come again went unnoticed"
grep -qF "its crash is not 'once' again" "$work/said" || fail "once: $(cat "$work/said")"
# What is not supported is said at once.
! (build memory bytes) 2>"$work/said" || fail "SANITIZER=memory was built"
grep -q 'SANITIZER=memory is not supported' "$work/said" || fail "SANITIZER=memory: $(tail -n 1 "$work/said")"

echo "all targets complete; bytes and planted built, started, crashed and reproduced from OUT alone"
