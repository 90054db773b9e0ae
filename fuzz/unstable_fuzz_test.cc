// SPDX-License-Identifier: GPL-2.0-only
// A target that does not always go the same way: the next run of an input makes another number of steps. AFL++
// calls that a stability below 100 %, and whoever reads its figure has to notice (fuzz/campaign_aflpp_test.sh).
// Executes nothing. Read next: canary_fuzz_test.cc, planted_fuzz_test.cc.
#include <cstddef>
#include <cstdint>

namespace {

volatile std::uint64_t g_sum = 0;
std::uint64_t g_runs = 0;

[[gnu::noinline]] void step(std::uint64_t by) { g_sum = g_sum + by; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    if (data[i] < 0x40) step(data[i]);
  for (std::uint64_t n = ++g_runs % 4; n > 0; --n) step(n);
  return 0;
}
