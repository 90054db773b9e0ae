#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# fuzz_package.sh TAR NAME BINARY [--dict=FILES] [--options=FILES] [--corpus=PATHS]: what a fuzzing
# service unpacks into its folder of targets: NAME, NAME.dict, NAME.options and
# NAME_seed_corpus.zip. The same bytes for the same input. With "-" for TAR all but the binary,
# into its folder. Read next: bazel/fuzz.bzl; ci/clusterfuzzlite/build.sh.
set -euo pipefail
export LC_ALL=C TZ=UTC

tar=$1 name=$2 binary=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/out
mkdir "$out" "$work/seeds"
number=0
for argument in "$@"; do
  case $argument in
    # Two dictionaries of one target are one file.
    --dict=*) cat ${argument#*=} >"$out/$name.dict" ;;
    --options=*) cat ${argument#*=} >"$out/$name.options" ;;
    # Flat, by number: two folders may have files of one name.
    --corpus=*)
      while IFS= read -r file; do
        cp -L "$file" "$work/seeds/$(printf %04d "$number")-$(basename "$file")"
        number=$((number + 1))
      done < <(find -L ${argument#*=} -type f | sort) ;;
    *) echo "fuzz_package.sh: unknown argument: $argument" >&2; exit 2 ;;
  esac
done
if [ "$number" -gt 0 ]; then
  find "$work/seeds" -exec touch -h -d @315532800 {} +
  (cd "$work/seeds" && find . -type f | sort | zip -q -X -D "$out/${name}_seed_corpus.zip" -@)
fi
if [ "$tar" = - ]; then
  [ -z "$(ls "$out")" ] || cp "$out"/* "$(dirname "$binary")"
  exit 0
fi
cp -L "$binary" "$out/$name"
chmod 755 "$out/$name"
find "$out" -exec touch -h -d @315532800 {} +
tar -C "$out" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$tar" .
