// SPDX-License-Identifier: GPL-2.0-only
// A page of the device has gone bad: the processes that map it lose it and are told. Who
// maps it the file system says, through its rmap btree, or else the page itself, which
// knows one file at most. See dax_lock.cc (the entry that is held meanwhile) and
// xfs_notify_failure.cc (the owners of a block).
#include <algorithm>
#include <array>
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// struct to_kill: a mapping of the page, `pages` of them by one PTE or PMD. At most one a
// VMA.
struct ToKill {
  std::uint8_t mm = 0;
  std::uint64_t pages = 0;
  FilePage where;
};
struct KillList {
  std::array<ToKill, trace::kMapsMax> list;
  std::size_t count = 0;
};

// Port of dev_pagemap_mapping_shift(), mm/memory-failure.c, Linux 6.12: pages that are
// mapped at the address as one, 0 if none is.
// Differs: devmap entries are those that map the device, in every generation.
// Yields: before the PMD and the PTE are read. The page table lock is not taken.
std::uint64_t dev_pagemap_mapping_pages(const vm_area_struct& vma, std::uint64_t address) {
  CHECK(address >= vma.start() && address < vma.end());
  mm_struct& mm = *vma.vm_mm.peek();
  const pmd_t pmd = mm.pmd(address).read_once("pmd_read");
  if (pmd_leaf(pmd)) return pfn_is_pmem(pte_pfn(pmd)) ? pmd_pages(world().geometry) : 0;
  if (pmd_none(pmd)) return 0;
  const pte_t pte = mm.ptes[address].read_once("pte_read");
  return !pte_none(pte) && pfn_is_pmem(pte_pfn(pte)) ? 1 : 0;
}

// Port of collect_procs_fsdax(), mm/memory-failure.c, Linux 6.12; collect_procs_file() does
// the same for the mapping and index of a page; with __add_to_kill().
// Differs: every process wants to know early (vm.memory_failure_early_kill), else only the
// one that runs into the error would be collected; there is memory for the list.
// Yields: on i_mmap_rwsem; at the page tables.
void collect_procs_fsdax(address_space& mapping, std::uint64_t pgoff, KillList& to_kill) {
  mapping.i_mmap_rwsem.down_read();
  for (const vm_area_struct& vma : world().vmas) {
    if (!mapping.has_vma(vma)) continue;
    const std::uint64_t vba = vma.vm_pgoff.peek(), vea = vba + vma.vm_pages.peek();
    if (pgoff < vba || pgoff >= vea) continue;
    const std::uint64_t pages = dev_pagemap_mapping_pages(vma, vma.start() + (pgoff - vba));
    if (pages == 0) continue;
    CHECK(to_kill.count < to_kill.list.size());
    to_kill.list[to_kill.count++] = {
        .mm = vma.vm_mm.peek()->id,
        .pages = pages,
        .where = {mapping.host->i_ino, static_cast<std::uint16_t>(pgoff)}};
  }
  mapping.i_mmap_rwsem.up_read();
}

// Port of unmap_and_kill(), mm/memory-failure.c, Linux 6.12, with kill_procs(): `word` and
// `index` are what the caller has read of the page or knows.
// Differs: a signal always arrives, and ends nobody.
// Yields: in the unmap; before each signal.
void unmap_and_kill(KillList& to_kill, std::uint64_t word, std::uint64_t index) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < to_kill.count; i++) size = std::max(size, to_kill.list[i].pages);
  if (size != 0) {
    address_space* mapping = deref_mapping(word);
    if (mapping == nullptr) return;
    unmap_mapping_pages(*mapping, index & ~(size - 1), size, false);
  }
  for (std::size_t i = 0; i < to_kill.count; i++) {
    sched::yield_point("kill_proc");
    world().observer.killed(to_kill.list[i].mm, to_kill.list[i].where);
  }
  to_kill.count = 0;
}

// Port of collect_procs(), mm/memory-failure.c, Linux 6.12.
// Differs: of a page that looks anonymous no process is found, as folio_lock_anon_vma_read()
// finds none of a page without mapcount; with one it would follow a wild pointer.
// Yields: before the mapping is read, each time; in collect_procs_fsdax().
void collect_procs(folio* folio, KillList& to_kill) {
  if (folio->mapping.load("mapping_load") == 0) return;
  if (folio_test_anon(folio)) {
    BUG_ON(folio_mapcount(folio) != 0, "bug-magic-mapping-dereferenced");
    return;
  }
  address_space* mapping = deref_mapping(folio->mapping.load("mapping_load"));
  if (mapping != nullptr)
    collect_procs_fsdax(*mapping, folio->index.load("index_load"), to_kill);
}

// Port of mf_generic_kill_procs(), mm/memory-failure.c, Linux 6.1 and 6.12.
// Differs: PG_hwpoison of a device's page is set for nobody here, so there is none; no
// filter. As there, what is told and unmapped is the folio's first page, or the PMD that
// maps it.
// Yields: in what it calls, and before the mapping and the index are read.
int mf_generic_kill_procs(std::uint64_t pfn) {
  Function function("mf_generic_kill_procs", static_cast<std::int64_t>(pfn));
  folio* folio = page_folio(pfn_page(pfn));
  const dax_entry_t cookie = dax_lock_folio(folio);
  if (cookie == 0) return function.ret(-EBUSY);
  KillList to_kill;
  collect_procs(folio, to_kill);
  const std::uint64_t word = folio->mapping.load("mapping_load");
  const std::uint64_t index = folio->index.load("index_load");
  unmap_and_kill(to_kill, word, index);
  dax_unlock_folio(folio, cookie);
  return function.ret(0);
}

// Port of memory_failure_dev_pagemap(), mm/memory-failure.c, Linux 6.12, with
// pmem_pagemap_memory_failure(), drivers/nvdimm/pmem.c.
// Differs: the device stays, so no reference to it is taken.
// Yields: in what it calls.
int memory_failure_dev_pagemap(std::uint64_t pfn, bool rmapbt) {
  CHECK(pfn_is_pmem(pfn));
  const int ret = xfs_dax_notify_failure(pfn_to_block(pfn), rmapbt);  // dax_holder_notify_failure()
  return ret != -EOPNOTSUPP ? ret : mf_generic_kill_procs(pfn);
}

}  // namespace

// Port of mf_dax_kill_procs(), mm/memory-failure.c, Linux 6.12.
// Differs: never before the removal of a device. As mf_generic_kill_procs() no page is
// flagged; there it is the first page of a PMD entry, whichever is bad.
// Yields: in what it calls.
int mf_dax_kill_procs(address_space& mapping, std::uint64_t index, std::uint64_t count) {
  Function function("mf_dax_kill_procs", mapping.host->i_ino, static_cast<std::int64_t>(index));
  CHECK(count > 0);
  KillList to_kill;
  for (const std::uint64_t end = index + count; index < end; index++) {
    folio* page = nullptr;
    const dax_entry_t cookie = dax_lock_mapping_entry(mapping, index, &page);
    if (page != nullptr) {
      collect_procs_fsdax(mapping, index, to_kill);
      unmap_and_kill(to_kill, mapping_word(&mapping), index);
    }
    dax_unlock_mapping_entry(mapping, index, cookie);
  }
  return function.ret(0);
}

// Port of memory_failure(), mm/memory-failure.c, Linux 6.12, of a page of the device.
// Differs: the driver has put the block on its list of bad ones before, as after a scrub;
// a machine check tells both, in no order.
// Yields: before the block is on the list; on mf_mutex; in what it calls.
int memory_failure(std::uint64_t block, bool rmapbt) {
  Function function("memory_failure", static_cast<std::int64_t>(block), rmapbt);
  CHECK(block < world().pmem.blocks());
  sched::yield_point("badblocks_add");
  world().pmem.set_bad(block_to_pfn(block), true);
  world().mf_mutex.down_write();
  world().observer.memory_failure_begin(block);
  const int ret = memory_failure_dev_pagemap(block_to_pfn(block), rmapbt);
  world().observer.memory_failure_end(block, ret);
  world().mf_mutex.up_write();
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
