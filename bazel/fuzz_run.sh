#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs a fuzz target by its engine, with rules_fuzzing's flags:
#   bazel run //fuzz:x_fuzz_test_run -- [--timeout_secs=N] [--regression] [--clean]
#     [--fuzzing_output_root=DIR] [-- ENGINE ARGUMENTS]
# The corpus grows in DIR/corpus (AFL++: DIR/afl), what crashes goes to DIR/artifacts; DIR is a
# folder of the target's name in the one for temporary files. --regression only replays the
# corpus. The flags that name engine and files come from bazel/fuzz.bzl. Exit codes are the
# engine's. Read next: docs/scale.md.
set -euo pipefail

engine= binary= dicts= options= corpus= mutator= timeout_secs=0 regression= clean= root=
while [ $# -gt 0 ]; do
  case $1 in
    --engine=*) engine=${1#*=} ;;
    --binary=*) binary=$PWD/${1#*=} ;;
    --dict=*) dicts=${1#*=} ;;
    --options=*) options=${1#*=} ;;
    --corpus=*) corpus=${1#*=} ;;
    --mutator=*) mutator=$PWD/${1#*=} ;;
    --timeout_secs=*) timeout_secs=${1#*=} ;;
    --fuzzing_output_root=*) root=${1#*=} ;;
    --regression) regression=yes ;;
    --clean) clean=yes ;;
    --) shift; break ;;
    *) echo "fuzz_run.sh: unknown argument: $1" >&2; exit 2 ;;
  esac
  shift
done
[[ $timeout_secs =~ ^[0-9]+$ ]] || { echo "fuzz_run.sh: --timeout_secs: expected a number" >&2; exit 2; }
root=${root:-${TMPDIR:-/tmp}/fuzzing/$(basename "$binary")}
[ -z "$clean" ] || rm -rf "$root/corpus" "$root/artifacts" "$root/afl"
mkdir -p "$root/corpus" "$root/artifacts"

# Seeds are flat, by number, as in fuzz_package.sh; dictionaries are one file.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/seeds"
number=0
while IFS= read -r file; do
  cp -L "$file" "$work/seeds/$(printf %04d "$number")-$(basename "$file")"
  number=$((number + 1))
done < <([ -z "$corpus" ] || find -L $corpus -type f | LC_ALL=C sort)
[ -z "$dicts" ] || cat $dicts >"$work/dict"
max_len=$([ -z "$options" ] || sed -n 's/^max_len = //p' $options)

# Without an engine there is nothing else to do.
if [ "$regression" ] || [ "$engine" = replay ]; then
  mapfile -t files < <(find "$work/seeds" "$root/corpus" -type f | LC_ALL=C sort)
  # Without a file libFuzzer would fuzz.
  [ ${#files[@]} -gt 0 ] || { : >"$work/empty"; files=("$work/empty"); }
  "$binary" "${files[@]}"
elif [ "$engine" = libfuzzer ]; then
  arguments=("-max_total_time=$timeout_secs" "-artifact_prefix=$root/artifacts/")
  [ -z "$dicts" ] || arguments+=("-dict=$work/dict")
  [ -z "$max_len" ] || arguments+=("-max_len=$max_len")
  "$binary" "${arguments[@]}" "$@" "$root/corpus" "$work/seeds"
else
  [ "$number" -gt 0 ] || echo 0 >"$work/seeds/0"
  # What a libFuzzer beside it keeps in DIR/corpus is imported (-F).
  arguments=(-M main -F "$root/corpus" -m none)
  [ "$timeout_secs" = 0 ] || arguments+=(-V "$timeout_secs")
  [ -z "$dicts" ] || arguments+=(-x "$work/dict")
  [ -z "$max_len" ] || arguments+=(-G "$max_len")
  export AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_AUTORESUME=1
  [ -t 1 ] || export AFL_NO_UI=1
  [ -z "$mutator" ] || export AFL_CUSTOM_MUTATOR_LIBRARY=$mutator
  afl-fuzz "${arguments[@]}" -i "$work/seeds" -o "$root/afl" "$@" -- "$binary"
  find "$root/afl/main/crashes" -type f -name 'id*' -exec cp {} "$root/artifacts/" \;
fi
