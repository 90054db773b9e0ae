// SPDX-License-Identifier: GPL-2.0-only
// What the first runs of a process do once, a target does before its first input: stacks of tasks are
// made and stay in a pool (sched/fiber.h), which is a way through the code that later runs of the same
// input do not take, and AFL++ would count it as instability. Held by fuzz/campaign_aflpp_test.sh.
#pragma once

namespace daxfuzz::fuzz {

// Runs a program of as many threads as there can be. For LLVMFuzzerInitialize.
void warm_up();

}  // namespace daxfuzz::fuzz
