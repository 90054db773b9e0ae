#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# fleet_test.sh FLEET LIBFUZZER AFLPP MUTATOR SEEDS: fleet.sh on the planted target, for seconds: each instance takes
# inputs of another, and the least of the whole is made by both tools. Then each in turn is kept from
# taking any, and the script says which. Where afl-fuzz cannot run at all it says why. Read next: fleet.sh.
set -euo pipefail
export LC_ALL=C

fleet=$(realpath "$1") libfuzzer=$(realpath "$2") aflpp=$(realpath "$3") mutator=$(realpath "$4") seeds=$(realpath "$5")
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/fleet-XXXXXX")
trap 'rm -rf "$work"' EXIT
die() { cat "$work/said" >&2; echo "FAILED: $*" >&2; exit 1; }
unset ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS
# The planted defect is not what is looked for here.
export DAXFUZZ_KNOWN=$work/known
for protocol in legacy v1 entry_ref upstream legacy60 upstream71 zap; do
  printf '%s\tplanted-defect in punch\n' "$protocol"
done >"$DAXFUZZ_KNOWN"

run() { # NAME LIBFUZZER: exit code in $code
  code=0
  "$fleet" "$2" "$aflpp" "$mutator" "$seeds" "$work/$1" 3 1 >"$work/said" 2>&1 || code=$?
}

run whole "$libfuzzer"
if [ "$code" = 3 ] && grep -qE 'shmget|shm_open|core_pattern' "$work/said"; then
  echo "skip: afl-fuzz cannot run here: $(grep -m 1 -E 'PROGRAM ABORT|SYSTEM ERROR' "$work/said")"
  exit 0
fi
[ "$code" = 0 ] || die "exit code $code"
grep -qE "^AFL\+\+ took [1-9][0-9]* inputs of libFuzzer's" "$work/said" || die "what AFL++ took is not told"
grep -qE "^the second AFL\+\+ took [1-9][0-9]* inputs of the main one's" "$work/said" ||
  die "what the second took is not told"
grep -qE "^libFuzzer took [1-9][0-9]* inputs of AFL\+\+'s" "$work/said" || die "what libFuzzer took is not told"
grep -qE "afl-cmin keeps [1-9][0-9]*, -merge=1 keeps [1-9]" "$work/said" || die "what is kept is not told"
cat "$work/said"

mkdir "$work/bin"
stand_in() { # SHELL CODE, which sees the words of the command one by one in $1
  cat >"$work/bin/afl-fuzz" <<END
#!/usr/bin/env bash
words=()
while [ \$# -gt 0 ]; do
  $1
  shift
done
exec "$(command -v afl-fuzz)" "\${words[@]}"
END
  chmod +x "$work/bin/afl-fuzz"
}
# An AFL++ that is not told of libFuzzer's folder.
# shellcheck disable=SC2016  # for the stand-in
stand_in 'if [ "$1" = -F ]; then shift; else words+=("$1"); fi'
PATH=$work/bin:$PATH run deaf "$libfuzzer"
[ "$code" = 1 ] || die "AFL++ without -F: exit code $code, expected 1"
grep -qx "fleet: AFL++ took nothing of libFuzzer's" "$work/said" || die "AFL++ without -F goes unnoticed"

# A second one that has a folder of its own until it has ended.
cat >"$work/bin/afl-fuzz" <<END
#!/usr/bin/env bash
[[ " \$* " == *" -S second "* ]] || exec "$(command -v afl-fuzz)" "\$@"
for ((i = 1; i < \$#; i++)); do [ "\${!i}" != -o ] || at=\$((i + 1)); done
out=\${!at} code=0
"$(command -v afl-fuzz)" "\${@:1:at-1}" "\$out.apart" "\${@:at+1}" || code=\$?
mv "\$out.apart/second" "\$out"
exit "\$code"
END
PATH=$work/bin:$PATH run strangers "$libfuzzer"
[ "$code" = 1 ] || die "AFL++ apart: exit code $code, expected 1"
grep -qx "fleet: the second AFL++ took nothing of the main one's" "$work/said" || die "two strangers go unnoticed"

# A libFuzzer that merges nothing.
cat >"$work/bin/target" <<END
#!/usr/bin/env bash
[[ " \$* " != *" -merge=1 "* ]] || { echo "MERGE-OUTER: 0 new files with 0 new features added"; exit 0; }
exec "$libfuzzer" "\$@"
END
chmod +x "$work/bin/target"
run blind "$work/bin/target"
[ "$code" = 1 ] || die "libFuzzer without -merge=1: exit code $code, expected 1"
grep -qx "fleet: libFuzzer took nothing of AFL++'s" "$work/said" || die "libFuzzer without -merge=1 goes unnoticed"
