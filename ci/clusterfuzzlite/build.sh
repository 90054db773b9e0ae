#!/bin/bash -eu
# SPDX-License-Identifier: GPL-2.0-only
# Builds the fuzz targets as OSS-Fuzz and ClusterFuzzLite ask for it: with CC CXX CFLAGS CXXFLAGS
# LIB_FUZZING_ENGINE and SANITIZER as they are, objects in WORK, and in OUT for each target its
# program, seed corpus, dictionary and options. No Bazel, and no list of its own: which targets there
# are, what they consist of and which files go with them is read from the BUILD files. The tree is
# SRC/daxfuzz. DAXFUZZ_TARGETS="bytes crash" builds only these. Read next: declared.sh, which reads
# them; contract_test.sh, which holds this to the contract; docs/scale.md.
set -o pipefail
export LC_ALL=C

cd "${DAXFUZZ_ROOT:-$SRC/daxfuzz}"
: "${CXX:?}" "${OUT:?}" "${WORK:?}" "${LIB_FUZZING_ENGINE:?}"
# Fibers know of ASan; MSan would need every library instrumented, TSan is not for fuzzing services.
case ${SANITIZER:-address} in
  address | undefined | coverage | introspector | none) ;;
  *) echo "build.sh: SANITIZER=$SANITIZER is not supported: address, undefined, coverage" >&2; exit 1 ;;
esac

# declared LABEL KIND: its sources, say. The labels of all targets, without KIND.
declared() { ci/clusterfuzzlite/declared.sh "$1" | sed -n "s/^${2:-}${2:+ }//p"; }
object() { echo "$WORK/${1//\//-}.o"; }
compile() { $CXX ${CXXFLAGS:-} -std=c++23 -pthread -I. -c "$1" -o "$(object "$1")"; }
export -f compile object
export CXX WORK
export CXXFLAGS=${CXXFLAGS:-}

read -r -a targets <<<"${DAXFUZZ_TARGETS:-}"
if [ ${#targets[@]} = 0 ]; then
  mapfile -t targets < <(declared targets | sed 's/^fuzz://; s/_fuzz_test$//')
fi
for target in "${targets[@]}"; do declared "fuzz:${target}_fuzz_test" source; done | sort -u >"$WORK/sources"
[ -s "$WORK/sources" ]
xargs -P "$(nproc)" -I{} bash -eu -c 'compile {}' <"$WORK/sources"

# Seeds are kept as text. The tool that turns them into bytes runs here and now: of the target's
# flags it has only which standard library it is.
mapfile -t trace < <(declared trace:trace source)
$CXX ${CXXFLAGS_EXTRA:-} -std=c++23 -pthread -I. trace/compile_main.cc "${trace[@]}" -o "$WORK/compile"

# seeds LABEL: where its files are; programs are bytes by then. What it does not know is an error.
compiled() { # NAME FILES...
  if [ ! -d "$WORK/$1" ]; then
    mkdir "$WORK/$1"
    "$WORK/compile" "$WORK/$1" "${@:2}" >&2
  fi
  echo "$WORK/$1"
}
seeds() {
  case $1 in
    fuzz:claims_corpus) compiled claims corpus/claims/*.daxt ;;
    fuzz:rare_corpus) compiled rare corpus/seeds/*.daxt ;;
    fuzz:own_corpus) compiled own fuzz/seeds/*.daxt ;;
    corpus:claims | corpus:findings) echo "${1/://}" ;;
    corpus:seeds_traces) echo corpus/seeds ;;
    *:*) echo "build.sh: $1: which files are these?" >&2; return 1 ;;
    *) echo "$1" ;;
  esac
}
rm -rf "$WORK"/{claims,rare,own}

for target in "${targets[@]}"; do
  name=${target}_fuzz_test
  mapfile -t objects < <(declared "fuzz:$name" source | while IFS= read -r source; do object "$source"; done)
  $CXX ${CXXFLAGS:-} -pthread "${objects[@]}" $LIB_FUZZING_ENGINE -o "$OUT/$name"
  dicts='' files=()
  while read -r kind file; do
    case $kind in
      dict) dicts+=" $file" ;;
      options) files+=("--options=$file") ;;
      corpus)
        folder=$(seeds "$file")
        files+=("--corpus=$folder") ;;
    esac
  done < <(ci/clusterfuzzlite/declared.sh "fuzz:$name")
  [ -z "$dicts" ] || files+=("--dict=${dicts# }")
  bazel/fuzz_package.sh - "$name" "$OUT/$name" "${files[@]}"
done
