# SPDX-License-Identifier: GPL-2.0-only
# The guest's parts: the kernel as an ELF file where QEMU can boot that, daxprobe.ko, the
# agent, and the initramfs that holds agent, mkfs.xfs and modules. Read next: machine.sh.

# What the guest needs as modules, where they are not built in; what these need follows.
guest_modules="virtio_pci virtio_blk virtio_console crc32c_generic crc32c-intel nd_pmem nd_e820 xfs"

# u32 FILE OFFSET: a little-endian number of the file.
u32() { od -An -tu4 -j "$2" -N4 "$1" | tr -d ' '; }

is_elf() { [ "$(head -c 4 "$1" | od -An -tx1 | tr -d ' ')" = 7f454c46 ]; }

# check_image FILE: dies unless it is a kernel for x86-64.
check_image() {
  [ -r "$1" ] || die "no kernel at $1"
  if is_elf "$1"; then
    [ "$(od -An -tu2 -j18 -N2 "$1" | tr -d ' ')" = 62 ] || die "$1 is for another architecture than x86-64"
  else
    [ "$(od -An -c -j $((0x202)) -N4 "$1" | tr -d ' ')" = HdrS ] ||
      die "$1 is not an x86-64 kernel image (bzImage or vmlinux)"
    # Bit 0 of xloadflags: a 64-bit entry point.
    [ $(($(od -An -tu2 -j $((0x236)) -N2 "$1") & 1)) = 1 ] || die "$1 is for another architecture than x86-64"
  fi
}

# boot_image FROM TO: the ELF inside a bzImage, which boots seconds faster under TCG, if it
# can be had and has an entry point for QEMU (PVH); else the file itself.
boot_image() {
  local from=$1 to=$2 start length unpacker
  cp "$from" "$to" || die "no room for $to"
  ! is_elf "$from" || return 0
  start=$((($(od -An -tu1 -j $((0x1f1)) -N1 "$from") + 1) * 512 + $(u32 "$from" $((0x248)))))
  length=$(u32 "$from" $((0x24c)))
  case $(od -An -tx1 -j $start -N4 "$from" | tr -d ' ') in
    fd377a58) unpacker=xz ;;
    28b52ffd) unpacker=zstd ;;
    1f8b*) unpacker=gzip ;;
    02214c18) unpacker=lz4 ;;
    *) return 0 ;;
  esac
  command -v $unpacker >/dev/null || return 0
  # The size that follows the stream is garbage to the unpacker: its status says nothing.
  tail -c +$((start + 1)) "$from" | head -c "$length" | $unpacker -dc >"$to.elf" 2>/dev/null || true
  if is_elf "$to.elf" && readelf -n "$to.elf" 2>/dev/null | grep -q 'Xen.*0x00000012'; then
    mv "$to.elf" "$to"
  else
    rm -f "$to.elf"
  fi
}

# compiler_words HEADERS: sets compiler to what make must be told where the compiler that the
# kernel was built with is not there: gcc, without an option that only a newer one knows.
compiler_words() {
  local named
  compiler=()
  named=$(sed -n 's/^#define CONFIG_CC_VERSION_TEXT "\([^ "]*\).*/\1/p' "$1/include/generated/autoconf.h")
  ! command -v "$named" >/dev/null || return 0
  compiler=(CC=gcc)
  gcc -fmin-function-alignment=16 -E -x c /dev/null >/dev/null 2>&1 ||
    compiler+=(CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=)
}

# build_module HEADERS TO: daxprobe.ko into the folder TO.
build_module() {
  local build=$2/conformance/module compiler
  [ -e "$1/Makefile" ] && [ -e "$1/include/generated/autoconf.h" ] ||
    die "no built kernel headers in $1 (want Makefile and include/generated/)"
  rm -rf "$2/conformance"
  mkdir -p "$2/conformance"
  cp -r "$here/module" "$build"
  compiler_words "$1"
  checked "building daxprobe.ko" make -C "$1" M="$build" "${compiler[@]}" CONFIG_DEBUG_INFO_BTF_MODULES= modules
  cp "$build/daxprobe.ko" "$2/daxprobe.ko"
  strip -g "$2/daxprobe.ko"
}

build_agent() { # TO
  checked "compiling the agent" gcc -std=gnu17 -O2 -Wall -Wextra -Werror -static -pthread -I"$root" \
    -o "$1/init" "$here"/agent/*.c
}

# module_file FOLDER NAME: the path of a module, "-" and "_" being the same; or nothing.
module_file() {
  local pattern
  pattern=$(sed 's/[-_]/[-_]/g' <<<"$2")
  find "$1/" -name "$pattern.ko" -o -name "$pattern.ko.xz" -o -name "$pattern.ko.zst" \
    -o -name "$pattern.ko.gz" | head -n 1
}

# add_module FOLDER NAME TO: the module's needs and then itself into TO, each once; "list"
# there tells the order. A module that is not there may be built in.
add_module() {
  local file name to=$3 needed
  file=$(module_file "$1" "$2")
  [ -n "$file" ] || return 0
  name=${file##*/}
  name=${name%%.ko*}.ko
  ! grep -qx "$name" "$to/list" || return 0
  case $file in
    *.xz) xz -dc "$file" ;;
    *.zst) zstd -dcq "$file" ;;
    *.gz) gzip -dc "$file" ;;
    *) cat "$file" ;;
  esac >"$to/$name" || die "cannot unpack $file"
  for needed in $(readelf -p .modinfo "$to/$name" | sed -n 's/.*\] *depends=//p' | tr ',' ' '); do
    add_module "$1" "$needed" "$to"
  done
  strip -g "$to/$name"
  echo "$name" >>"$to/list"
}

# add_program PATH ROOT: with the libraries that it is linked to.
add_program() {
  local library
  install -D "$1" "$2/bin/${1##*/}"
  with_host ldd "$1" | grep -oE '/[^ ]+' | while read -r library; do
    case $library in
      "$cache"/*) install -D "$library" "$2/lib/${library##*/}" ;;
      *) install -D "$library" "$2$library" ;;
    esac
  done
}

# build_initramfs MODULES FOLDER: FOLDER/initramfs of FOLDER/init and FOLDER/daxprobe.ko.
build_initramfs() {
  local to=$2 tree=$2/tree module
  rm -rf "$tree"
  mkdir -p "$tree"/{bin,dev,proc,sys,tmp,mnt,lib,modules}
  : >"$tree/modules/list"
  if [ -n "$1" ]; then
    for module in $guest_modules; do add_module "$1" "$module" "$tree/modules"; done
  fi
  cp "$to/daxprobe.ko" "$tree/modules/"
  echo daxprobe.ko >>"$tree/modules/list"
  cp "$to/init" "$tree/init"
  add_program "$(host_tool mkfs.xfs)" "$tree"
  (cd "$tree" && find . | LC_ALL=C sort | with_host "$(host_tool cpio)" -o -H newc --quiet -R 0:0) >"$to/initramfs" ||
    die "no room for $to/initramfs"
  rm -rf "$tree"
}
