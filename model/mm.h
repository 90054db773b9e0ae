// SPDX-License-Identifier: GPL-2.0-only
// Address spaces around fs-dax: VMAs, PMDs and PTEs, the reverse map of a file, zapping
// with its deferred puts, faults. An address is a page number: mapping slots lie side by
// side, each with room for a whole file at any colour.
// Sources: mm/memory.c, mm/huge_memory.c, mm/mmap.c, mm/rmap.c. Read next: mm_zap.cc,
// mm_insert.cc, mm_pmd.cc, mm_fault.cc.
#pragma once

#include <cstdint>

#include "model/folio.h"
#include "model/observer.h"
#include "sched/primitives.h"
#include "sched/run_memory.h"
#include "trace/program.h"

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

// A PMD: none, a page table (then its PTEs count), or a leaf with a PTE's bits.
using pmd_t = std::uint64_t;
inline constexpr pmd_t PMD_LEAF = 8;
constexpr bool pmd_none(pmd_t pmd) { return pmd == 0; }
constexpr bool pmd_leaf(pmd_t pmd) { return (pmd & PMD_LEAF) != 0; }
constexpr pmd_t mk_pmd_table() { return PTE_PRESENT; }
constexpr pmd_t mk_pmd_leaf(std::uint64_t pfn, pte_t flags) { return mk_pte(pfn, flags) | PMD_LEAF; }

// Of the geometry: pages of a PMD, and addresses between two mapping slots.
std::uint64_t pmd_pages(const trace::Geometry& geometry);
std::uint64_t slot_pages(const trace::Geometry& geometry);
// The end of the PMD that `address` is in, or `end` if that comes first.
std::uint64_t pmd_addr_end(std::uint64_t address, std::uint64_t end);

struct mm_struct {
  std::uint8_t id = 0;
  unsigned pmd_order = 0;
  sched::RwSem mmap_lock{"mmap_lock"};
  sched::SpinLock page_table_lock{"ptl"};
  sched::RunVector<sched::Plain<pte_t>> ptes;  // by address
  sched::RunVector<sched::Plain<pmd_t>> pmds;  // by address >> pmd_order
  sched::Plain<std::uint32_t> write_protect_seq;  // odd: a fork write-protects its page tables

  void init(std::uint8_t number, const trace::Geometry& geometry);
  [[nodiscard]] sched::Plain<pmd_t>& pmd(std::uint64_t address) {
    return pmds[address >> pmd_order];
  }
};

enum vm_flags_t : std::uint8_t { VM_SHARED = 1, VM_SYNC = 2 };

struct vm_area_struct {
  std::uint8_t slot = 0;
  std::uint64_t slot_start = 0;    // the first address of the slot
  sched::Plain<bool> claimed;      // from the start of mmap to the end of munmap
  sched::Plain<bool> detached;     // munmap has taken it out of its mm's tree
  sched::Plain<mm_struct*> vm_mm;  // null: not mapped (yet, or any more)
  sched::Plain<inode*> vm_file;
  sched::Plain<std::uint64_t> vm_start;
  sched::Plain<std::uint64_t> vm_pgoff;
  sched::Plain<std::uint64_t> vm_pages;
  sched::Plain<std::uint8_t> vm_flags;
  sched::Plain<bool> anon_vma;     // it has private copies, or had

  [[nodiscard]] std::uint64_t start() const { return vm_start.peek(); }
  [[nodiscard]] std::uint64_t end() const { return vm_start.peek() + vm_pages.peek(); }
  [[nodiscard]] bool has(vm_flags_t flag) const { return (vm_flags.peek() & flag) != 0; }
  [[nodiscard]] std::uint64_t pgoff_of(std::uint64_t address) const {  // linear_page_index()
    return address - start() + vm_pgoff.peek();
  }
};

// The page of a file that an address of the VMA maps.
FilePage file_page(const vm_area_struct& vma, std::uint64_t address);
PteAt pte_at(const vm_area_struct& vma, std::uint64_t address);

// vm_fault_t
using vm_fault_t = unsigned;
inline constexpr vm_fault_t VM_FAULT_OOM = 0x1, VM_FAULT_SIGBUS = 0x2, VM_FAULT_HWPOISON = 0x10,
                            VM_FAULT_NOPAGE = 0x100,
                            VM_FAULT_FALLBACK = 0x800, VM_FAULT_DONE_COW = 0x1000,
                            VM_FAULT_NEEDDSYNC = 0x2000;
inline constexpr vm_fault_t VM_FAULT_ERROR =
    VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_HWPOISON | VM_FAULT_FALLBACK;

struct vm_fault {
  vm_area_struct* vma = nullptr;
  std::uint64_t address = 0;
  std::uint64_t pgoff = 0;
  bool write = false;          // FAULT_FLAG_WRITE
  bool unshare = false;        // FAULT_FLAG_UNSHARE: not with the other one
  folio* cow_page = nullptr;   // where a private write fault copies to

  [[nodiscard]] mm_struct& mm() const { return *vma->vm_mm.peek(); }
  [[nodiscard]] sched::Plain<pmd_t>& pmd() const { return mm().pmd(address); }
};

// --- mapping (mm_map.cc); return 0 or -errno -------------------------------
// at: pages between the slot's first address and the VMA's.
int do_mmap(mm_struct& mm, vm_area_struct& vma, inode& file, std::uint64_t pgoff,
            std::uint64_t pages, std::uint8_t flags, std::uint64_t at);
int do_munmap(vm_area_struct& vma);
// vma_lookup(): is this VMA still in `mm`'s tree, and is the address in it? The caller
// holds mmap_lock.
bool vma_covers(const mm_struct& mm, const vm_area_struct& vma, std::uint64_t address);

// --- zapping (mm_zap.cc) ----------------------------------------------------
// struct mmu_gather: references whose PTEs are gone, to be put after the TLB flush. The
// memory is the World's, one vector a task, as a task that is abandoned frees nothing.
// One at a time in each task; tlb_finish_mmu() ends it.
struct mmu_gather {
  struct Batch {
    struct folio* folio = nullptr;
    int refs = 0;             // PTEs of a large folio that were zapped together
    bool delay_rmap = false;  // one was dirty: the mapcount goes after the flush, too
  };
  mmu_gather();
  mmu_gather(const mmu_gather&) = delete;
  mmu_gather& operator=(const mmu_gather&) = delete;
  sched::RunVector<Batch>& batches;
};
void tlb_remove_folio(mmu_gather& tlb, folio* folio, int refs, bool delay_rmap);
void tlb_finish_mmu(mmu_gather& tlb);
struct zap_details {
  bool even_cows = true;    // private copies go, too
  bool reclaim_pt = false;  // and page tables that the zap of a whole PMD leaves empty
};
void unmap_vmas(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address, std::uint64_t pages,
                zap_details details = {});
// unmap_mapping_pages(): zaps [start, start+nr) of the file in every VMA; nr 0 is
// to the end.
void unmap_mapping_pages(address_space& mapping, std::uint64_t start, std::uint64_t nr,
                         bool even_cows);
// pfn_mkclean_range(): write-protects what maps [pfn, pfn + nr) of the file from pgoff on
// in one VMA.
void pfn_mkclean_range(std::uint64_t pfn, std::uint64_t nr, std::uint64_t pgoff,
                       vm_area_struct& vma);

// --- inserting (mm_insert.cc, mm_pmd.cc) --------------------------------------
// The two generations of "map this pfn": vmf_insert_mixed[_mkwrite] (6.14 and
// before), vmf_insert_page_mkwrite (6.15), by mapping_holds_ref.
vm_fault_t vmf_insert_pfn_or_page(vm_fault& vmf, std::uint64_t pfn, bool mkwrite);
// vmf_insert_pfn_pmd and vmf_insert_folio_pmd.
vm_fault_t vmf_insert_pmd(vm_fault& vmf, std::uint64_t pfn, bool write);
// What dax_pmd_load_hole() does under the PMD's lock; false: there was one already.
bool insert_huge_zero_pmd(vm_fault& vmf);
// The folio behind a leaf; null: an uncounted one.
folio* vm_normal_folio_pmd(pmd_t pmd);
bool zap_huge_pmd(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address);
void split_huge_pmd(vm_area_struct& vma, std::uint64_t address);

// A PTE's table, locked; false: no memory for it.
bool get_locked_pte(vm_fault& vmf);

// --- private copies (mm_cow.cc) -------------------------------------------------
vm_fault_t do_cow_fault(vm_fault& vmf);
vm_fault_t do_wp_private(vm_fault& vmf, pte_t orig);
// A page of ordinary memory with one reference, anonymous; null: none is left.
folio* folio_prealloc();
// folio_add_new_anon_rmap(), and a PTE of it.
void set_anon_pte(vm_fault& vmf, folio* page, bool write);
// vmf.cow_page becomes what the page `from` holds.
void fill_cow_page(vm_fault& vmf, std::uint64_t from);

// --- mm_advise.cc; pages of a mapping ---------------------------------------------
int madvise_dontneed(vm_area_struct& vma, std::uint64_t page, std::uint64_t pages);
int msync(vm_area_struct& vma, std::uint64_t page, std::uint64_t pages);

// --- mm_fork.cc -------------------------------------------------------------------
// vma becomes source's copy in mm.
int dup_mmap(mm_struct& mm, vm_area_struct& vma, vm_area_struct& source);

// --- faults (mm_fault.cc) ---------------------------------------------------
enum class FaultKind : std::uint8_t { read, write, unshare };
// The caller holds mmap_lock shared and has checked the VMA.
vm_fault_t handle_mm_fault(vm_area_struct& vma, std::uint64_t address, FaultKind kind);
// A user-space access: faults until the page tables allow it, then loads or
// stores. 0, -EFAULT (SIGBUS, SIGSEGV) or -ENOMEM; *value is stored or loaded.
int user_access(vm_area_struct& vma, std::uint64_t page, bool write, std::uint8_t* value);
int user_mkwrite(vm_area_struct& vma, std::uint64_t page, std::uint8_t value);

}  // namespace daxfuzz::kernel
