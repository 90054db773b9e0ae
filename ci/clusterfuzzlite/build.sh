#!/bin/bash -eu
# SPDX-License-Identifier: GPL-2.0-only
# Builds the fuzz targets as OSS-Fuzz and ClusterFuzzLite ask for it: with CC CXX CFLAGS CXXFLAGS
# LIB_FUZZING_ENGINE and SANITIZER as they are, objects in WORK, and in OUT for each target its
# program, seed corpus, dictionary and options. No Bazel: what a library consists of is read from
# its BUILD file. The tree is SRC/daxfuzz. DAXFUZZ_TARGETS="bytes crash" builds only these.
# Read next: contract_test.sh, which holds it to that; docs/scale.md.
set -o pipefail
export LC_ALL=C

cd "${DAXFUZZ_ROOT:-$SRC/daxfuzz}"
: "${CXX:?}" "${OUT:?}" "${WORK:?}" "${LIB_FUZZING_ENGINE:?}"
read -r -a targets <<<"${DAXFUZZ_TARGETS:-bytes crash interleaving protocol_diff sequential trace_text xarray}"
# Fibers know of ASan; MSan would need every library instrumented, TSan is not for fuzzing services.
case ${SANITIZER:-address} in
  address | undefined | coverage | introspector | none) ;;
  *) echo "build.sh: SANITIZER=$SANITIZER is not supported: address, undefined, coverage" >&2; exit 1 ;;
esac

# sources FOLDER LIBRARY: the .cc files of that cc_library.
sources() {
  if [ "$1" = model ]; then
    sed -n 's/^ *"\([a-z_0-9]*\.cc\)",$/model\/\1/p' model/sources.bzl
  else
    awk -v name="name = \"$2\"," -v folder="$1" '
      /^\[?[a-z_]+\($/ { library = $0 == "cc_library("; ours = in_srcs = 0 }
      library && index($0, name) { ours = 1 }
      ours && /srcs = \[/ { in_srcs = 1 }
      ours && in_srcs { while (match($0, /"[a-z_0-9]+\.cc"/)) {
        print folder "/" substr($0, RSTART + 1, RLENGTH - 2)
        $0 = substr($0, RSTART + RLENGTH)
      } }
      in_srcs && /\]/ { in_srcs = 0 }' "$1/BUILD"
  fi
}
# parts TARGET: every source that it is linked of.
parts() {
  local port="sched:sched model:model oracle:oracle exec:exec"
  local input="corpus:edges fuzz:finding_stream fuzz:change_points fuzz:mutator fuzz:mutator_engine fuzz:single"
  local library libraries=trace:trace
  case $1 in
    bytes | trace_text) ;;
    planted) libraries+=" corpus:edges fuzz:finding_stream" ;;
    xarray) libraries+=" sched:sched model:model" ;;
    interleaving) libraries+=" $port report:worth $input" ;;
    crash) libraries+=" $port $input" ;;
    sequential | protocol_diff) libraries+=" $port $input properties:file_model" ;;
    *) echo "build.sh: no target is called $1" >&2; exit 1 ;;
  esac
  for library in $libraries; do sources "${library%:*}" "${library#*:}"; done
  echo "fuzz/$1_fuzz_test.cc"
}
object() { echo "$WORK/${1//\//-}.o"; }

compile() { $CXX ${CXXFLAGS:-} -std=c++23 -pthread -I. -c "$1" -o "$(object "$1")"; }
export -f compile object
export CXX WORK
export CXXFLAGS=${CXXFLAGS:-}
for target in "${targets[@]}"; do parts "$target"; done | sort -u >"$WORK/sources"
[ -s "$WORK/sources" ]
xargs -P "$(nproc)" -I{} bash -eu -c 'compile {}' <"$WORK/sources"

# Seeds are kept as text. The tool that turns them into bytes runs here and now: of the target's
# flags it has only which standard library it is.
mapfile -t trace < <(sources trace trace)
$CXX ${CXXFLAGS_EXTRA:-} -std=c++23 -pthread -I. trace/compile_main.cc "${trace[@]}" -o "$WORK/compile"
for folder in claims:corpus/claims rare:corpus/seeds own:fuzz/seeds; do
  rm -rf "$WORK/${folder%:*}"
  mkdir "$WORK/${folder%:*}"
  "$WORK/compile" "$WORK/${folder%:*}" "${folder#*:}"/*.daxt
done

for target in "${targets[@]}"; do
  name=${target}_fuzz_test
  mapfile -t objects < <(parts "$target" | while IFS= read -r source; do object "$source"; done)
  $CXX ${CXXFLAGS:-} -pthread "${objects[@]}" $LIB_FUZZING_ENGINE -o "$OUT/$name"
  case $target in
    trace_text) files=(--dict=fuzz/daxt.dict --options=fuzz/text.options "--corpus=corpus/claims corpus/findings") ;;
    xarray) files=(--dict=fuzz/xarray.dict --options=fuzz/text.options --corpus=fuzz/seeds/xarray) ;;
    interleaving) files=(--dict=fuzz/dax.dict --options=fuzz/program.options "--corpus=$WORK/rare") ;;
    *) files=(--dict=fuzz/dax.dict --options=fuzz/program.options
      "--corpus=$WORK/claims $WORK/rare $WORK/own") ;;
  esac
  bazel/fuzz_package.sh - "$name" "$OUT/$name" "${files[@]}"
done
