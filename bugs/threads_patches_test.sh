#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# threads_patches_test.sh APPLY ONE_STEP FILE=TEXT... -- LISTED...: which bugs fit beside exec/one_step.patch, of those
# that touch one of its files. TEXT is FILE with all fixes in, FILE one of them or what else such a bug touches. Those
# that do not are the LISTED, no more and no fewer: a bug must not be missing from the bench by mistake.
# Read next: bugs.bzl.
set -euo pipefail

apply=$1 one_step=$2
shift 2
files=()
while [ "$1" != -- ]; do
  files+=("$1")
  shift
done
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# fits PATCH: in the order of properties/threads.bzl.
fits() {
  local file touched=()
  for file in "${files[@]}"; do
    if cat "$1" "$one_step" | grep -xF "+++ b/${file%%=*}" >"$work/log"; then touched+=("$file"); fi
  done
  "$apply" "$work/out" "$1,$one_step" "${touched[@]}" >"$work/log" 2>&1
}
printf '%s\n' "$@" | sort >"$work/listed"
for patch in bugs/[0-9]*.patch; do
  fits "$patch" || basename "$patch" .patch
done >"$work/found"
cmp "$work/listed" "$work/found" ||
  { echo "FAILED: listed $(cat "$work/listed"), found $(cat "$work/found")"; status=1; }

# Planted: what fits does not if a line that it takes away is another.
fits bugs/244-*.patch || { echo 'FAILED: 244 does not fit'; status=1; }
sed '0,/^-[^-]/s/^-/-x/' bugs/244-*.patch >"$work/planted.patch"
! fits "$work/planted.patch" || { echo 'FAILED: what fits no file fits'; status=1; }
exit $status
