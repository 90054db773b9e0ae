// SPDX-License-Identifier: GPL-2.0-only
// Memory for what lives as long as a run: some ninety vectors that are made and gone within tens of microseconds.
// Within a RunMemoryScope it is cut off one piece that the thread keeps; else it is operator new's.
//
// With ASan or TSan it always is operator new's: what is freed, and what is new, they know by that alone. Nor is there
// a scope where memory must be at addresses that somebody else chooses (explore/arena.h).
#pragma once

#include <cstddef>
#include <vector>

namespace daxfuzz::sched {

inline constexpr std::size_t kRunMemoryAlign = 16;
[[nodiscard]] void* run_memory_take(std::size_t size);
void run_memory_give_back(void* at, std::size_t size);

// One at a time a thread. All that was taken meanwhile is given back before it ends, by the same thread: so there
// is none where tasks are threads (exec/threads.cc), whose vectors grow on any of them.
class RunMemoryScope {
 public:
  explicit RunMemoryScope(bool wanted);  // false: operator new, still
  ~RunMemoryScope();
  RunMemoryScope(const RunMemoryScope&) = delete;
  RunMemoryScope& operator=(const RunMemoryScope&) = delete;

 private:
  bool entered_;
};

template <class T>
struct RunAllocator {
  using value_type = T;

  RunAllocator() = default;
  template <class Other>
  constexpr RunAllocator(const RunAllocator<Other>&) {}  // NOLINT: implicit, as containers want it

  static_assert(alignof(T) <= kRunMemoryAlign);
  [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(run_memory_take(count * sizeof(T))); }
  void deallocate(T* at, std::size_t count) { run_memory_give_back(at, count * sizeof(T)); }
  bool operator==(const RunAllocator&) const = default;
};

template <class T>
using RunVector = std::vector<T, RunAllocator<T>>;

}  // namespace daxfuzz::sched
