# SPDX-License-Identifier: GPL-2.0-only
# For tests that kill campaigns. The caller has set daxfuzz, dir and die(); a campaign's --out is $dir/out. Read
# next: kills_test.sh.

: >"$dir/ever"
running=0 # targets that ran when their campaign was killed

# begin_and_kill SECONDS COMMAND...: kill -9 after so long; then its targets must end by themselves. What it said is
# in $dir/said.
begin_and_kill() {
  local pid child one i seconds=$1
  shift
  ("$@") >"$dir/out.txt" 2>"$dir/said" &
  pid=$!
  sleep "$seconds"
  child=$(cat /proc/$pid/task/$pid/children 2>/dev/null || true)
  kill -9 "$pid" 2>/dev/null || die "it ended before it was killed"
  wait "$pid" 2>/dev/null || true
  running=$((running + $(wc -w <<<"$child")))
  for one in $child; do
    for ((i = 0; i < 100; i++)); do
      [ -e "/proc/$one" ] && ! grep -q '^State:.[ZX]' "/proc/$one/status" 2>/dev/null || break
      sleep 0.05
    done
    [ "$i" -lt 100 ] || die "the target outlives its parent"
  done
}
# lost: what was announced and is not there. "NEW  PROTOCOL  SIGNATURE  -> PATH" lines that are whole.
lost() {
  sed -n 's/^NEW  .*  -> \(.*[.]daxt\)$/\1/p' "$dir/said" >>"$dir/ever"
  local path
  sort -u "$dir/ever" | while IFS= read -r path; do [ -s "$path" ] || echo "$path"; done
}
# broken: findings that do not end as they say, one by one.
broken() {
  local file
  find "$dir/out/findings" -name '*.daxt' | sort | while IFS= read -r file; do
    "$daxfuzz" replay --expect --quiet "$file" >/dev/null 2>&1 || echo "$file"
  done
}
