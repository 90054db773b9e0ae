# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of conformance/, which source it: where things are kept, and errors
# that are one line and exit code 3. Read next: run.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
source "$here/../ci/lib.sh"
cache=$(cache_dir)/conformance

# What a step of the preparation writes goes through here, so that a full disk is said to be
# one: need_room FOLDER MEGABYTES; checked COMMAND... dies with the command's last words.
need_room() {
  local free
  mkdir -p "$1" 2>/dev/null || die "cannot write in $1"
  free=$(df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge "$2" ] || die "no room in $1: $free MB free, $2 MB needed"
}

checked() { # WHAT COMMAND...
  local what=$1 log
  shift
  log=$(mktemp) || die "no room for temporary files"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    local said
    # What make says of itself comes last and says least.
    said=$(grep -vE '^make.*(Entering|Leaving|Error [0-9])' "$log" |
      grep -m 1 -i -E 'no space|cannot allocate|not found|no such|error[: ]' || tail -n 1 "$log")
    rm -f "$log"
    die "$what failed: ${said:-no reason given}"
  fi
  rm -f "$log"
}

# The C compiler and tools that kernel modules are built with.
need_tools() {
  local tool
  for tool in make gcc ld readelf xz; do
    command -v "$tool" >/dev/null || die "$tool is not there: install make, gcc-12, binutils and xz-utils"
  done
}
