# SPDX-License-Identifier: GPL-2.0-only
# Kernels newer than those of Debian 12, by series: from the backports of the release after it,
# with lists of our own, from the mirror and with the keys that the machine's apt has. Their
# build tools want a newer C library, which they get; nothing is installed. Read next: run.

# What fixdep, modpost and objtool are linked to.
newer_libraries="libc6 libelf1t64 libssl3t64 zlib1g libzstd1"

# newer_apt: sets APT_CONFIG, and mirror to what Debian itself is taken from.
newer_apt() {
  local to=$cache/apt
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || die "apt knows no mirror of Debian 12 (bookworm): give --kernel=PATH --headers=PATH"
  mkdir -p "$to"/{lists,cache}/partial "$to/cache/archives/partial" || die "cannot write in $to"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$mirror" trixie "$mirror" trixie-backports >"$to/sources.list"
  cat >"$to/apt.conf" <<END
Dir::Etc::sourcelist "$to/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$to/lists";
Dir::Cache "$to/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
END
  export APT_CONFIG=$to/apt.conf
  note "reading the lists of newer kernels"
  checked "reading the lists of newer kernels" apt-get -q update
}

# newer_releases KIND: those of which there is linux-KIND, oldest first.
newer_releases() {
  apt-cache search --names-only "^linux-$1-[0-9.]+[^ ]*-cloud-amd64\$" |
    sed -n "s/^linux-$1-\([^ ]*-cloud-amd64\) .*/\1/p" | sort -V
}

# of_series SERIES: the newest release of it among the lines of stdin, or nothing.
of_series() { grep "^${1//./\\.}\." | tail -n 1 || true; }

# from_pool FOLDER RELEASE: what belongs to an image that is still in the lists without it, headers
# and, from 6.19 on, modules, into FOLDER.debs. No signature covers them.
from_pool() {
  local to=$1.debs release=$2 base=${2%-cloud-amd64} version file files
  version=$(apt-cache show "linux-image-$release" | awk '$1 == "Version:" { print $2; exit }')
  files=("linux-headers-${release}_${version}_amd64" "linux-headers-${base}-common_${version}_all"
    "linux-kbuild-${base}_${version}_amd64")
  [ -z "$(apt-cache show "linux-image-$release" | grep "^Depends:.*linux-modules-$release")" ] ||
    files+=("linux-modules-${release}_${version}_amd64")
  mkdir -p "$to"
  for file in "${files[@]}"; do
    [ -s "$to/$file.deb" ] ||
      checked "downloading $file.deb" /usr/lib/apt/apt-helper download-file \
        "$mirror/pool/main/l/linux/$file.deb" "$to/$file.deb"
  done
}

# with_libraries FOLDER: the kernel's build tools become scripts that start them with the
# libraries of $cache/newer-host.
with_libraries() {
  local tool libraries=$cache/newer-host/usr/lib/x86_64-linux-gnu
  find "$1"/usr/lib/linux-kbuild-* -type f -perm -u+x | while read -r tool; do
    is_elf "$tool" || continue
    mv "$tool" "$tool.elf"
    cat >"$tool" <<END
#!/bin/sh
exec $libraries/ld-linux-x86-64.so.2 --library-path $libraries --argv0 "\$0" $tool.elf "\$@"
END
    chmod +x "$tool"
  done
}

# newer_packages SERIES: sets packages to what makes the newest kernel of the series, and
# kernel_release; fetches the headers first if they have no signature and $unsigned is yes.
newer_packages() {
  local series=$1 base package
  kernel_release=$(newer_releases headers | of_series "$series")
  packages=()
  if [ -n "$kernel_release" ]; then
    base=${kernel_release%-cloud-amd64}
    packages=("linux-headers-$kernel_release" "linux-headers-$base-common" "linux-kbuild-$base")
  else
    kernel_release=$(newer_releases image | of_series "$series")
    [ -n "$kernel_release" ] ||
      die "no Linux $series in Debian's backports: there are" \
        "$(newer_releases image | grep -oE '^[0-9]+\.[0-9]+' | sort -Vu | paste -sd' ')"
    [ "$unsigned" = yes ] ||
      die "the headers of Linux $series are in no signed list any more: --unsigned takes them from the pool as they are"
    from_pool "$kernel_dir" "$kernel_release"
  fi
  for package in linux-image linux-binary linux-modules; do
    [ -z "$(apt-cache madison "$package-$kernel_release")" ] || packages+=("$package-$kernel_release")
  done
}

# newer_kernel SERIES: as debian_kernel in packages.sh.
newer_kernel() {
  local series=$1 packages mirror
  kernel_dir=$cache/kernel-$series
  if [ ! -e "$kernel_dir/release" ]; then
    apt_ready
    need_room "$cache" 700
    newer_apt
    newer_packages "$series"
    note "fetching Linux $kernel_release"
    fetch "$kernel_dir" "${packages[@]}"
    # shellcheck disable=SC2086 # one package a word
    [ -d "$cache/newer-host" ] || fetch "$cache/newer-host" $newer_libraries
    sed -i "s#\(include \|=\)/usr/src/#\1$kernel_dir/usr/src/#" \
      "$kernel_dir/usr/src/linux-headers-$kernel_release/Makefile"
    with_libraries "$kernel_dir"
    echo "$kernel_release" >"$kernel_dir/release"
    unset APT_CONFIG
  fi
  kernel_release=$(cat "$kernel_dir/release")
  kernel_headers=$kernel_dir/usr/src/linux-headers-$kernel_release
  kernel_modules=$kernel_dir/usr/lib/modules/$kernel_release
  kernel_image=$kernel_modules/vmlinuz
  [ -e "$kernel_image" ] || kernel_image=$kernel_dir/boot/vmlinuz-$kernel_release
}
