// SPDX-License-Identifier: GPL-2.0-only
// Which page of the kernel stands for which page of the model. Both allocate as they like, so a
// pair is made when an entry, a pin or a page table names a page on both sides at the same
// place, and holds as long as both sides still have the page anywhere: a page that one side has
// given up and the other has not is a difference of its own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "conformance/log.h"

namespace daxfuzz::conformance {

class Pairing {
 public:
  // Forgets the pairs that one side has not any more.
  void begin(const Step& model, const Step& kernel);
  // Both stand at the same place. False if one of them is another's partner.
  bool pair(std::uint64_t model, std::uint64_t kernel);
  [[nodiscard]] std::optional<std::uint64_t> find(std::uint64_t kernel) const;
  [[nodiscard]] std::string model_of(std::uint64_t kernel) const;  // for people

 private:
  std::map<std::uint64_t, std::uint64_t> model_of_, kernel_of_;
};

}  // namespace daxfuzz::conformance
