// SPDX-License-Identifier: GPL-2.0-only
// What suites of calls have in common (stateful.h).
#pragma once

#include <memory>
#include <string>

#include "properties/stateful.h"

namespace daxfuzz::properties {

// A model of plain members that are copied.
template <class Derived, class Model = PureModel<Call>>
class Copied : public Model {
 public:
  std::unique_ptr<PureModel<Call>> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
};

template <class T>
std::string differs(const std::string& of, T found, T expected) {
  return found == expected ? "" : of + " is " + std::to_string(found) + ", expected " + std::to_string(expected);
}

}  // namespace daxfuzz::properties
