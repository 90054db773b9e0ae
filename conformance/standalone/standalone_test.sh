#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# An exported program on the files of any file system (without DAX no op waits): its ops have a
# kernel's results. "ok NAME" or "FAIL NAME" a case; exit 1 if any failed.
# Usage: standalone_test.sh DAXFUZZ. Read next: main.c; cli/export_test.sh has the verb.
set -euo pipefail
daxfuzz=$(realpath "$1")
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/standalone-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir files

cat >trace.daxt <<'T'
daxt 1
protocol    legacy
geometry    files=2 blocks=1024 pmd_order=9 mms=2
T0: truncate a 2
T0: mmap    a+0 len=2 mm=1 -> m0
T0: fault   m0+0 write 0x5a
T0: pin     m0+1 write pin fast -> p3
T0: pin     m0+0 read pin slow -> p2
T0: read    a+0 len=1
T0: dma     p2 read
T0: unpin   p3
T0: unpin   p2
T0: truncate a 1
T0: fault   m0+1 read
T0: munmap  m0
T0: unlink  a
T0: read    a+0 len=1
T0: write   b+0 len=1 late 0x33
T0: mmap    b+0 len=1 private mm=1 -> m0
T0: mmap    b+0 len=1 mm=1 -> m1
T0: fault   m0+0 write 0x44
T0: fork    m0 mm=0 -> m2
T0: fault   m0+0 write 0x55
T0: fault   m2+0 read
T0: mmap    b+0 len=1 mm=0 -> m3
T0: munmap  m1
T0: munmap  m0
T0: mmap    b+0 len=1 mm=0 -> m0
T0: fault   m2+0 read
T0: fault   m0+0 read
schedule    random seed=1
T
"$daxfuzz" export --c trace.daxt >whole.c
# What no trace has: a slot that is not in use, a mapping that is another process's; a fork that
# would end a process with a mapping.
sed -e 's/^\t"threads 1/\t"threads 2/' \
  -e '/^\t"op 22 /i\	"op 92 1 0 fork 2 1 4\\n"\n\t"op 93 1 0 fault 2 0 read\\n"' \
  -e '/^\t"op 9 /i\	"op 90 1 0 unpin 3\\n"\n\t"op 91 1 0 fault 0 0 read\\n"' whole.c >program.c
cat >want <<'END'
R 0 ok 0
R 1 ok 0
R 2 ok 0
R 3 ok 0
R 4 ok 0
R 5 ok 90 4096
R 6 ok 90
R 7 ok 0
R 8 ok 0
R 90 err 22
R 91 err 22
R 9 ok 0
R 10 sig 7 2
R 11 ok 0
R 12 ok 0
R 13 ok 0 0
R 14 ok 0
R 15 ok 0
R 16 ok 0
R 17 ok 0
R 18 ok 0
R 19 ok 0
R 20 ok 68
R 21 ok 0
R 92 err 16
R 93 ok 68
R 22 ok 0
R 23 ok 0
R 24 ok 0
R 25 ok 68
R 26 ok 51
END

status=0
check() { # NAME WRONG
  if [ -z "$2" ]; then echo "ok $1"; else
    echo "FAIL $1: $2"
    status=1
  fi
}
check "an exported program compiles" \
  "$(cc -O2 -Wall -Wextra -Wshadow -Werror -pthread -o program program.c 2>&1 | head -n 5)"
said=$(timeout 60 ./program --anywhere files 2>&1) || said+=" exit $?"
check "its ops have the results of a kernel" "$(diff <(grep '^R' <<<"$said") want | head -n 5)"
check "it says that it is done, and what the files hold" "$(diff <(grep -A 9 -x done <<<"$said") - <<'END' | head -n 5
done
contents a: empty
contents b 0..0: 0x00 0x33
END
)"
check "its files are in a folder of its own" "$(ls files | grep -v '^daxfuzz-......$')"
none=0
./program >/dev/null 2>&1 || none=$?
check "it wants a directory" "$([ $none = 2 ] || echo "exit $none")"
rm -rf files/*
none=0
said=$(./program files 2>&1) || none=$?
check "it says that there is no DAX, and how to have it" \
  "$(if [ $none != 3 ] || ! grep -q 'no DAX' <<<"$said" || ! grep -q 'mount -o dax=always' <<<"$said"; then
    echo "exit $none: $said"
  fi)"
check "it leaves nothing behind then" "$(ls files)"
exit $status
