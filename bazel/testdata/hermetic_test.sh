#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# hermetic_test.sh FILES...: what was built names no folder of the machine that built it, so that
# another one, or a remote executor, builds the same bytes and a shared cache hits. A name that is
# planted is found. Read next: docs/scale.md, bazel/toolchain/cc_toolchain_config.bzl.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Folders of Bazel's own, and where people and services keep their files.
folders='/(execroot|sandbox)/|/_bazel_[a-z]|(^|[^a-zA-Z0-9._-])/(home|root|Users|builder)/[a-zA-Z._]'

check() { ! LC_ALL=C grep -aoEm 3 ".{0,40}($folders).{0,40}" "$1"; }

printf 'debug info of \0/home/somebody/.cache/bazel/_bazel_somebody/1/execroot/daxfuzz/x.cc\0' >"$work/planted"
! check "$work/planted" >/dev/null || { echo "a planted path went unnoticed" >&2; exit 1; }
[ $# -gt 0 ]
for file in "$@"; do
  [ -s "$file" ] || { echo "$file: empty or not there" >&2; exit 1; }
  check "$file" || { echo "$file names a folder of this machine" >&2; exit 1; }
done
echo "$# files"
