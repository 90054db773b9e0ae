// SPDX-License-Identifier: GPL-2.0-only
// A piece of memory a thread, from which is taken one after the other. See run_memory.h.
#include "sched/run_memory.h"

#include <cstdint>
#include <new>

#include "sched/check.h"
#include "sched/label.h"
#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

// Of addresses; memory as it is touched. A run of a small world takes a tenth; what does not fit is operator new's.
constexpr std::size_t kPieceBytes = 1u << 20;

struct Piece {
  char* begin = nullptr;
  std::size_t used = 0;
  std::size_t taken = 0;  // parts that were not given back
  bool open = false;

  [[nodiscard]] bool has(const void* at) const {
    const auto address = reinterpret_cast<std::uintptr_t>(at), first = reinterpret_cast<std::uintptr_t>(begin);
    return begin != nullptr && address - first < kPieceBytes;
  }
};
DAXFUZZ_HOT_THREAD_LOCAL Piece piece;

// By itself: a word whose thread has something to do at its end is looked at by a call.
struct Owner {
  char* begin = static_cast<char*>(::operator new(kPieceBytes));
  Owner() = default;
  ~Owner() {
    piece.begin = nullptr;
    ::operator delete(begin);
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
};

bool sanitized() { return __sanitizer_start_switch_fiber != nullptr || __tsan_create_fiber != nullptr; }

std::size_t rounded(std::size_t size) { return (size + kRunMemoryAlign - 1) / kRunMemoryAlign * kRunMemoryAlign; }

}  // namespace

void* run_memory_take(std::size_t size) {
  Piece& from = piece;
  if (!from.open || size > kPieceBytes - from.used || rounded(size) > kPieceBytes - from.used)
    return ::operator new(size);
  char* at = from.begin + from.used;
  from.used += rounded(size);
  from.taken++;
  return at;
}

void run_memory_give_back(void* at, std::size_t size) {
  Piece& to = piece;
  if (!to.has(at)) return ::operator delete(at);
  CHECK(to.taken > 0);
  to.taken--;
  // The last part is there for the next to come; else it is kept until the scope ends.
  if (static_cast<char*>(at) + rounded(size) == to.begin + to.used) to.used -= rounded(size);
}

RunMemoryScope::RunMemoryScope(bool wanted) : entered_(wanted && !sanitized()) {
  if (!entered_) return;
  CHECK(!piece.open);
  if (piece.begin == nullptr) {
    thread_local const Owner owner;
    piece.begin = owner.begin;
  }
  piece.open = true;
}

RunMemoryScope::~RunMemoryScope() {
  if (!entered_) return;
  CHECK(piece.taken == 0);
  piece.used = 0;
  piece.open = false;
}

}  // namespace daxfuzz::sched
