// SPDX-License-Identifier: GPL-2.0-only
// The classic programs under every strategy: how many runs to the bug, in the median over
// seeds, is no more than what is written here. Read next: strategy_medians.h, reorder_20_test.cc.
#include "explore/classic_programs.h"
#include "explore/strategy_medians.h"
#include "explore/testing.h"

namespace daxfuzz::explore::testing {
namespace {

template <class Program>
class Sampled {
 public:
  bool fails(sched::ChoiceSource& choices) { return tasks_.sample(choices).failed; }

 private:
  Tasks<Program> tasks_;
};

template <template <bool> class Program>
void expect(const char* name, std::uint64_t best) {
  (void)expect_found<Sampled<Program<false>>, Sampled<Program<true>>>(name, best);
}

TEST(Strategies, LostWake) { expect<LostWake>("lostwake", 3); }
TEST(Strategies, RefGet) { expect<RefGet>("refget", 12); }
TEST(Strategies, Aba) { expect<Aba>("aba", 5); }
TEST(Strategies, Deep4) { expect<Deep4>("deep4", 45); }
TEST(Strategies, Reorder5) { expect<Reorder5>("reorder_5", 3); }

}  // namespace
}  // namespace daxfuzz::explore::testing
