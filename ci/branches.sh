# SPDX-License-Identifier: GPL-2.0-only
# Sourced by ci/coverage and ci/operand_branches after lib.sh: the instrumented runner, and
# what one run of it reached. Read next: ci/coverage_main.cc, ci/branches.awk.

llvm=/usr/lib/llvm-19/bin

# build_coverage_run: sets `run` to the instrumented runner.
build_coverage_run() {
  run_bazel build --config=coverage //ci:coverage_run >&2 || die "bazel could not build //ci:coverage_run"
  # Not through bazel-bin, which the next build of another config moves.
  run=$(cd "$root" && bazel info --config=coverage bazel-bin 2>/dev/null)/ci/coverage_run || die "bazel info failed"
}

# covered NAME ARGUMENTS...: runs it, leaves NAME.profile; its output is ours.
covered() {
  local name=$1
  shift
  LLVM_PROFILE_FILE=$name.raw "$run" "$@" || return
  "$llvm/llvm-profdata" merge -o "$name.profile" "$name.raw" || die "no profile: the build is not instrumented"
  rm "$name.raw"
}

# branches NAME: of NAME.profile, as ci/branches.awk prints them, in the order of the sources.
branches() {
  "$llvm/llvm-cov" export -format=text -skip-functions -instr-profile="$1.profile" "$run" >"$1.json" ||
    die "llvm-cov failed"
  awk -f "$root/ci/branches.awk" "$1.json" | sort -t $'\t' -k1,1 -k2,2n -k3,3n -k6,6n
  rm "$1.json"
}

# html NAME FOLDER SOURCES...: FOLDER anew, of NAME.profile and the sources of the model: llvm-cov's
# pages by file, functions.html by function of the kernel, corpus.info for other tools.
html() {
  local profile=$1.profile folder=$2
  local demangler=(-Xdemangler="$llvm/llvm-cxxfilt" -Xdemangler=--no-params)
  shift 2
  rm -rf "$folder"
  mkdir -p "$folder"
  # Paths are as of the top of the tree; a filter takes whole ones only.
  "$llvm/llvm-cov" show -format=html -show-branches=count -output-dir="$folder" -compilation-dir="$root" \
    "${demangler[@]}" -instr-profile="$profile" "$run" "${@/#/$root/}" >/dev/null || die "llvm-cov show failed"
  "$llvm/llvm-cov" report -show-functions -compilation-dir="$root" "${demangler[@]}" -instr-profile="$profile" \
    "$run" "${@/#/$root/}" >"$folder/functions.txt" || die "llvm-cov report failed"
  awk -v pages="coverage$root/" -f "$root/ci/coverage_functions.awk" model/provenance.tsv "$@" "$folder/functions.txt" \
    >"$folder/functions.html" || die "ci/coverage_functions.awk failed"
  rm "$folder/functions.txt"
  "$llvm/llvm-cov" export -format=lcov -instr-profile="$profile" "$run" | "$llvm/llvm-cxxfilt" --no-params |
    awk '/^SF:/ { ours = /^SF:model\// } ours' >"$folder/corpus.info"
  [ -s "$folder/corpus.info" ] || die "the profile has nothing of model/"
}
