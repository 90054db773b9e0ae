// SPDX-License-Identifier: GPL-2.0-only
// What a rewritten copy of the model asks at each place where a mutant differs: is it the one that
// runs? One build holds all mutants, and number 0, which none has, is the program as it was.
// Each call also notes that the mutant's place was reached, and would have differed. Read next: mutants.py.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daxfuzz::mutation {

inline constexpr std::size_t kMutantsMax = 1u << 14;
extern std::uint32_t active_mutant;
// By number: set when it could have made a difference to the run.
extern std::uint8_t mutant_reached[kMutantsMax];

}  // namespace daxfuzz::mutation

namespace daxfuzz::mut {

inline bool is(std::uint32_t id) {
  mutation::mutant_reached[id] = 1;
  return id == mutation::active_mutant;
}

// A condition, negated.
inline bool neg(std::uint32_t id, bool condition) { return is(id) != condition; }

// A statement that each of these mutants drops.
template <class... Ids>
bool keep(Ids... ids) {
  return (... & !is(ids));
}

// Of two statements the later: before the earlier in a mutant, after it otherwise.
inline bool early(std::uint32_t id) { return is(id); }
inline bool late(std::uint32_t id) { return id != mutation::active_mutant; }

// One value instead of another, where they differ.
template <class T>
T other(std::uint32_t id, T value, T instead) {
  return value != instead && is(id) ? instead : value;
}

// A number off by one, up and down; down has no mutant if it is 0.
template <class T>
T off(std::uint32_t up, std::uint32_t down, T value) {
  if (is(up)) return static_cast<T>(value + 1);
  return down != 0 && is(down) ? static_cast<T>(value - 1) : value;
}

// A comparison whose bound is off by one: it matters where both sides are equal.
template <class A, class B>
bool lt(std::uint32_t id, A a, B b) { return other(id, a < b, a <= b); }
template <class A, class B>
bool le(std::uint32_t id, A a, B b) { return other(id, a <= b, a < b); }
template <class A, class B>
bool gt(std::uint32_t id, A a, B b) { return other(id, a > b, a >= b); }
template <class A, class B>
bool ge(std::uint32_t id, A a, B b) { return other(id, a >= b, a > b); }

}  // namespace daxfuzz::mut
