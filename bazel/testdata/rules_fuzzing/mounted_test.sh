#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# mounted_test.sh BIN CORPUS DICT TAR: a BUILD file that loads @rules_fuzzing has the targets that it expects: a
# libFuzzer that takes the corpus and the dictionary, and dies of the word that its BUILD file defines; the
# package of a fuzzing service has its three files.
set -euo pipefail

bin=$1 corpus=$2 dict=$3 tar=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { cat "$work/said" >&2; echo "FAILED: $*" >&2; exit 1; }

"$bin" -runs=10 -seed=1 -dict="$dict" "$corpus" >"$work/said" 2>&1 || die "the corpus does not pass"
printf boom >"$work/boom"
! "$bin" "$work/boom" >"$work/said" 2>&1 || die "the word of the BUILD file is not the target's"
grep -q 'libFuzzer' "$work/said" || die "not libFuzzer"
tar -tf "$tar" | sed 's/^[.]\///' | grep -vE '^$|/$' | LC_ALL=C sort >"$work/said"
[ "$(tr '\n' ' ' <"$work/said")" = "mounted_fuzz_test mounted_fuzz_test.dict mounted_fuzz_test_seed_corpus.zip " ] ||
  die "the package holds other files"
