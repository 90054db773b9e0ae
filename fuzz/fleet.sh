#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# fleet.sh LIBFUZZER AFLPP MUTATOR SEEDS DIR SECONDS [ROUND]: AFL++ and libFuzzer on one target and one folder,
# as docs/scale.md says, two instances of AFL++ (-M, -S) and one of libFuzzer; then what each has taken from the
# others. The main AFL++ takes what libFuzzer keeps in DIR/corpus as a foreign queue, the second takes the main one's;
# libFuzzer takes AFL++'s queues into DIR/corpus by -merge=1 before each round of ROUND (60) seconds. Exit code 1 if
# one of them has taken nothing: a fleet of strangers. At the end afl-cmin and -merge=1 make the least of the whole.
# MUTATOR may be "" for targets whose input is no program. SECONDS under 90 see only what AFL++ takes at its start, for
# it looks again every half AFL_SYNC_TIME, which is a minute at least. Findings end no engine here; they are in
# DIR/artifacts and in AFL++'s crashes. Read next: fleet_test.sh.
set -euo pipefail
export LC_ALL=C

[ $# -ge 6 ] || { sed -n '3,10s/^# //p' "$0" >&2; exit 2; }
libfuzzer=$(realpath "$1") aflpp=$(realpath "$2") seeds=$(realpath "$4") seconds=$6 round=${7:-60}
mkdir -p "$5"
dir=$(cd "$5" && pwd)
mkdir -p "$dir/corpus" "$dir/artifacts" "$dir/log" "$dir/seeds"
[ -z "$3" ] || { AFL_CUSTOM_MUTATOR_LIBRARY=$(realpath "$3") && export AFL_CUSTOM_MUTATOR_LIBRARY; }
export AFL_AUTORESUME=1 AFL_SYNC_TIME=1 AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_IMPORT_FIRST=1
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
# Bazel's folder of seeds is of links; afl-fuzz wants files.
cp -L "$seeds"/* "$dir/seeds"

running=()
stop() { [ ${#running[@]} = 0 ] || kill -INT "${running[@]}" 2>/dev/null || true; }
trap stop EXIT
count() { find "$1" -type f -name "$2" 2>/dev/null | wc -l; }
broken() { tail -n 20 "$dir/log/$1" >&2; echo "fleet: $1 failed" >&2; exit 3; } # LOG
# merge TO FROM...: what is new of FROM comes into TO. "N new files with M new features added".
merge() {
  "$libfuzzer" -merge=1 -max_len=1024 -artifact_prefix="$dir/artifacts/" "$@" >"$dir/log/merge" 2>&1 || broken merge >&2
  sed -n 's/^MERGE-OUTER: \([0-9]*\) new files with .*/\1/p' "$dir/log/merge"
}

# The first round is before AFL++ begins, the last merge after it has ended.
taken=0 rounds=0
libfuzzer_round() {
  "$libfuzzer" -max_len=1024 "-max_total_time=$round" -artifact_prefix="$dir/artifacts/" "$dir/corpus" "$dir/seeds" \
    >"$dir/log/libfuzzer-$rounds" 2>&1 || echo "fleet: libFuzzer ended with code $? in round $rounds" >&2
  rounds=$((rounds + 1))
}
take() {
  local queues=("$dir"/afl/*/queue) new
  [ -d "${queues[0]}" ] || return 0
  new=$(merge "$dir/corpus" "${queues[@]}")
  taken=$((taken + ${new:-0}))
}
libfuzzer_round
before=$(count "$dir/corpus" '*')
begun=$(date +%s)
instance() { # NAME -M|-S ARGUMENTS...
  local name=$1 role=$2
  shift 2
  afl-fuzz "$role" "$name" -G 1024 -m none -V "$seconds" -i "$dir/seeds" -o "$dir/afl" "$@" -- "$aflpp" \
    >"$dir/log/$name" 2>&1 &
  running+=($!)
}
instance main -M -F "$dir/corpus"
# The second takes at its start what the main one has by then, which is to be something.
for _ in $(seq 100); do
  [ "$(count "$dir/afl/main/queue" 'id:*,src:*')" = 0 ] && kill -0 "${running[0]}" 2>/dev/null || break
  sleep 0.1
done
kill -0 "${running[0]}" 2>/dev/null || broken main
instance second -S
while kill -0 "${running[0]}" 2>/dev/null; do
  take
  libfuzzer_round
done
wait "${running[0]}" || broken main
wait "${running[1]}" || broken second
running=()
take

stat() { sed -n "s/^$2 *: //p" "$dir/afl/$1/fuzzer_stats"; } # INSTANCE NAME
foreign=$(count "$dir/afl/main/queue" '*,sync:corpus_*')
# What it takes at its start it has taken by then.
late=$(find "$dir/afl/main/queue" -type f -name '*,sync:corpus_*' -newermt "@$((begun + 20))" | wc -l)
# A file in one's queue says of which other it came.
own=$(count "$dir/afl/second/queue" '*,sync:main,*') back=$(count "$dir/afl/main/queue" '*,sync:second,*')
for one in main second; do
  echo "AFL++ $one: $(stat $one execs_done) executions, $(stat $one corpus_count) inputs," \
    "stability $(stat $one stability)"
done
echo "libFuzzer  $rounds rounds of $round s, $before inputs after the first, $(count "$dir/corpus" '*') at the end"
echo "AFL++ took $foreign inputs of libFuzzer's, $late of them later than 20 s after its start"
echo "libFuzzer took $taken inputs of AFL++'s"
echo "the second AFL++ took $own inputs of the main one's, the main one $back of the second's"
[ "$own" -gt 0 ] || { echo "fleet: the second AFL++ took nothing of the main one's" >&2; exit 1; }
[ "$foreign" -gt 0 ] || { echo "fleet: AFL++ took nothing of libFuzzer's" >&2; exit 1; }
[ "$taken" -gt 0 ] || { echo "fleet: libFuzzer took nothing of AFL++'s" >&2; exit 1; }

# The least of the whole, by each engine's own tool and measure.
rm -rf "$dir/all" "$dir/cmin" "$dir/merged"
mkdir "$dir/all" "$dir/merged"
number=0
while IFS= read -r file; do
  cp "$file" "$dir/all/$(printf %06d "$number")"
  number=$((number + 1))
done < <(find "$dir/corpus" "$dir"/afl/*/queue -maxdepth 1 -type f | sort)
# Without the mutator: what it makes canonical would be measured, not what is there.
env -u AFL_CUSTOM_MUTATOR_LIBRARY AFL_ALLOW_TMP=1 afl-cmin -m none -t 5000 -i "$dir/all" -o "$dir/cmin" -- "$aflpp" \
  >"$dir/log/cmin" 2>&1 || broken cmin
merged=$(merge "$dir/merged" "$dir/all")
echo "of all $number inputs afl-cmin keeps $(count "$dir/cmin" '*'), -merge=1 keeps $merged"
[ "$(count "$dir/cmin" '*')" -gt 0 ] && [ "${merged:-0}" -gt 0 ] || { echo "fleet: nothing is left" >&2; exit 1; }
