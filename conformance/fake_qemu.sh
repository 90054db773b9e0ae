#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Stands in for QEMU in runner_test.sh and cli/conform_test.sh. $FAKE_BOOT says what the guest does
# when it is booted, $FAKE_RUN what it does when it is restored; if $FAKE_ONLY is set, with a script
# that has these words alone, and with others it says what is in the file $FAKE_LOG. Read next:
# runner_test.sh.
set -u
[ "${1:-}" != --version ] || { echo "fake qemu 1"; exit 0; }

console='' log='' script='' restored=no
while [ $# -gt 0 ]; do
  case $1 in
    file:*) console=${1#file:} ;;
    file,id=log,path=*) log=${1#file,id=log,path=} ;;
    file=*,format=raw,if=virtio) script=${1#file=} script=${script%,format=raw,if=virtio} ;;
    -incoming) restored=yes ;;
  esac
  shift
done

say() { echo "[    1.000000] $*" >>"$console"; }

# QEMU's monitor, as far as the runner speaks to it.
monitor() {
  local line status=${1:-completed}
  while read -r line; do
    case $line in
      *query-migrate*) echo "{\"return\": {\"status\": \"$status\"}}" ;;
      *'"migrate"'*) echo state >state.part; echo '{"return": {}}' ;;
      *quit*) echo '{"return": {}}'; exit 0 ;;
      *) echo '{"return": {}}' ;;
    esac
  done
}

behave() {
  case $1 in
    ready) echo "daxfuzz-agent: ready" >>"$console"; echo '{"QMP": {}}'; monitor ;;
    unsaved) echo "daxfuzz-agent: ready" >>"$console"; echo '{"QMP": {}}'; monitor failed ;;
    whole) printf 'daxconf-log 1\nkernel fake\nstep end\ndone\n' >"$log" ;;
    partial) printf 'daxconf-log 1\nkernel fake\nstep 0\n' >"$log"; say "Run /init" ;;
    recorded) cat "$FAKE_LOG" >"$log"; say "Run /init" ;;
    no_dax) echo "daxfuzz-agent: error: this kernel mounts XFS without DAX (CONFIG_FS_DAX?)" >>"$console" ;;
    panic) say "Kernel panic - not syncing: Fatal exception"; exit 1 ;;
    hang) exec sleep 100 ;;
    die) echo "qemu: cannot set up guest memory: Cannot allocate memory" >&2; exit 1 ;;
  esac
}

if [ $restored = no ]; then
  behave "${FAKE_BOOT:-ready}"
elif [ -n "${FAKE_ONLY:-}" ] && ! grep -aqF "$FAKE_ONLY" "$script"; then
  behave recorded
else
  behave "${FAKE_RUN:-whole}"
fi
