# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of ci/, which source it: the top of the tree, a HOME and
# USER that Bazel can live with, and Bazel with the project's disk cache. Read
# next: ci/test.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly root

# note WORDS: progress, on stderr. die WORDS: the one-line reason, and exit 3
# (environment, as in daxfuzz's own exit codes).
note() { echo "${0##*/}: $*" >&2; }
die() { note "error: $*"; exit 3; }

# A CI runner may start us with neither HOME nor USER, or with a HOME that is not
# there; Bazel puts its output under one and names it after the other.
ensure_home() {
  : "${USER:=$(id -un 2>/dev/null || id -u)}"
  : "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6 || true)}"
  if [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    HOME=${TMPDIR:-/tmp}/daxfuzz-$(id -u)
    mkdir -p -m 700 "$HOME"
    [ -O "$HOME" ] || die "$HOME belongs to somebody else: set HOME"
  fi
  export HOME USER
}

# Where compiled objects are kept between runs and checkouts: never in the tree.
cache_dir() { echo "${DAXFUZZ_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/daxfuzz}"; }

# run_bazel COMMAND ARGUMENTS...: bazel at the top of the tree with the disk cache.
run_bazel() {
  local command=$1
  shift
  (cd "$root" && bazel "$command" --disk_cache="$(cache_dir)/bazel" "$@")
}

# The cache back within bounds, wider ones than a run of ci/test needs.
trim_cache() { "$root/ci/trim_cache" "$(cache_dir)/bazel" 12000; }

ensure_home
