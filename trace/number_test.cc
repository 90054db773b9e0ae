// SPDX-License-Identifier: GPL-2.0-only
#include "trace/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace daxfuzz::trace {
namespace {

TEST(Number, IsAllOfTheWord) {
  std::uint64_t number = 7;
  EXPECT_TRUE(parse_number("18446744073709551615", number));
  EXPECT_EQ(number, UINT64_MAX);
}

TEST(Number, WhatIsNoneChangesNothing) {
  std::uint8_t number = 7;
  for (const char* text : {"", "12x", " 1", "-1", "+1", "256", "0x10"}) {
    EXPECT_FALSE(parse_number(text, number)) << text;
    EXPECT_EQ(number, 7) << text;
  }
}

}  // namespace
}  // namespace daxfuzz::trace
