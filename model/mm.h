// SPDX-License-Identifier: GPL-2.0-only
// Address spaces around fs-dax: VMAs, PTEs, the reverse map of a file, zapping
// with its deferred puts, faults. All mappings are MAP_SHARED. An address is a
// page number: mapping slot times the pages of a file, plus the page within.
// Sources: mm/memory.c, mm/mmap.c, mm/rmap.c. Read next: mm_zap.cc,
// mm_insert.cc, mm_fault.cc.
#pragma once

#include <array>
#include <cstdint>

#include "model/folio.h"
#include "model/observer.h"
#include "sched/primitives.h"
#include "trace/limits.h"

namespace daxfuzz::kernel {

struct inode;
struct address_space;

// A page table entry, as one word that GUP-fast reads without a lock.
using pte_t = std::uint64_t;
inline constexpr pte_t PTE_PRESENT = 1, PTE_WRITE = 2, PTE_SPECIAL = 4;
constexpr bool pte_none(pte_t pte) { return pte == 0; }
constexpr bool pte_write(pte_t pte) { return (pte & PTE_WRITE) != 0; }
constexpr bool pte_special(pte_t pte) { return (pte & PTE_SPECIAL) != 0; }
constexpr std::uint64_t pte_pfn(pte_t pte) { return pte >> 8; }
constexpr pte_t mk_pte(std::uint64_t pfn, pte_t flags) { return (pfn << 8) | PTE_PRESENT | flags; }

inline constexpr std::size_t kAddressesMax = trace::kMapsMax * trace::kFilePagesMax;

struct mm_struct {
  std::uint8_t id = 0;
  sched::RwSem mmap_lock{"mmap_lock"};
  sched::SpinLock page_table_lock{"ptl"};
  std::array<sched::Plain<pte_t>, kAddressesMax> ptes;
};

struct vm_area_struct {
  std::uint8_t slot = 0;
  sched::Plain<bool> claimed;      // from the start of mmap to the end of munmap
  sched::Plain<bool> detached;     // munmap has taken it out of its mm's tree
  sched::Plain<mm_struct*> vm_mm;  // null: not mapped (yet, or any more)
  sched::Plain<inode*> vm_file;
  sched::Plain<std::uint64_t> vm_pgoff;
  sched::Plain<std::uint64_t> vm_pages;

  [[nodiscard]] std::uint64_t vm_start() const { return slot * trace::kFilePagesMax; }
  [[nodiscard]] std::uint64_t pgoff_of(std::uint64_t address) const {
    return address - vm_start() + vm_pgoff.peek();
  }
};

// The page of a file that an address of the VMA maps.
FilePage file_page(const vm_area_struct& vma, std::uint64_t address);
PteAt pte_at(const vm_area_struct& vma, std::uint64_t address);

// vm_fault_t
using vm_fault_t = unsigned;
inline constexpr vm_fault_t VM_FAULT_OOM = 0x1, VM_FAULT_SIGBUS = 0x2, VM_FAULT_NOPAGE = 0x100,
                            VM_FAULT_FALLBACK = 0x800;
inline constexpr vm_fault_t VM_FAULT_ERROR = VM_FAULT_OOM | VM_FAULT_SIGBUS;

struct vm_fault {
  vm_area_struct* vma = nullptr;
  std::uint64_t address = 0;
  std::uint64_t pgoff = 0;
  bool write = false;  // FAULT_FLAG_WRITE
};

// --- mapping (mm_map.cc); return 0 or -errno -------------------------------
int do_mmap(mm_struct& mm, vm_area_struct& vma, inode& file, std::uint64_t pgoff,
            std::uint64_t pages);
int do_munmap(vm_area_struct& vma);
// vma_lookup(): is this VMA still in `mm`'s tree, and is the page in it? The caller
// holds mmap_lock.
bool vma_covers(const mm_struct& mm, const vm_area_struct& vma, std::uint64_t page);

// --- zapping (mm_zap.cc) ----------------------------------------------------
// struct mmu_gather: references whose PTEs are gone, to be put after the TLB flush.
struct mmu_gather {
  struct Page {
    struct folio* folio = nullptr;
    bool delay_rmap = false;  // its PTE was dirty: the mapcount goes after the flush, too
  };
  std::array<Page, trace::kFilePagesMax> pages{};
  std::size_t nr = 0;
};
void tlb_finish_mmu(mmu_gather& tlb);
void unmap_vmas(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address, std::uint64_t pages,
                bool even_cows);
// unmap_mapping_pages(): zaps [start, start+nr) of the file in every VMA; nr 0 is
// to the end.
void unmap_mapping_pages(address_space& mapping, std::uint64_t start, std::uint64_t nr,
                         bool even_cows);
// pfn_mkclean_range(): write-protects PTEs of the range in one VMA.
void pfn_mkclean_range(std::uint64_t pfn, std::uint64_t pgoff, vm_area_struct& vma);

// --- inserting (mm_insert.cc) -----------------------------------------------
// The two generations of "map this pfn": vmf_insert_mixed[_mkwrite] (6.14 and
// before), vmf_insert_page_mkwrite (6.15), by mapping_holds_ref.
vm_fault_t vmf_insert_pfn_or_page(vm_fault& vmf, std::uint64_t pfn, bool mkwrite);

// --- faults (mm_fault.cc) ---------------------------------------------------
// The caller holds mmap_lock shared and has checked the VMA.
vm_fault_t handle_mm_fault(vm_area_struct& vma, std::uint64_t address, bool write);
// do_wp_page() on a present read-only PTE; VM_FAULT_NOPAGE if it is not that.
vm_fault_t do_wp_page(vm_area_struct& vma, std::uint64_t address);
// A user-space access: faults until the page tables allow it, then loads or
// stores. 0, -EFAULT (SIGBUS, SIGSEGV) or -ENOMEM; *value is stored or loaded.
int user_access(vm_area_struct& vma, std::uint64_t page, bool write, std::uint8_t* value);
int user_mkwrite(vm_area_struct& vma, std::uint64_t page, std::uint8_t value);

}  // namespace daxfuzz::kernel
