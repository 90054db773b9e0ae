#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The runner's ways to fail, with fakes for QEMU, the kernel and the compiler: each has the
# right exit code and one line that says why. "ok NAME" or "FAIL NAME" a case; exit 1 if any
# failed. Needs neither network nor root. Read next: run, fake_machine.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source "$here/fake_machine.sh"
fake_machine "$work"
printf 'daxconf-script 1\nend\n' | tee "$work/one" >"$work/two"

failed=0
result() { # NAME WRONG
  if [ -z "$2" ]; then echo "ok $1"; else
    echo "FAIL $1: $2"
    failed=1
  fi
}

# expect NAME CODE PATTERN ARGUMENTS...: the runner's exit code, and its one line on stderr
# that is no progress. An empty pattern wants no such line.
expect() {
  local name=$1 code=$2 pattern=$3 status=0 errors wrong=''
  shift 3
  "$here/run" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
  errors=$(grep -c '^run: error: ' "$work/stderr" || true)
  [ $status = "$code" ] || wrong="exit code $status, not $code"
  if [ -n "$pattern" ]; then
    [ "$errors" = 1 ] || wrong+=" $errors lines of error: $(head -c 300 "$work/stderr")"
    grep -qE "^run: error: .*$pattern" "$work/stderr" || wrong+=" says: $(tail -n 1 "$work/stderr")"
  elif [ "$errors" != 0 ]; then
    wrong+=" says: $(head -n 1 "$work/stderr")"
  fi
  result "$name" "$wrong"
}
own=(--kernel="$work/vmlinux" --headers="$work/headers" --timeout=3)
forget() { rm -rf "$work"/cache/conformance/guest-*; }

expect "no script" 2 "no script" "${own[@]}"
expect "two scripts without a folder" 2 "wants --out" "${own[@]}" "$work/one" "$work/two"
expect "unknown option" 2 "unknown option --what" --what
expect "no series" 2 "a series of Debian" --kernel=6.12.9 "$work/one"
expect "kernel without headers" 2 "wants --headers" --kernel="$work/vmlinux" "$work/one"
expect "no kernel there" 3 "no kernel at" --kernel="$work/nothing" --headers="$work/headers" "$work/one"
expect "kernel that is none" 3 "not an x86-64 kernel image" --kernel="$work/text" --headers="$work/headers" "$work/one"
expect "kernel of another architecture" 3 "another architecture" \
  --kernel="$work/vmlinux.arm" --headers="$work/headers" "$work/one"
expect "headers that are not built" 3 "no built kernel headers" --kernel="$work/vmlinux" --headers="$work" "$work/one"
DAXFUZZ_QEMU=$work/none expect "no QEMU" 3 "no QEMU at" "${own[@]}" "$work/one"

printf '#!/bin/sh\necho aarch64\n' >"$work/bin/uname"
chmod +x "$work/bin/uname"
expect "machine of another architecture" 3 "this is aarch64" "${own[@]}" "$work/one"
rm "$work/bin/uname"

printf '#!/bin/sh\necho Filesystem\necho disk 1000 999 1 99%% /\n' >"$work/bin/df"
chmod +x "$work/bin/df"
expect "full disk" 3 "no room in .*: 0 MB free" "${own[@]}" "$work/one"
rm "$work/bin/df"

printf '#!/bin/sh\nexit 0\n' | tee "$work/bin/apt-cache" >"$work/bin/apt-get"
chmod +x "$work"/bin/apt-*
expect "apt that knows nothing" 3 "apt knows no kernel" --kernel=6.12 "$work/one"

# Backports with 7.0, whose headers have left the lists, and 7.3, whose headers are there.
cat >"$work/bin/apt-cache" <<'END'
#!/bin/sh
case "$*" in
  search*linux-headers*) echo "linux-headers-7.3.2+deb13-cloud-amd64 - headers" ;;
  search*linux-image*) for v in 7.3.2 7.0.9 7.0.13; do echo "linux-image-$v+deb13-cloud-amd64 - image"; done ;;
  madison*) echo there ;;
  show*) echo "Version: 7.0.13-1" ;;
esac
END
cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
case "$*" in
  indextargets*) echo "$FAKE_MIRROR" ;;
  *update) [ -z "$FAKE_LISTS" ] || { echo "E: $FAKE_LISTS"; exit 100; } ;;
  *download*) echo "E: no $3"; exit 100 ;;
esac
END
export FAKE_MIRROR=http://mirror FAKE_LISTS=
expect "series that there is not" 3 "no Linux 9.9 in Debian's backports: there are 7.0 7.3" --kernel=9.9 "$work/one"
expect "headers in no list" 3 "headers of Linux 7.0 .* --unsigned takes them" --kernel=7.0 "$work/one"
expect "series that is not fetched" 3 "downloading linux-headers-7.3.2.* failed" --kernel=7.3 "$work/one"
FAKE_MIRROR='' expect "no mirror" 3 "apt knows no mirror" --kernel=7.3 "$work/one"
FAKE_LISTS="no key" expect "lists that cannot be read" 3 "reading the lists .* failed: E: no key" \
  --kernel=7.3 "$work/one"
rm "$work"/bin/apt-*

sed -i 's/cp /no-such-command /' "$work/headers/Makefile"
expect "module that does not build" 3 "building daxprobe.ko failed: .*no-such-command" "${own[@]}" "$work/one"
sed -i 's/no-such-command /cp /' "$work/headers/Makefile"

FAKE_BOOT=die expect "QEMU that dies" 3 "QEMU failed: .*Cannot allocate memory" "${own[@]}" "$work/one"
FAKE_BOOT=panic expect "panic at boot" 3 "did not come up: it panicked: Kernel panic" "${own[@]}" "$work/one"
FAKE_BOOT=no_dax expect "kernel without DAX" 3 "without DAX" "${own[@]}" "$work/one"
FAKE_BOOT=hang expect "hang at boot" 3 "hangs: it was not up after 3 s" "${own[@]}" "$work/one"
FAKE_BOOT=unsaved expect "disk full while saving" 3 "could not be saved: no room" "${own[@]}" "$work/one"

expect "a whole log" 0 "" "${own[@]}" "$work/one"
result "the log on stdout" "$([ "$(tail -n 1 "$work/stdout")" = done ] || echo "is $(cat "$work/stdout")")"
FAKE_BOOT=die expect "the machine is kept" 0 "" "${own[@]}" "$work/one"
expect "two logs" 0 "" "${own[@]}" --out="$work/out" "$work/one" "$work/two"
result "the logs in the folder" "$(cmp "$work/out/one.log" "$work/out/two.log" 2>&1)"
expect "no such script" 3 "no script $work/none" "${own[@]}" "$work/none"
FAKE_RUN=hang expect "hang in a script" 3 "one: the guest hangs: no end after 3 s" "${own[@]}" "$work/one"
FAKE_RUN=panic expect "panic in a script" 3 "one: the guest did not finish: it panicked" "${own[@]}" "$work/one"
FAKE_RUN=partial expect "half a log" 3 "one: the guest did not finish: it ended early; .*Run /init" \
  "${own[@]}" "$work/one"
result "half a log is kept" "$([ "$(tail -n 1 "$work/stdout")" = "step 0" ] || echo "is $(cat "$work/stdout")")"
FAKE_RUN=die expect "QEMU that dies in a script" 3 "one: QEMU failed: .*Cannot allocate" "${own[@]}" "$work/one"
# A disk that is full where the logs go, and nowhere else.
cat >"$work/bin/df" <<'END'
#!/bin/sh
echo Filesystem
case $2 in *out*) echo disk 1000 999 1 99% / ;; *) echo disk 9999999 9 9999990 1% / ;; esac
END
chmod +x "$work/bin/df"
for end in partial panic hang die; do
  FAKE_RUN=$end expect "disk that fills up: $end" 3 "no room in $work/out: 0 MB free" \
    "${own[@]}" --out="$work/out" "$work/one"
done
expect "disk that fills up behind a whole log" 0 "" "${own[@]}" --out="$work/out" "$work/one"
rm "$work/bin/df"
expect "log that cannot be written" 3 "cannot write" "${own[@]}" --out=/proc/nothing "$work/one"
result "nothing is left behind" "$(find "$work/cache" -name 'disk.*')"

exit $failed
