// SPDX-License-Identifier: GPL-2.0-only
// A file system that is nearly full, while no kernel has told yet when it was: the model's own
// blocks, less what XFS keeps back of them, so that the ops which are drawn fit what a guest will
// hold. Read next: advice.h, which follows the guest afterwards.
#pragma once

#include "model/fs.h"

namespace daxfuzz::conformance {

class Scarce final : public kernel::BlockAdvice {
 public:
  // Blocks of btrees that each transaction reserves (XFS_EXTENTADD_SPACE_RES, of a file system as
  // small as the guest's).
  static constexpr std::uint64_t kBtrees = 4;

  // None: whichever the model takes by itself.
  [[nodiscard]] kernel::Extent advise(kernel::FilePage, std::uint64_t,
                                      const kernel::BlockAllocator&) const override {
    return {};
  }
  [[nodiscard]] bool refuses(const kernel::Reservation& wanted,
                             const kernel::BlockAllocator& blocks) const override {
    const bool takes =
        wanted.what != kernel::Reserve::unmap && wanted.what != kernel::Reserve::remap;
    return blocks.free_count() < kBtrees + (takes ? wanted.pages : 0);
  }
};

}  // namespace daxfuzz::conformance
