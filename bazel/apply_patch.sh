#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# apply_patch.sh OUT_DIR PATCH[,PATCH...] FILE[=TEXT]...: copies of the FILEs (paths from
# the top of the tree) with the PATCHes applied in order, flat in OUT_DIR. FILE=TEXT: what
# is patched under that name is another file, as one that earlier patches made. The FILEs
# must be exactly those that the PATCHes touch, and every hunk must fit without
# fuzz, or a bug could turn into the clean model and nobody would notice. Read next: bazel/patched_model.bzl.
set -euo pipefail

out=$1 patch=$2
IFS=, read -r -a patches <<<"$2"
shift 2

die() { echo "$patch: $1" >&2; exit 1; }

touched=$(sed -n 's/^+++ b\/\([^[:space:]]*\).*/\1/p' "${patches[@]}" | sort -u)
given=$(printf '%s\n' "${@%%=*}" | sort -u)
[ -n "$touched" ] || die "no '+++ b/FILE' line: is it a unified diff made for patch -p1?"
[ "$touched" = "$given" ] || die "touches [${touched//$'\n'/ }], but its rule names [${given//$'\n'/ }]"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for each in "$@"; do
  file=${each%%=*}
  mkdir -p "$work/$(dirname "$file")"
  cp -L "${each#*=}" "$work/$file"
  chmod u+w "$work/$file"
done
for one in "${patches[@]}"; do
  patch=$one
  cp -L "$one" "$work/the.patch"
  (cd "$work" && patch -p1 --fuzz=0 --batch --forward --no-backup-if-mismatch <the.patch) >"$work/log" 2>&1 ||
    die "does not apply: $(tail -n 5 "$work/log")"
done

mkdir -p "$out"
for file in "${@%%=*}"; do cp "$work/$file" "$out/$(basename "$file")"; done
