#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# comparisons_test.sh PROGRAM...: which functions of a target tell the engine what they compare. Those that read the
# input have to; those that run a program must not, for that took half of the time of a long campaign and nothing is
# gained by it (bazel/toolchain/cc_toolchain_config.bzl: no_comparisons). Read next: docs/scale.md.
set -euo pipefail

objdump=/usr/lib/llvm-19/bin/llvm-objdump
reading='5trace5valid|5trace6decode'
running='6kernel.*dax_insert_entry|6oracle7History8possible|5sched9Scheduler5yield|4exec7execute'

# "told NAME" of each function that calls back with a comparison, "silent NAME" of each other.
functions() {
  awk '/^[0-9a-f]+ <.*>:$/ { if (name != "") print said, name; name = $2; said = "silent" }
       /call.*sanitizer_cov_trace_(const_)?cmp/ { said = "told" }
       END { print said, name }'
}
is() { # told|silent FUNCTION: all of that name are so, and there is one
  local of
  of=$(grep -E "<_ZNK?7daxfuzz($2)" "$listing" | cut -d ' ' -f 1 | sort -u)
  [ "$of" = "$1" ]
}

[ $# -gt 0 ]
listing=$(mktemp)
trap 'rm -f "$listing"' EXIT
for program in "$@"; do
  "$objdump" -d --no-show-raw-insn "$program" | functions >"$listing"
  for function in ${reading//|/ }; do
    is told "$function" || { echo "$program: $function does not tell" >&2; exit 1; }
  done
  for function in ${running//|/ }; do
    is silent "$function" || { echo "$program: $function is not silent" >&2; exit 1; }
  done
  # The other way around both must fail, and so must a function that there is not.
  if is silent "${reading%%|*}" || is told "${running##*|}" || is silent 5sched8nosuchfn; then
    echo "$program: what is not so was taken for it" >&2
    exit 1
  fi
done
echo "$# programs"
