#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# An exported program put together by hand from files.txt: it compiles without a warning, by
# itself, and runs its ops on the files of any file system (without DAX no op waits). "ok
# NAME" or "FAIL NAME" a case; exit 1 if any failed. Read next: files.txt.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/files"

{
  echo '#define _GNU_SOURCE'
  grep -v '^#' "$top/conformance/standalone/files.txt" | while read -r file; do
    grep -v '^#include "conformance/' "$top/$file"
  done
  echo 'const char exported_script[] ='
  { printf 'daxconf-script 1\nfiles 2\nmms 2\nthreads 2\n'
    awk '{ print "op", NR - 1, $0 }' <<'END'
0 0 truncate 0 8192
0 1 mmap 0 0 8192 shared 0 0
0 1 fault 0 4096 write 90
1 1 pin 0 4096 write pin fast 3
0 0 read 0 0 8192
0 0 dma 3 read
1 0 unpin 3
0 0 unpin 3
0 0 truncate 0 4096
0 1 fault 0 4096 read
0 0 fault 0 0 read
1 0 unlink 0
0 0 read 0 0 1
END
    echo end; } | sed 's/.*/"&\\n"/'
  echo ';'
} >"$work/program.c"
cat >"$work/want" <<'END'
R 0 ok 0
R 1 ok 0
R 2 ok 0
R 3 ok 0
R 4 ok 90 8192
R 5 ok 90
R 6 ok 0
R 7 err 22
R 8 ok 0
R 9 sig 7 2
R 10 err 22
R 11 ok 0
R 12 ok 0 0
END

status=0
check() { # NAME WRONG
  if [ -z "$2" ]; then echo "ok $1"; else
    echo "FAIL $1: $2"
    status=1
  fi
}
check "an exported program compiles" \
  "$(gcc -std=gnu17 -O2 -Wall -Wextra -Wshadow -Werror -pthread -o "$work/program" "$work/program.c" 2>&1 | head -n 5)"
said=$(timeout 60 "$work/program" "$work/files" 2>&1) || said+=" exit $?"
check "its ops have the results of a kernel" "$(diff <(grep '^R' <<<"$said") "$work/want" | head -n 5)"
check "it says that it is done" "$([ "$(tail -n 1 <<<"$said")" = done ] || tail -n 1 <<<"$said")"
none=0
"$work/program" >/dev/null 2>&1 || none=$?
check "it wants a directory" "$([ $none = 2 ] || echo "exit $none")"
exit $status
