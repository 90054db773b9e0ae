// SPDX-License-Identifier: GPL-2.0-only
// The halving of trim.h: pieces of half the length, then of a quarter, down to one.
#include "fuzz/trim.h"

#include <algorithm>
#include <utility>

#include "sched/check.h"

namespace daxfuzz::fuzz {
namespace {

template <class T>
void drop(std::vector<T>& from, std::size_t at, std::size_t piece) {
  if (at >= from.size()) return;
  const std::size_t end = std::min(at + piece, from.size());
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(at), from.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace

Trim::Trim(trace::Program program) : program_(trace::clamped(std::move(program))) { start(Phase::ops); }

std::size_t Trim::length() const {
  switch (phase_) {
    case Phase::ops: return program_.ops.size();
    case Phase::settings: return program_.settings.size();
    case Phase::schedule: return std::max(program_.schedule.bytes.size(), program_.schedule.segments.size());
    case Phase::done: break;
  }
  return 0;
}

void Trim::start(Phase phase) {
  phase_ = phase;
  piece_ = std::max<std::size_t>((length() + 1) / 2, 1);
  // Of a schedule only the end goes: a piece from its middle would be another schedule.
  at_ = phase == Phase::schedule && length() >= piece_ ? length() - piece_ : 0;
}

std::optional<trace::Program> Trim::candidate() const {
  if (at_ >= length()) return std::nullopt;
  trace::Program out = program_;
  if (phase_ == Phase::ops) drop(out.ops, at_, piece_);
  if (phase_ == Phase::settings) drop(out.settings, at_, piece_);
  if (phase_ == Phase::schedule) {
    drop(out.schedule.bytes, at_, piece_);
    drop(out.schedule.segments, at_, piece_);
  }
  return trace::clamped(std::move(out));
}

std::optional<trace::Program> Trim::next() {
  while (phase_ != Phase::done) {
    if (auto out = candidate()) {
      tried_ = *out;
      return out;
    }
    if (phase_ != Phase::schedule && piece_ > 1) {
      piece_ /= 2;
      at_ = 0;
    } else {
      start(static_cast<Phase>(std::to_underlying(phase_) + 1));
    }
  }
  return std::nullopt;
}

void Trim::tell(bool kept) {
  CHECK(phase_ != Phase::done);
  if (kept) program_ = tried_;
  if (phase_ != Phase::schedule) {
    if (!kept) at_ += piece_;
    return;
  }
  // The end went: half of what is left. It is needed: half as much of it.
  if (!kept && piece_ == 1) return start(Phase::done);
  piece_ = kept ? std::max<std::size_t>((length() + 1) / 2, 1) : piece_ / 2;
  at_ = length() >= piece_ ? length() - piece_ : 0;
  if (length() == 0) start(Phase::done);
}

}  // namespace daxfuzz::fuzz
