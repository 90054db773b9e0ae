# SPDX-License-Identifier: GPL-2.0-only
# A kernel, its headers, tools and QEMU that are there in name only, for tests that source this:
# they need neither network nor root. Read next: fake_qemu.sh.

# fake_machine FOLDER: FOLDER/vmlinux with FOLDER/headers, and FOLDER/bin before all others in PATH.
fake_machine() {
  local to=$1
  mkdir -p "$to"/{bin,headers/include/{generated,config}} "$to/cache/conformance/host/usr/bin"
  printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0' >"$to/vmlinux"
  printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0' >"$to/vmlinux.arm"
  echo not a kernel >"$to/text"
  printf 'modules:\n\tcp /bin/true $(M)/daxprobe.ko\n' >"$to/headers/Makefile"
  touch "$to/headers/include/generated/autoconf.h"
  echo 6.99-fake >"$to/headers/include/config/kernel.release"
  printf '#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\ncp /bin/true "$2"\n' >"$to/bin/gcc"
  printf '#!/bin/sh\ncat\n' >"$to/bin/cpio"
  cp /bin/true "$to/bin/mkfs.xfs"
  chmod +x "$to"/bin/*
  touch "$to/cache/conformance/host/complete"
  cp "$(dirname "${BASH_SOURCE[0]}")/fake_qemu.sh" "$to/qemu"
  chmod +x "$to/qemu"
  export PATH=$to/bin:$PATH DAXFUZZ_CACHE=$to/cache DAXFUZZ_QEMU=$to/qemu
}
