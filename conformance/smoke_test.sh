#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# smoke_test.sh [KERNEL [DAXFUZZ]]: values that are known of Debian's 6.12 and 6.1, read from the real
# kernel: counts of idle and pinned pages, a truncate that waits behind a pin, PMDs, sharing,
# and the kernel's own warning where 6.12 does not wait; and what programs that DAXFUZZ exports
# show there. "ok NAME" or "FAIL NAME" a case;
# exit 1 if any failed, 3 if there is no machine. Read next: run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
kernel=${1:-6.12} daxfuzz=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ops NAME [LINE]: a script of the lines of stdin, "THREAD MM OP...", numbered; LINE before them.
ops() {
  { printf 'daxconf-script 1\nfiles 2\nmms 2\nthreads 2\n%s' "${2:+$2$'\n'}"
    awk '{ print "op", NR - 1, $0 }'
    echo end; } >"$work/$1"
}

ops pins <<'END'
0 0 truncate 0 16384
0 0 mmap 0 0 16384 shared 0 0
0 0 fault 0 0 write 90
0 0 fault 0 0 read
0 0 pin 0 0 write pin fast 0
0 0 pin 0 0 read get slow 1
1 0 truncate 0 0
0 0 dma 0 read
0 0 unpin 0
0 0 fault 0 0 read
0 0 unpin 1
0 0 fault 0 0 read
0 0 pin 0 0 read pin fast 8
END
ops huge <<'END'
0 0 alloc 0 0 4194304
0 0 mmap 0 2097152 2097152 shared 0 0
0 0 fault 0 1048576 write 7
0 1 mmap 0 2097152 2097152 shared 0 1
0 1 fault 1 4096 read
0 0 punch 0 2097152 4096
0 0 fault 0 4096 read
END
ops shared <<'END'
0 0 write 0 0 8192 17
0 0 reflink 0 0 1 0 8192
0 0 mmap 0 0 8192 shared 0 0
0 1 mmap 1 0 8192 shared 0 1
0 0 fault 0 0 read
0 1 fault 1 0 read
0 1 fault 1 0 write 34
0 0 fault 0 0 read
END
ops warning <<'END'
0 0 truncate 0 4096
0 0 mmap 0 0 4096 shared 0 0
0 0 fault 0 0 write 1
0 0 pin 0 0 write pin fast 0
0 0 munmap 0
0 0 truncate 0 0
0 0 size 0
END
ops child <<'END'
0 0 truncate 0 16384
0 0 mmap 0 0 16384 shared 0 0
0 0 fault 0 0 write 90
0 0 fork 0 1 2
0 1 fault 2 0 read
1 1 munmap 2
0 0 mmap 0 0 16384 private 0 1
0 0 fault 1 4096 write 17
1 0 fork 1 1 2
0 0 munmap 1
0 1 mmap 0 0 4096 shared 0 1
0 1 fault 2 4096 write 18
0 1 fault 1 0 read
0 0 fork 0 1 4
END

ops full 'free 20' <<'END'
0 0 alloc 0 0 40960
0 0 alloc 1 0 40960
0 0 alloc 0 0 40960
0 0 truncate 1 32768
0 0 mmap 1 0 32768 shared 0 0
0 0 write 1 0 24576 17
0 0 write 1 20480 8192 34
0 0 fault 0 24576 write 51
0 0 pin 0 24576 write pin slow 0
0 0 write 0 0 8192 68
0 0 reflink 0 0 1 0 4096
0 0 write 1 24576 4096 34
0 0 fault 0 0 write 85
0 0 unshare 1 0 4096
0 0 fault 0 0 read
0 0 punch 0 8192 32768
0 0 fault 0 0 write 102
0 0 read 0 0 4096
END

# exported NAME: the finding of that name as a program.
exported() {
  "$daxfuzz" export --c "$here/../corpus/findings/$1.daxt" >"$work/$1.c"
  gcc -O2 -static -pthread -o "$work/$1" "$work/$1.c"
}

status=0
"$here/run" --kernel="$kernel" --timeout=100 --out="$work/1" "$work"/{pins,huge,shared,warning,child,full} || exit 3
"$here/run" --kernel="$kernel" --timeout=100 --out="$work/2" "$work"/{pins,huge,shared,warning,child,full} || exit 3

# has NAME SCRIPT STEP PATTERN: a line of the step is like that; STEP any: of the whole log.
has() {
  local lines
  lines=$(awk -v step="$3" '$1 == "step" { in_step = $2 == step } in_step || step == "any"' "$work/1/$2.log")
  if grep -qE "^$4\$" <<<"$lines"; then echo "ok $1"; else
    echo "FAIL $1: no line $4 in step $3 of $2:"
    head -n 20 <<<"$lines"
    status=1
  fi
}

for name in pins huge shared warning child full; do
  if said=$(cmp "$work/1/$name.log" "$work/2/$name.log" 2>&1); then echo "ok the same log twice: $name"; else
    echo "FAIL the same log twice: $said"
    status=1
  fi
done
entry='N 0 0 0x[0-9a-f]+ pte 0 D 0x[0-9a-f]+'
has "a mapped page counts one" pins 2 "$entry 1 -1 0x1000 0x0 0"
has "the entry was inserted in that step" pins 2 "E 2 dax_insert_entry ret=0x[0-9a-f]+"
has "the byte that was stored" pins 3 "R 3 ok 90"
has "a pin counts 1024" pins 4 "$entry 1025 -1 0x1000 0x0 0"
has "a get counts one more" pins 5 "$entry 1026 -1 0x1000 0x0 0"
has "truncate waits for pins" pins 6 "R 6 blocked S xfs_break_dax_layouts"
has "the busy page was found" pins 6 "E 6 dax_layout_busy_page_range ret=0x4[0-9a-f]{4}"
has "a device reads through the pin" pins 7 "R 7 ok 90"
has "a fault comes back while it waits" pins 9 "R 9 ok 90"
has "the last pin lets it go on" pins 10 "R 6 ok 0"
has "the entry is invalidated" pins 10 "E 6 __dax_invalidate_entry index=0 trunc=1 ret=1"
has "a fault beyond the end" pins 11 "R 11 sig 7 2"
has "a pin that there is no slot for" pins 12 "R 12 err 22"
has "a PMD entry" huge 2 "N 0 512 0x[0-9a-f]+ pmd 9 D 0x[0-9a-f]+ 1 -1 0x1000 0x200 0"
has "a PMD in the page table" huge 2 "V 0 0 0 pmd w 0x[0-9a-f]+"
has "another process maps it by PMD" huge 4 "V 1 1 0 pmd [rw] 0x[0-9a-f]+"
has "PTEs after a hole was punched" huge 6 "V 0 0 4096 pte [rw] 0x[0-9a-f]+"
has "a child has the mapping" child 3 "F 0 16384 1 0x1000 2"
has "and its page counts as before" child 3 "N 0 0 0x[0-9a-f]+ pte 0 D 0x[0-9a-f]+ 1 -1 0x1000 0x0 0"
has "its page table comes by a fault" child 4 "E 4 dax_insert_entry ret=0x[0-9a-f]+"
has "which reads the parent's byte" child 4 "R 4 ok 90"
has "and belongs to the child's process" child 4 "V 1 2 0 pte r 0x[0-9a-f]+"
has "the parent's mapping stays" child 4 "V 0 0 0 pte w 0x[0-9a-f]+"
has "another child has not what its parent has besides" child 8 "F 0 16384 2 0x1000 3"
has "a private copy is read-only in the parent" child 8 "V 0 1 4096 pte r 0x1000"
has "and the same in the child" child 8 "V 1 2 4096 pte r 0x1000"
has "the place of the child's mapping stays its own" child 10 "V 1 2 4096 pte r 0x1000"
has "the child writes in place when it is alone" child 11 "V 1 2 4096 pte w 0x1000"
has "another mapping is beside it" child 12 "R 12 ok 90"
has "a process with mappings is not given up" child 13 "R 13 err 16"
if [ "$kernel" = 6.12 ]; then
  has "a shared page counts files" shared 4 "N 0 0 0x[0-9a-f]+ pte 0 - 0x[0-9a-f]+ 1 -1 0x1 0x1 0"
  has "and the second one" shared 5 "N 1 0 0x[0-9a-f]+ pte 0 - 0x[0-9a-f]+ 1 -1 0x1 0x2 0"
  has "truncate does not wait for a page that is not mapped" warning 5 "R 5 ok 0"
  has "and the kernel warns" warning 5 "W WARN fs/dax.c:[0-9]+ dax_disassociate_entry"
  has "the page is pinned and has no entry" warning 6 "P 0x[0-9a-f]+ 1025 -1 0x0 0x0"
fi
if [ "$kernel" = 6.12 ] && [ -n "$daxfuzz" ]; then
  spins=read-pin-of-shared-page-spins warns=unmapped-file-is-not-scanned
  exported $spins
  exported $warns
  for hint in 0 4096; do
    gcc -std=gnu17 -O2 -static -DHINT=$hint -o "$work/sync$hint" "$here/programs/sync_store_into_a_copy.c" || exit 3
  done
  gcc -std=gnu17 -O2 -static -o "$work/swap" "$here/programs/swapext_forgets_a_pin.c" || exit 3
  gcc -std=gnu17 -O2 -static -pthread -o "$work/frees" "$here/programs/fault_frees_the_block_of_a_write.c" || exit 3
  "$here/run" --timeout=100 --out="$work/1" "$work/$spins" "$work/$warns" "$work"/{sync0,sync4096,swap,frees} ||
    exit 3
  has "a write(2) whose block a fault has freed is lost" frees any "write\(2\) .* 4096, and the file holds 0x11"
  has "a page that is pinned while extents are swapped is another file's" swap any "the pinned page of a holds 0x77"
  has "a MAP_SYNC store into a copy is lost" sync0 any "after the crash page 0 holds 0x22 and page 1 0x11"
  has "with copies of one block it is not" sync4096 any "after the crash page 0 holds 0x22 and page 1 0x33"
  has "an exported program's pin spins" $spins end "op 3 never ended: state R, in __get_user_pages"
  has "and it says so" $spins end "program exit 1"
  has "an exported program ends" $warns end "program exit 0"
  has "and the kernel warns of it" $warns end "W WARN fs/dax.c:[0-9]+ dax_disassociate_entry"
fi
has "blocks that there are" full 0 "R 0 ok 0"
has "no room for a range" full 1 "R 1 err 28"
has "nor for one that is there" full 2 "R 2 err 28"
has "a write takes the last ones" full 5 "R 5 ok 0"
has "a write that is short" full 6 "R 6 err 28"
has "a fault on a hole" full 7 "R 7 sig 7 2"
has "a pin of a hole" full 8 "R 8 err 14"
has "a write to unwritten blocks needs none" full 9 "R 9 ok 0"
has "a clone gives one back" full 10 "R 10 ok 0"
has "which is had again" full 11 "R 11 ok 0"
has "a store that must copy" full 12 "R 12 sig 7 2"
has "an unsharing" full 13 "R 13 err 28"
has "leave the page as it is" full 14 "R 14 ok 68"
has "when there is room the store copies" full 16 "R 16 ok 0"
has "and the other file keeps its page" full 17 "R 17 ok 68( 4096)?"
has "a write to a shared page is a copy" shared 7 "R 7 ok 17"

# Model and kernel, step by step, and what a kernel line of a litmus trace says.
if [ -n "$daxfuzz" ]; then
  loops=sync-fault-over-a-real-pmd-entry-loops
  mapfile -t traces < <(grep -l "^# kernel  *${kernel//./\\.} " "$here"/../corpus/litmus/*.daxt |
    grep -v "/$loops.daxt")
  echo "skip $loops: a task that faults for ever changes what is looked at"
  if "$daxfuzz" conform --quiet --kernel="$kernel" --out="$work/litmus" "${traces[@]}" >"$work/said"; then
    echo "ok the model agrees with $kernel in all of corpus/litmus"
  else
    echo "FAIL the model and $kernel in corpus/litmus:"
    cat "$work/said"
    status=1
  fi
  for trace in "${traces[@]}"; do
    name=$(basename "$trace" .daxt)
    while read -r does; do
      case $does in
        *warns:*) wanted="  kernel  ${does%%warns:*}warns: WARN .* ${does##* }" ;;
        *'never ends') wanted="  kernel  $does" ;;
        nothing*)
          told=$(awk -v name="$name" '/^[^ ]/ { on = $1 == name } on && /^  kernel  /' "$work/said")
          if [ -z "$told" ]; then echo "ok $kernel, $name: nothing is told"; else
            echo "FAIL $kernel, $name: wanted nothing, got $told"
            status=1
          fi
          continue
          ;;
        *) continue ;;
      esac
      if awk -v name="$name" '/^[^ ]/ { on = $1 == name } on' "$work/said" | grep -qx "$wanted"; then
        echo "ok $kernel, $name: $does"
      else
        echo "FAIL $kernel, $name: wanted $wanted"
        status=1
      fi
    done < <(sed -n "s/^# kernel  *${kernel//./\\.}  *//p" "$trace")
  done
fi
exit $status
