#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# minimize_test.sh MINIMIZE CLASSIC DAXFUZZ LOOK LIBFUZZER NAME_crashes...: ten crashes of two bugs from end to end;
# then what must not pass, planted in what the command has left, and in the command itself. Read next: minimize.
set -euo pipefail
export LC_ALL=C

minimize=$1 work=$TEST_TMPDIR
folder=$(dirname "$minimize")/folder.py
fail() { echo "FAIL: $*"; exit 1; }
mkdir -p "$work/programs/crashes"
for tool in classic daxfuzz look libfuzzer; do
  shift
  ln -s "$(realpath "$1")" "$work/programs/$tool"
done
shift
for maker; do
  name=$(basename "$maker")
  ln -s "$(realpath "$maker")" "$work/programs/crashes/${name%_crashes}"
done

run() { # EXIT-CODE ARGUMENTS...
  local wanted=$1 status=0
  shift
  "$minimize" --programs="$work/programs" --crashes=5 --catalogue=0 "$@" >"$work/said" 2>"$work/noted" || status=$?
  [ "$status" = "$wanted" ] || { cat "$work/said" "$work/noted"; fail "$*: exit code $status, not $wanted"; }
}
says() { grep -q -- "$1" "$work/said" || { cat "$work/said" "$work/noted"; fail "it does not say: $1"; }; }

# What it is there for. The page keeps what stands above the figures.
printf '# A page\n\n<!-- figures -->\n\nof last year\n' >"$work/page"
run 0 --out="$work/out" --catalogue=2 --others=1 --runs=300 --write="$work/page"
# Which signatures they have is for the seeds to say; 107 has one, and 300 others.
says '^10 crashes of 2 bugs with \([2-9]\) signatures: \1 findings\. '
says '^4 crashes of 2 bugs, each in the model of its bug'
says '^| deep4 | .* | 4 | 20 of 20 seeds |'
says '^| `daxfuzz minimize FILE` | .* | 1 of 1 |'
says '^| libFuzzer `-minimize_crash=1`, known | .* |'
grep -q '^# A page$' "$work/page" && grep -q 'seed 1, commit' "$work/page" && grep -q '^10 crashes' "$work/page" &&
  ! grep -q "last year" "$work/page" || { cat "$work/page"; fail "the page"; }

# The same crashes again.
python3 -B "$folder" make --programs="$work/programs" --root="$PWD" --out="$work/again" --count=5 --seed=1 \
  107-zero-page-is-counted 300-one-pin-is-not-busy 2>"$work/noted"
diff "$work/out/made.tsv" "$work/again/made.tsv" || fail "other crashes from the same seeds"

# planted WHAT-IT-SAYS COMMAND...: the folder of findings, changed by the command, is refused.
planted() {
  local words=$1 status=0
  shift
  rm -rf "$work/bad"
  cp -r "$work/out" "$work/bad"
  (cd "$work/bad/findings/upstream" && "$@")
  python3 -B "$folder" check --programs="$work/programs" --out="$work/bad" >"$work/said" 2>"$work/noted" || status=$?
  [ "$status" = 1 ] || { cat "$work/said"; fail "$*: exit code $status, not 1"; }
  says "^WRONG: $words"
}
lose() { rm -r zero-page-counted-*; }
double() { cp -r zero-page-counted-* again; }
empty() { rm zero-page-counted-*/minimal.daxt; }
mistake() {
  local all=(*/minimal.daxt)
  cp "${all[0]}" zero-page-counted-*/
}
forget() { sed -i 1d zero-page-counted-*/inputs.tsv; }
# After the last op of the only thread: it fails before it comes to them.
lengthen() {
  local trace
  for trace in */minimal.daxt; do
    awk '{ print } /^T0:/ { last = $0 } /^T0:/ && ++ops == wanted { print last; print last; print last }' \
      wanted="$(grep -c '^T0:' "$trace")" "$trace" >longer
    mv longer "$trace"
  done
}
planted 'missing: upstream zero-page-counted in dax_load_hole' lose
planted 'found 2 times: upstream zero-page-counted in dax_load_hole' double
planted '.*minimal.daxt: is not there' empty
planted 'missing: upstream zero-page-counted in dax_load_hole' mistake
planted '.*: of other crashes than have its signature' forget
planted "in the median [3-9] ops longer than the bugs' own traces" lengthen

# Planted in the command: a finding is lost on the way; a switch is left, as classic tells it.
stand_in() { # TOOL SCRIPT: in its place, with the tool itself as $0
  local real
  real=$(readlink "$work/programs/$1")
  rm "$work/programs/$1"
  printf '#!/usr/bin/env bash\nreal=%s\n%s\n' "$real" "$2" >"$work/programs/$1"
  chmod +x "$work/programs/$1"
}
# shellcheck disable=SC2016  # for the script
stand_in daxfuzz '"$real" "$@" && for each; do case $each in --out=*) rm -r "${each#*=}"/upstream/zero-*; esac; done'
run 1 --out="$work/bad" --others=0
says '^WRONG: missing: upstream zero-page-counted in dax_load_hole$'
ln -sf "$(sed -n 's/^real=//p' "$work/programs/daxfuzz")" "$work/programs/daxfuzz"
stand_in classic 'exit 1'
run 1 --out="$work/bad" --others=0

# A crash that fails otherwise with both bugs is not taken; if there are too few, that is said.
# shellcheck disable=SC2016
stand_in look '"$real" "$@" | sed s/zero-page-counted/other/'
run 3 --out="$work/bad" --others=0
grep -q '107-zero-page-is-counted: of [0-9]* hunts 0 fail alike' "$work/noted" ||
  { cat "$work/noted"; fail "its words"; }

run 2 --crashes=many
run 3 --out="$work/bad" --write="$work/noted" # no line for the figures
echo ok
