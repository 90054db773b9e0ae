// SPDX-License-Identifier: GPL-2.0-only
// A place for each operator of mutants.py, and for each reason why something is left out.
namespace daxfuzz::kernel {

enum dax_wake_mode { WAKE_ALL, WAKE_NEXT };
struct Lock {
  void lock();
  void unlock();
};
struct Thing {
  Thing();
  int step(int by);
  Lock guard;
  bool done = false;
  int count = 0;
};

#define CHECK(condition) ((condition) ? void() : __builtin_abort())

void wake(dax_wake_mode mode);
void counted(int count);
namespace sched {
void yield_point(const char* label);
}

constexpr int limit() { return 3; }

void counted(int count) {
  if (count > 1) wake(WAKE_ALL);
}

Thing::Thing() { count = 7; }

int Thing::step(int by) {
  CHECK(by > 0);
  constexpr int kMost = 5;
  int* none = 0;
  guard.lock();
  if (count + by >= kMost && !done || none != nullptr) {  // a comment
    done = by < 2;
    wake(WAKE_NEXT);
  } else if (by <= limit())
    count += by;
  guard.unlock();
  counted(count);
  sched::yield_point("step");
  return done ? count : -1;
}

bool loops(Thing& thing, int n) {
  for (int i = 0; i < n; i++) {
    if (thing.step(i) > 10) continue;
    do thing.count--;
    while (thing.count > 20);
    switch (n) {
      case 1: thing.step(1); break;
      default: return false;
    }
  }
  while (thing.done) wake(WAKE_ALL);
  if (const int left = thing.step(1)) return left == n;
  return true;
}

void leaves(Thing& thing) {
  if (thing.done) return;
  thing.count = 1;
  thing.done = true;
}

}  // namespace daxfuzz::kernel
