// SPDX-License-Identifier: GPL-2.0-only
// operator new that counts, for the whole program. explore/arena.cc replaces it too: a program has
// one of the two, and this one links nothing of explore/ but a header. See subject.h.
#include <cstdlib>
#include <new>

#include "bench/cost/subject.h"

namespace {

constinit thread_local std::uint64_t taken = 0;

}  // namespace

namespace daxfuzz::cost {

std::uint64_t allocations() { return taken; }

}  // namespace daxfuzz::cost

void* operator new(std::size_t size) {
  taken++;
  void* at = std::malloc(size == 0 ? 1 : size);
  if (at == nullptr) throw std::bad_alloc();
  return at;
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  taken++;
  const auto align = static_cast<std::size_t>(alignment);
  void* at = std::aligned_alloc(align, (size + align - 1) / align * align);
  if (at == nullptr) throw std::bad_alloc();
  return at;
}

void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
void operator delete(void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }
