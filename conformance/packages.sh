# SPDX-License-Identifier: GPL-2.0-only
# Debian packages by name, downloaded to the cache and unpacked there, never installed: the
# kernel with what its modules are built with, and QEMU with what it needs. Read next: run.

# apt_ready: apt-get with lists that know of kernels.
apt_ready() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    die "this is not Debian (no apt-get and dpkg): give --kernel=PATH --headers=PATH, and install qemu-system-x86_64"
  if [ -z "$(apt-cache madison linux-image-cloud-amd64 2>/dev/null)" ] && [ "$(id -u)" = 0 ]; then
    apt-get -q update >/dev/null 2>&1 </dev/null || true
  fi
  [ -n "$(apt-cache madison linux-image-cloud-amd64 2>/dev/null)" ] ||
    die "apt knows no kernel: run apt-get update as root"
}

# fetch FOLDER PACKAGE...: the packages unpacked in the folder, all or nothing. apt-get leaves
# alone what an earlier try has brought.
fetch() {
  local to=$1 file
  shift
  mkdir -p "$to.debs"
  (cd "$to.debs" && checked "downloading $1" apt-get -q download "$@") || exit 3
  rm -rf "$to.part"
  mkdir -p "$to.part"
  for file in "$to.debs"/*.deb; do
    checked "unpacking ${file##*/}" dpkg -x "$file" "$to.part"
  done
  rm -rf "$to" "$to.debs"
  mv "$to.part" "$to"
}

# debian_kernel SERIES: unpacks Debian's newest kernel of 6.1 or 6.12 with headers, and sets
# kernel_dir and kernel_release. What was unpacked before is used as it is.
debian_kernel() {
  local series=$1 meta image base
  kernel_dir=$cache/kernel-$series
  if [ ! -e "$kernel_dir/release" ]; then
    apt_ready
    need_room "$cache" 600
    meta=linux-image-$series-cloud-amd64
    [ "$series" != 6.1 ] || meta=linux-image-cloud-amd64
    image=$(apt-cache depends "$meta" 2>/dev/null | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }')
    [[ $image == linux-image-"$series".* ]] || die "apt knows no Linux $series: this needs Debian 12 (bookworm)"
    note "fetching $image"
    base=${image#linux-image-}
    base=${base%-cloud-amd64}
    local kbuild=linux-kbuild-$base
    [ -n "$(apt-cache madison "$kbuild" 2>/dev/null)" ] || kbuild=linux-kbuild-$series
    fetch "$kernel_dir" "$image" "linux-headers-$base-cloud-amd64" "linux-headers-$base-common" "$kbuild"
    # The headers' Makefile includes another by an absolute path, where it would be installed.
    sed -i "s#include /usr/src/#include $kernel_dir/usr/src/#" \
      "$kernel_dir/usr/src/linux-headers-$base-cloud-amd64/Makefile"
    echo "$base-cloud-amd64" >"$kernel_dir/release"
  fi
  kernel_release=$(cat "$kernel_dir/release")
  kernel_image=$kernel_dir/boot/vmlinuz-$kernel_release
  kernel_headers=$kernel_dir/usr/src/linux-headers-$kernel_release
  kernel_modules=$kernel_dir/lib/modules/$kernel_release
}

# What is fetched besides kernels. The closure is what apt would install.
host_packages="qemu-system-x86 xfsprogs cpio"

# unpacked_host: QEMU, mkfs.xfs and cpio in $cache/host.
unpacked_host() {
  local names
  [ ! -e "$cache/host/complete" ] || return 0
  apt_ready
  need_room "$cache" 400
  note "fetching $host_packages"
  # shellcheck disable=SC2086 # one package a word
  names=$(apt-get install -s --no-install-recommends $host_packages 2>/dev/null | awk '$1 == "Inst" { print $2 }')
  # Those that are installed already are not in that list.
  # shellcheck disable=SC2086
  names=$(printf '%s\n' $names $host_packages | sort -u)
  # shellcheck disable=SC2086
  fetch "$cache/host" $names
  touch "$cache/host/complete"
}

# host_tool NAME: the tool's path, of the machine if it has it, else of $cache/host.
host_tool() {
  local found
  if command -v "$1"; then return; fi
  for found in "$cache/host"/{usr/,}{bin,sbin}/"$1"; do
    if [ -x "$found" ]; then
      echo "$found"
      return
    fi
  done
  die "no $1 in ${cache}/host: remove that folder and try again"
}

# with_host COMMAND...: with the libraries of $cache/host, behind the machine's own.
with_host() {
  local libraries=$cache/host/usr/lib/x86_64-linux-gnu
  LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$libraries:$cache/host/lib/x86_64-linux-gnu \
    QEMU_MODULE_DIR=$libraries/qemu "$@"
}
