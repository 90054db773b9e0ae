// SPDX-License-Identifier: GPL-2.0-only
// Which block each page got on the kernel, told to the model's allocator: it takes the block
// that the file has there after the step. Whether an extent is aligned, and broken into how
// many pieces, decides what one entry maps, and XFS's choice is not what is compared.
//
// FIEMAP shows the data fork only (xfs_vn_fiemap(), fs/xfs/xfs_iops.c:1085 in 6.1), and a copy
// may stay in the CoW fork: what 6.1 zeroes does, until something is written there
// (xfs_direct_write_iomap_ops). Its block is then the one that the page has next; if it never
// comes into the file, it is one that nobody else wants.
//
// At which block a file system is full is XFS's choice, too: it reserves more than it takes. A
// transaction of the model has no space if the kernel said so of the op that it belongs to, and its
// file is after the step as if it had had none. Read next: scarce.h.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "conformance/log.h"
#include "model/fs.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

class Advice final : public kernel::BlockAdvice {
 public:
  // ops: by step.
  Advice(const Log& kernel, const std::vector<trace::Op>& ops);
  // The step that is about to begin.
  void at(std::size_t step) { step_ = step; }
  // It begins an op of this thread.
  void begins(std::size_t thread) { begun_[thread] = step_; }
  [[nodiscard]] kernel::Extent advise(kernel::FilePage where, std::uint64_t wanted,
                                      const kernel::BlockAllocator& blocks) const override;
  [[nodiscard]] bool refuses(const kernel::Reservation& wanted,
                             const kernel::BlockAllocator& blocks) const override;

 private:
  using Run = std::optional<kernel::Extent>;  // the blocks from a page on

  // What is done when the pins are dropped is in the step after the last.
  [[nodiscard]] const Step& step(std::size_t number) const;
  // As told after the step or before: FIEMAP is told if it has changed.
  [[nodiscard]] const std::vector<Extent>* told(unsigned file, std::size_t steps) const;
  [[nodiscard]] Run in_file(kernel::FilePage where) const;
  // Did the op of that step end for want of space? A fault says so by a signal, a pin by EFAULT.
  [[nodiscard]] bool lacked_space(std::size_t op) const;
  // Has a fault of the op in this step been unable to map a PMD?
  [[nodiscard]] bool fell_back(std::size_t op) const;
  // How many pages have another block, or have become written, by this step.
  [[nodiscard]] std::uint64_t changed(kernel::FilePage where, std::uint64_t pages) const;
  // The first that the page has in a later step and that no file has until then.
  [[nodiscard]] Run next_of(kernel::FilePage where) const;
  // Where FIEMAP could not be asked and the page is soon another's: the block of the entry.
  [[nodiscard]] Run of_entry(kernel::FilePage where) const;
  // A file has the block after the step or a later one before `end`.
  [[nodiscard]] bool in_a_file(std::uint64_t block, std::size_t end) const;
  // An entry names a page frame; the device's first one is found by an extent of the same page.
  void find_base();

  const Log& kernel_;
  const std::vector<trace::Op>& ops_;
  std::size_t step_ = 0;
  std::array<std::size_t, trace::kThreadsMax> begun_{};  // steps of the ops that threads are in
  std::optional<std::uint64_t> base_;
};

}  // namespace daxfuzz::conformance
