#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# all_targets_test.sh SCRIPT TARGETS: the table of all_targets over a daxfuzz that is a script: a clean target is ok;
# a finding, a target that died, too few executions, a race that nobody has recorded, no result at all, each
# fails. Read next: table.py.
set -euo pipefail

script=$1 targets=$2
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/targets-XXXXXX")
trap 'rm -rf "$work"' EXIT
die() { cat "$work/said" >&2; echo "FAILED: $*" >&2; exit 1; }
mkdir -p "$work/programs"
cat >"$work/programs/daxfuzz" <<'END'
#!/usr/bin/env bash
echo "$@" >"$(dirname "$0")/asked-$2"
cat "$(dirname "$0")/$2.json" 2>/dev/null
exit "$(cat "$(dirname "$0")/$2.code" 2>/dev/null || echo 0)"
END
chmod +x "$work/programs/daxfuzz"

seeds=3
answer() { # TARGET EXECUTIONS FINDINGS CRASHES WORTH [CODE]
  printf '{"execs_done":%s,"edges_found":7,"seeds":%s,"findings":[%s],"crashes":[%s],"worth":"%s"}\n' \
    "$2" "$seeds" "$3" "$4" "$5" >"$work/programs/$1.json"
  echo "${6:-0}" >"$work/programs/$1.code"
}
run() { # ARGUMENTS...: exit code in $code
  code=0
  "$script" --programs="$work/programs" --out="$work/out" "$@" >"$work/said" 2>&1 || code=$?
}
fails() { # WHAT: line that says so
  run --executions=500 bytes
  [ "$code" = 1 ] || die "$1: exit code $code"
  grep -qE '^\| bytes .* \| FAILED \|$' "$work/said" || die "$1: the row does not say FAILED"
  grep -qxF "bytes: $1" "$work/said" || die "$1: is not told"
}

answer bytes 500 '' '' ''
answer interleaving 501 '' '' 'worth: data races: 3 runs: dax_lock_folio / dax_associate_entry\n'
run --executions=500 --seed=4 --protocol=legacy bytes interleaving
[ "$code" = 0 ] || die "clean: exit code $code"
grep -qE '^\| bytes \| 500 \| 7 \| 0 \| 0 \| [0-9]+ \| ok \|$' "$work/said" || die "no row of bytes"
grep -qE '^\| interleaving \| 501 \| 7 \| 0 \| 1 \| [0-9]+ \| ok \|$' "$work/said" || die "no row of interleaving"
asked=$(cat "$work/programs/asked-bytes")
[[ "$asked" == *" --findings=$work/out/nothing-known --protocol=legacy --budget=500-execs --seed=4 --json" ]] ||
  die "asked: $asked"
[ -z "$(ls -A "$work/out/nothing-known")" ] || die "something is known where all fixes are in"
run --executions=500 --model=upstream bytes
[[ "$(cat "$work/programs/asked-bytes")" == *"/corpus/findings --protocol=upstream "* ]] ||
  die "--model=upstream: asked: $(cat "$work/programs/asked-bytes")"
# The two lists of targets that have the fixes.
ours=$(sed -n 's/^with_fixes=(\(.*\))$/\1/p' "$script")
theirs=$(sed -n 's/^PROGRAM_TARGETS = \[\(.*\)\]$/\1/p' "$targets" | tr -d '",')
[ -n "$ours" ] && [ "$ours" = "$theirs" ] || die "$script has the fixes in '$ours', $targets in '$theirs'"

# AFL++: its own word for each target must be that it goes one way.
afl=$work/out/bytes/afl/bytes/job0
stats() { # STABILITY: how a script begins that leaves it
  printf '#!/usr/bin/env bash\nmkdir -p %s\necho "stability         : %s" >%s/fuzzer_stats\n' "$afl" "$1" "$afl"
}
for one in 100.00% 99.31%; do
  { stats "$one"; sed 1d "$work/programs/daxfuzz"; } >"$work/programs/next"
  cp "$work/programs/daxfuzz" "$work/plain"
  chmod +x "$work/programs/next"
  mv "$work/programs/next" "$work/programs/daxfuzz"
  run --build=aflpp --executions=500 bytes
  mv "$work/plain" "$work/programs/daxfuzz"
  [[ "$(cat "$work/programs/asked-bytes")" == "fuzz bytes --engine=aflpp "* ]] || die "AFL++ was not asked for"
  if [ "$one" = 100.00% ]; then
    [ "$code" = 0 ] && grep -qE '^\| bytes \| 500 .*\| 100[.]00% \| ok \|$' "$work/said" ||
      die "stable: exit code $code"
  else
    [ "$code" = 1 ] && grep -qxF 'bytes: stability 99.31%' "$work/said" || die "unstable: exit code $code"
  fi
done
run --build=aflpp --executions=500 bytes
[ "$code" = 1 ] && grep -qxF 'bytes: stability -' "$work/said" || die "no fuzzer_stats: exit code $code"

answer bytes 500 '{"protocol":"upstream","signature":"a in b","file":"f.daxt"}' '' '' 1
fails 'finding: upstream  a in b  f.daxt'
answer bytes 500 '' '"x.bin"' '' 1
fails 'the target died: x.bin'
seeds=0 answer bytes 500 '' '' ''
fails 'no seeds'
answer bytes 499 '' '' ''
fails '499 executions of 500'
answer bytes 500 '' '' 'worth: data races: 1 runs: f / g\n'
fails 'data race in 1 runs: f / g'
answer bytes 500 '' '' '' 3
fails 'exit code 3'
rm "$work/programs/bytes.json"
fails 'exit code 3, and no result'
run --executions=0
[ "$code" = 2 ] || die "--executions=0: exit code $code"
run nosuch
[ "$code" = 2 ] || die "nosuch: exit code $code"
echo "a table of $(grep -c '^fails ' "$0") ways to fail"
