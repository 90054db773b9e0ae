// SPDX-License-Identifier: GPL-2.0-only
// Which block each page got on the kernel, told to the model's allocator: it takes the block
// that the file has there after the step. Whether an extent is aligned, and broken into how
// many pieces, decides what one entry maps, and XFS's choice is not what is compared.
#pragma once

#include <optional>

#include "conformance/log.h"
#include "model/fs.h"

namespace daxfuzz::conformance {

class Advice final : public kernel::BlockAdvice {
 public:
  explicit Advice(const Log& kernel);
  // The step that is about to begin.
  void at(std::size_t step) { step_ = step; }
  [[nodiscard]] kernel::Extent advise(kernel::FilePage where, std::uint64_t wanted) const override;

 private:
  // The extents of a file after the step, or after the first later one that tells them.
  [[nodiscard]] const std::vector<Extent>* extents(unsigned file) const;
  // An entry names a page frame; the device's first one is found by an extent of the same page.
  void find_base();

  const Log& kernel_;
  std::size_t step_ = 0;
  std::optional<std::uint64_t> base_;
};

}  // namespace daxfuzz::conformance
