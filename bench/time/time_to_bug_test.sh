#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# time_to_bug_test.sh TIME_TO_BUG: with programs that only say they hunt: each hunt once, those that have a row
# not again, a row that was cut off again, the clean model under each protocol, and what must fail does.
set -euo pipefail

run=$(realpath -s "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/bugs"
failures=0
failed() { echo "FAILED: $*"; failures=$((failures + 1)); }

header() { printf 'From: constructed\nProtocols: %s\n---\n' "$2" >"$work/bugs/$1.patch"; }
header 001-one 'upstream legacy'
header 002-two legacy
header 003-three upstream
# A program: tells what it was asked, and a row of it. The third bug's hunts are never over.
fake() {
  cat >"$work/bin/$1" <<'P'
#!/usr/bin/env bash
diverged=''
for argument; do
  case $argument in
    --patch=*) name=$(basename "${argument#*=}" .patch) patch=${argument#*=} ;;
    --engine=*) engine=${argument#*=} ;;
    --seed=*) seed=${argument#*=} ;;
    --executions=*) budget=${argument#*=} ;;
    --twin) twin=yes ;;
    --clean=*) diverged=1 ;;
  esac
done
echo "$0 $*" >>"${0%/*}/asked"
signature='x in y'
if [ "${twin:-}" ]; then
  name=clean.$(sed -n 's/^Protocols: //p' "$patch" | cut -d' ' -f1)
  [ -e "${0%/*}/alarm" ] || signature=-
fi
[ "$name" != 003-three ] || { echo dies >&2; exit 9; }
used=$budget
[ "$signature" = - ] || used=5
[[ $engine != threads* && $engine != aflpp ]] || diverged=unrepeatable
printf '%s\t%s\t%s\t%s\t%s\t%s\t70\t9\t%s\n' "$name" "$engine" "$seed" "$budget" "$used" "${diverged:--}" "$signature"
P
  chmod +x "$work/bin/$1"
}
for name in clean 001-one 002-two 003-three; do
  fake "$name"
  fake "${name}_libfuzzer"
done
# On real threads one bug has no program.
for name in clean 001-one; do
  fake "${name}_aflpp"
  fake "${name}_threads"
  fake "${name}_threads_tsan"
done
printf 'NOT_ON_THREADS = {\n    "002-two": "it does not fit",\n}\nOTHERS = {\n    "001-one": "x",\n}\n' \
  >"$work/bugs/bugs.bzl"

# bench CODE ARGUMENTS...
bench() {
  local want=$1 code=0
  shift
  : >"$work/bin/asked"
  "$run" --programs="$work/bin" --patches="$work/bugs" --rows="$work/rows" --executions=100 "$@" \
    >"$work/out" 2>&1 || code=$?
  [ "$code" = "$want" ] || { failed "$*: code $code, wanted $want"; cat "$work/out"; }
}
asked() { [ "$(wc -l <"$work/bin/asked")" = "$1" ] || failed "asked for $(wc -l <"$work/bin/asked") hunts, wanted $1"; }
says() { grep -qF -- "$1" "$work/out" || { failed "does not say '$1'"; cat "$work/out"; }; }

# Two bugs and the clean model under two protocols, by two engines, from two seeds.
bench 0 --bugs=001,002 --engines=random,libfuzzer --seeds=2
asked 16
[ "$(wc -l <"$work/rows")" = 17 ] || failed "$(wc -l <"$work/rows") lines of rows"
grep -q '^clean.legacy	libfuzzer	2	100	100	-' "$work/rows" || failed 'no twin under legacy'
grep -q 'bin/002-two_libfuzzer .*--engine=libfuzzer --seed=2' "$work/bin/asked" ||
  failed 'libFuzzer has a program of its own'
bench 0 --bugs=001,002 --engines=random,libfuzzer --seeds=2
asked 0
bench 0 --bugs=001,002 --engines=random,libfuzzer --seeds=3 --jobs=3 --diverged
asked 8
[ "$(awk -F '\t' 'NF != 9' "$work/rows" | wc -l)" = 0 ] || failed 'rows mixed'
grep -q '^001-one	random	3	100	5	1	' "$work/rows" || failed 'diverged was not asked for'
grep -q '^001-one	libfuzzer	3	100	5	-	' "$work/rows" || failed 'libFuzzer was asked when it diverged'

# Cut off in the middle of a row.
truncate -s -5 "$work/rows"
bench 0 --bugs=001,002 --engines=random,libfuzzer --seeds=3
asked 1
[ "$(wc -l <"$work/rows")" = 25 ] || failed 'the row that was cut off did not come back'

bench 0 --bugs=001,002 --engines=threads,threads-yields,threads-tsan --seeds=1 --diverged
asked 9
says '002-two is not hunted on threads: it does not fit'
for engine in threads threads-yields; do
  grep -q "bin/001-one_threads .*--engine=$engine --seed=1" "$work/bin/asked" || failed "no program of $engine"
done
grep -q 'bin/001-one_threads_tsan .*--engine=threads-tsan' "$work/bin/asked" || failed 'TSan has a program of its own'
! grep -q -- --clean= "$work/bin/asked" || failed 'threads were asked when they diverged'
bench 0 --bugs=001 --engines=aflpp --seeds=1 --diverged
asked 2
grep -q "bin/001-one_aflpp .*--engine=aflpp --seed=1 .*--mutator=$work/bin/aflpp_mutator.so" "$work/bin/asked" ||
  failed 'no program of AFL++'
! grep -q -- --clean= "$work/bin/asked" || failed 'AFL++ was asked when it diverged'

bench 5 --bugs=001 --seeds=1 --executions=200
says 'rows of another budget'
bench 2 --seeds=none
bench 3 --bugs=009
says 'no bug in'
bench 1 --bugs=003 --engines=random --seeds=1
says '003-three, random, seed 1: ended with code 9'
says '1 hunts have no row'
rm "$work/rows"
touch "$work/bin/alarm"
bench 1 --bugs=001 --engines=random --seeds=1
says 'ALARM without a bug: clean.upstream'
echo nonsense >"$work/rows"
bench 5 --bugs=001

[ "$failures" = 0 ] || exit 1
echo "time_to_bug: all as expected"
