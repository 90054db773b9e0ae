# SPDX-License-Identifier: GPL-2.0-only
# The virtual machine: booted once until its agent is ready, saved, and restored for each
# script. TCG, one processor, memory at fixed addresses: the same script, the same log. Read
# next: run.

# The agent reads at most this much of a script.
script_bytes=$((4 << 20))

# With less than this free a log that has no end may have met a full disk.
log_megabytes=2

# Emulated pmem must not touch the top of memory, or it cannot be mapped in whole sections.
kernel_words="console=ttyS0 quiet loglevel=5 memmap=512M!1G nokaslr mitigations=off panic=-1 random.trust_cpu=on"

# forget_machines: removes all but the last few that nobody is using.
forget_machines() {
  local old
  # The names are ours and hold no blanks.
  # shellcheck disable=SC2012
  { ls -dt "$cache"/guest-* 2>/dev/null || true; } | tail -n +6 | while read -r old; do
    (exec 8>"$old/used" && flock -n 8 && rm -rf "$old") || true
  done
}

# find_qemu: sets qemu to the words that start it; $DAXFUZZ_QEMU is whose word counts first.
find_qemu() {
  if [ -n "${DAXFUZZ_QEMU:-}" ]; then
    [ -x "$DAXFUZZ_QEMU" ] || die "no QEMU at DAXFUZZ_QEMU=$DAXFUZZ_QEMU"
    qemu=("$DAXFUZZ_QEMU")
  elif command -v qemu-system-x86_64 >/dev/null; then
    qemu=(qemu-system-x86_64)
  else
    qemu=("$cache/host/usr/bin/qemu-system-x86_64" -L "$cache/host/usr/share/qemu" -L "$cache/host/usr/share/seabios")
  fi
  with_host "${qemu[@]}" --version >/dev/null 2>&1 || die "QEMU does not run: ${qemu[0]} --version failed"
}

# machine GUEST SCRIPT LOG CONSOLE WORDS...: runs QEMU in the guest's folder.
machine() {
  local guest=$1 script=$2 log=$3 console=$4
  shift 4
  cd "$guest" && with_host exec "${qemu[@]}" -accel tcg -machine pc -cpu max -m 2G -smp 1 \
    -display none -nodefaults -no-user-config -no-reboot -serial "file:$console" \
    -kernel "$guest/kernel" -initrd "$guest/initramfs" -append "$kernel_words" \
    -drive "file=$script,format=raw,if=virtio" \
    -device virtio-serial-pci -chardev "file,id=log,path=$log" \
    -device virtserialport,chardev=log,name=log "$@"
}

# why CONSOLE: what the console says of a guest that did not do its work, in one line.
why() {
  grep -a -m 1 -oE 'daxfuzz-agent: error: .*' "$1" 2>/dev/null |
    sed 's/^daxfuzz-agent: error: //' | tr -d '\r' && return
  if grep -a -q 'Kernel panic' "$1" 2>/dev/null; then
    echo "it panicked: $(grep -a -m 1 -oE 'Kernel panic.*' "$1" | tr -d '\r')"
    return
  fi
  echo "it ended early; its last words: $(tail -n 1 "$1" 2>/dev/null | tr -d '\r\0' | cut -c1-100)"
}

# qmp WORD: sends a command to the monitor and sets reply to what it returns.
qmp() {
  echo "$1" >&"${monitor[1]}" 2>/dev/null || return 1
  while read -r -t 60 reply <&"${monitor[0]}"; do
    case $reply in
      '{"return"'*) return 0 ;;
      '{"error"'*) return 1 ;;
    esac
  done
  return 1
}

# save_machine GUEST SECONDS: boots and writes GUEST/state.
save_machine() {
  local guest=$1 limit=$2 console=$1/console began=$SECONDS status
  rm -f "$guest/state" "$guest/state.part" "$console"
  : >"$console"
  truncate -s "$script_bytes" "$guest/blank" || die "no room in $guest"
  coproc monitor { machine "$guest" "$guest/blank" /dev/null "$console" -qmp stdio 2>"$guest/qemu.err"; }
  # shellcheck disable=SC2154 # set by coproc
  local pid=$monitor_PID
  give_up() {
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    die "$*"
  }
  until grep -a -q '^daxfuzz-agent: ready' "$console"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      [ ! -s "$guest/qemu.err" ] || give_up "QEMU failed: $(head -n 1 "$guest/qemu.err")"
      give_up "the guest did not come up: $(why "$console")"
    fi
    [ $((SECONDS - began)) -lt "$limit" ] || give_up "the guest hangs: it was not up after $limit s"
    sleep 0.1
  done
  # The machine runs on while it is saved, so that it runs on when it is restored.
  qmp '{"execute":"qmp_capabilities"}' &&
    qmp '{"execute":"migrate-set-parameters","arguments":{"max-bandwidth":10737418240,"downtime-limit":2000}}' &&
    qmp '{"execute":"migrate","arguments":{"uri":"exec:cat > state.part"}}' ||
    give_up "QEMU does not save the machine: $reply"
  while :; do
    qmp '{"execute":"query-migrate"}' || give_up "QEMU died while saving the machine (disk full?)"
    status=$(grep -oE '"status": *"[a-z-]+"' <<<"$reply" | head -n 1 | grep -oE '[a-z-]+"$' | tr -d '"')
    case $status in
      completed) break ;;
      failed | cancelled) give_up "the machine could not be saved: no room in $guest?" ;;
    esac
    [ $((SECONDS - began)) -lt $((limit + 60)) ] || give_up "saving the machine hangs"
    sleep 0.1
  done
  qmp '{"execute":"quit"}' || true
  wait "$pid" 2>/dev/null || true
  [ -s "$guest/state.part" ] || die "the machine was saved to nothing: no room in $guest?"
  mv "$guest/state.part" "$guest/state"
}

# run_script GUEST SCRIPT LOG CONSOLE SECONDS: restores the machine, which runs the script.
# Says why and returns 3 if there is no whole log.
run_script() {
  local guest=$1 script=$2 log=$3 console=$4 limit=$5 name=${2##*/} status=0 disk
  [ -r "$script" ] || { note "error: no script $script"; return 3; }
  [ "$(stat -c %s "$script")" -lt "$script_bytes" ] ||
    { note "error: $name: longer than $script_bytes bytes"; return 3; }
  disk=$(mktemp "$guest/disk.XXXXXX") && cat "$script" >"$disk" 2>/dev/null && truncate -s "$script_bytes" "$disk" ||
    { rm -f "$disk"; note "error: no room in $guest"; return 3; }
  : >"$console" && : >"$log" || { rm -f "$disk"; note "error: cannot write $log"; return 3; }
  (
    set +e
    export -f machine with_host
    timeout --foreground -k 5 "$limit" bash -c "$(declare -p qemu cache kernel_words); machine \"\$@\"" machine \
      "$guest" "$disk" "$log" "$console" -incoming 'exec:cat state'
  ) >"$console.qemu" 2>&1 </dev/null || status=$?
  rm -f "$disk"
  if [ "$(tail -n 1 "$log")" = done ]; then
    rm -f "$console.qemu"
    return 0
  fi
  # A disk that filled up meanwhile is the reason, whatever the guest's last words are.
  (need_room "${log%/*}" "$log_megabytes") || { rm -f "$console.qemu"; return 3; }
  if [ $status = 124 ] || [ $status = 137 ]; then
    note "error: $name: the guest hangs: no end after $limit s, the last of the log is $(tail -n 1 "$log" | cut -c1-80)"
  elif [ $status != 0 ] && [ -s "$console.qemu" ]; then
    note "error: $name: QEMU failed: $(head -n 1 "$console.qemu")"
  else
    note "error: $name: the guest did not finish: $(why "$console")"
  fi
  rm -f "$console.qemu"
  return 3
}
