// SPDX-License-Identifier: GPL-2.0-only
// What a crash may take away. After fsync(2) has returned 0, a byte holds a value that it
// had when that began, or a later one, whether or not the write of that had ended; without
// an fsync it holds any value that it ever had. What was then beyond the end of the file
// is promised nothing. A collapse that is undone moves blocks back with what was written
// to them since: the file's own data, of which nobody says where it is then, so that file
// is not judged. A MAP_SYNC mapping promises the place: while a page table lets a page be
// written, the block is in the file at that page, because the user's own flushes make the
// contents durable. The judge asks once the file system is mounted again; the ledger's
// page tables and forks are those before the crash.
#include "oracle/judge.h"

#include <cstdio>

namespace daxfuzz::oracle {
namespace {

// Is the address in a mapping that asked for MAP_SYNC?
bool is_map_sync(const kernel::World& machine, std::size_t mm, std::uint64_t address) {
  for (const kernel::vm_area_struct& vma : machine.vmas) {
    if (vma.vm_mm.peek() != &machine.mms[mm] || !vma.has(kernel::VM_SYNC)) continue;
    if (address >= vma.start() && address < vma.end()) return true;
  }
  return false;
}

// Which function's work is missing: a store into the block that was not written back, else
// a transaction of the file.
std::string_view loser(Judge& judge, kernel::FileByte where, const kernel::xfs_bmbt_irec& at) {
  const kernel::World& machine = judge.machine();
  const auto line = static_cast<unsigned>(where.pos % kernel::PAGE_SIZE);
  if (!at.hole() && !at.unwritten)
    if (const sched::Label* lost = machine.pmem.lost_store(kernel::block_to_pfn(at.block), line))
      return lost->text();
  return machine.log.lost_in(where.file, kernel::page_of(where.pos)).text();
}

void check_byte(Judge& judge, kernel::FileByte where) {
  const kernel::World& machine = judge.machine();
  const kernel::inode& file = machine.inodes[where.file];
  const kernel::xfs_bmbt_irec& at = file.data_fork[kernel::page_of(where.pos)];
  const bool zero = at.hole() || at.unwritten || where.pos >= file.i_size.peek();
  const std::uint64_t pfn = zero ? kernel::kZeroPfn : kernel::block_to_pfn(at.block);
  const std::uint8_t value =
      machine.pmem.load(pfn, static_cast<unsigned>(where.pos % kernel::PAGE_SIZE));
  if (judge.history().survives(where, value)) return;
  char text[8];
  std::snprintf(text, sizeof text, "0x%02x", value);
  const bool had = judge.history().possible(where, value, 0);
  judge.report(had ? "fsync-promise-broken" : "crash-exposes-foreign-data",
               static_cast<std::int64_t>(pfn),
               name(where) + " holds " + text + " after the crash, possible " +
                   judge.history().describe_survivors(where),
               loser(judge, where, at));
}

}  // namespace

void check_map_sync(Judge& judge) {
  const kernel::World& machine = judge.machine();
  Ledger& ledger = judge.ledger();
  for (std::size_t i = 0; i < ledger.ptes.size(); i++) {
    const PteRecord& pte = ledger.ptes[i];
    if (!pte.present || !pte.write || !kernel::pfn_is_pmem(pte.pfn)) continue;
    if (!is_map_sync(machine, ledger.mm_of(i), ledger.address_of(i))) continue;
    const kernel::inode& file = machine.inodes[pte.where.file];
    for (std::uint64_t page = 0; page < pte.pages; page++) {
      const kernel::xfs_bmbt_irec& at = file.data_fork[pte.where.page + page];
      const bool there = at.block == kernel::pfn_to_block(pte.pfn + page) && !at.unwritten;
      if (there && kernel::pos_of(pte.where.page + page) < file.i_size.peek()) continue;
      const auto number = static_cast<std::uint16_t>(pte.where.page + page);
      judge.report("map-sync-metadata-lost", static_cast<std::int64_t>(pte.pfn + page),
                   name(kernel::FilePage{pte.where.file, number}) +
                       (there ? " is beyond the end of the file after the crash"
                              : " has another block, or none, after the crash"),
                   machine.log.lost_in(pte.where.file, number).text());
    }
  }
}

void check_survivors(Judge& judge) {
  const kernel::World& machine = judge.machine();
  for (std::uint8_t file = 0; file < machine.geometry.files; file++) {
    if (machine.log.undone(file, "xfs_collapse_file_space")) continue;
    const auto end = static_cast<std::uint32_t>(kernel::pos_of(machine.inodes[file].pages_max()));
    for (std::uint32_t pos = 0; pos < end; pos++) check_byte(judge, {file, pos});
  }
}

}  // namespace daxfuzz::oracle
