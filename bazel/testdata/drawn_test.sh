#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# drawn_test.sh DRAWN SEED: the engine without feedback runs exactly as many inputs as it is asked for, seeds first,
# and says so; a seed draws the same inputs each time, another one others; the input that the target dies of ends it,
# as a death, without that line. Read next: bazel/drawn_main.cc, drawn_fuzz_test.cc, which writes down what it runs.
set -euo pipefail
export LC_ALL=C

drawn=$1 seed=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { tail -n 5 "$work"/*.err >&2; echo "FAILED: $*" >&2; exit 1; }

# draw NAME ARGUMENTS...: what it ran to NAME, one line an input; its exit code in $code.
draw() {
  local name=$1
  shift
  code=0
  (DRAWN_INPUTS=$work/$name "$drawn" "$@" 2>"$work/$name.err") || code=$?
}
counted() { # NAME NUMBER: is that what it ran, and what it says?
  [ "$code" = 0 ] || die "$1: exit code $code"
  [ "$(wc -l <"$work/$1")" = "$2" ] || die "$1: ran $(wc -l <"$work/$1") inputs of $2"
  [ "$(cat "$work/$1.err")" = "stat::number_of_executed_units: $2" ] || die "$1: says $(cat "$work/$1.err")"
}

mkdir "$work/seeds"
cp "$seed" "$work/seeds/b"
printf 'first' >"$work/seeds/a"
draw one -runs=1234 -seed=7 "$work/seeds"
counted one 1234
for file in "$work/seeds/a" "$work/seeds/b"; do echo "$(od -An -tx1 "$file" | tr -d ' \n')"; done >"$work/begin"
[ "$(sed -n 1,2p "$work/one")" = "$(cat "$work/begin")" ] ||
  die "the seeds are not the first: $(sed -n 1,2p "$work/one")"
[ "$(sort -u "$work/one" | wc -l)" -gt 600 ] || die "$(sort -u "$work/one" | wc -l) different inputs of 1234"
draw again -runs=1234 -seed=7 -timeout=9 -dict=/nowhere "$work/seeds"
counted again 1234
cmp "$work/one" "$work/again" || die "the same seed draws other inputs"
draw other -runs=1234 -seed=8 "$work/seeds"
counted other 1234
[ "$(sed 1,2d "$work/one" | sort | comm -12 - <(sed 1,2d "$work/other" | sort) | wc -l)" -lt 400 ] ||
  die "another seed draws the same inputs"
draw few -runs=1 "$work/seeds"
counted few 1
draw short -runs=2000 -seed=7 -max_len=3 "$work/seeds"
counted short 2000
[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$work/short")" = 6 ] || die "-max_len=3 is not kept"

# "boom" kills the target: at once as a seed, and where the mutator comes to it.
printf boom >"$work/seeds/c"
draw dies -runs=1234 -seed=7 "$work/seeds"
[ "$code" = 134 ] || die "a death: exit code $code"
[ "$(wc -l <"$work/dies")" = 3 ] || die "it ran $(wc -l <"$work/dies") inputs, and was to die of the third"
! grep -q '^stat::' "$work/dies.err" || die "who died says that it came to its number"
mkdir "$work/near"
for i in {100..299}; do printf bool >"$work/near/$i"; done
draw drawn -runs=100000 -seed=7 -max_len=4 "$work/near"
[ "$code" = 134 ] || die "a death by a drawn input: exit code $code"
[ "$(tail -n 1 "$work/drawn")" = 626f6f6d ] || die "it died of $(tail -n 1 "$work/drawn")"
draw nowhere -runs=5 "$work/nowhere"
[ "$code" = 1 ] || die "no such seed: exit code $code"
echo "1234 of 1234 inputs, $(sort -u "$work/one" | wc -l) different; dead after $(wc -l <"$work/drawn") drawn ones"
