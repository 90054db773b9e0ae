// SPDX-License-Identifier: GPL-2.0-only
// Looks for a schedule that passes, the nearest first, then for the swap on the way to it. See critical.h.
//
// A schedule is an order: the thread of each step of progress (Options::elastic), so that one in which a
// thread waits longer is still the same order, and nothing diverges.
#include "exec/critical.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "sched/check.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

using Order = std::vector<std::uint8_t>;
using trace::Program;
using trace::Segment;

constexpr std::size_t kStepsMax = 20000;
constexpr std::uint64_t kSeeds = 32;

Order order_of(const std::vector<Segment>& progress) {
  Order order;
  for (const Segment& s : progress)
    order.insert(order.end(), std::min<std::size_t>(s.steps, kStepsMax - order.size()), s.thread);
  return order;
}

std::vector<Segment> segments_of(const Order& order) {
  std::vector<Segment> out;
  for (const std::uint8_t thread : order) {
    if (out.empty() || out.back().thread != thread || out.back().steps == trace::kSegmentStepsMax)
      out.push_back({thread, 0, ""});
    ++out.back().steps;
  }
  return out;
}

// Both with as many steps of each thread as one of them has; what is missing comes last.
void make_even(Order& a, Order& b) {
  std::map<std::uint8_t, std::ptrdiff_t> more;  // that a has
  for (const std::uint8_t t : a) ++more[t];
  for (const std::uint8_t t : b) --more[t];
  for (const auto& [thread, count] : more) {
    Order& shorter = count > 0 ? b : a;
    shorter.insert(shorter.end(), static_cast<std::size_t>(count > 0 ? count : -count), thread);
  }
}

// From `from` towards `to` by `swaps` swaps of neighbours, each of two threads; how many were made.
std::size_t walk(Order& from, const Order& to, std::size_t swaps) {
  std::size_t made = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t j = i;
    while (from[j] != to[i]) ++j;
    for (; j > i; --j) {
      if (made == swaps) return made;
      std::swap(from[j - 1], from[j]);
      ++made;
    }
  }
  return made;
}

// The neighbours of an order: at each switch the two steps there change places, then more and more steps
// of the one thread go behind what the other does next, or before what the other has done.
std::vector<Order> near_by(const Order& order) {
  struct Move {  // [first, middle) goes behind [middle, last)
    std::size_t distance, first, middle, last;
    auto operator<=>(const Move&) const = default;
  };
  std::vector<Move> moves;
  std::vector<std::size_t> ends;  // of runs of one thread
  for (std::size_t i = 1; i <= order.size(); ++i)
    if (i == order.size() || order[i] != order[i - 1]) ends.push_back(i);
  for (std::size_t r = 0; r + 1 < ends.size(); ++r) {
    const std::size_t begin = r == 0 ? 0 : ends[r - 1], middle = ends[r], end = ends[r + 1];
    moves.push_back({0, middle - 1, middle, middle + 1});
    for (std::size_t steps = 1;; steps *= 2) {
      const std::size_t before = std::min(steps, middle - begin), after = std::min(steps, end - middle);
      moves.push_back({steps, middle - before, middle, end});
      moves.push_back({steps, begin, middle, middle + after});
      if (before == middle - begin && after == end - middle) break;
    }
  }
  std::ranges::sort(moves);
  std::vector<Order> out;
  for (const Move& move : moves) {
    out.push_back(order);
    const auto at = [&](std::size_t i) { return out.back().begin() + static_cast<std::ptrdiff_t>(i); };
    std::rotate(at(move.first), at(move.middle), at(move.last));
  }
  return out;
}

bool same(const sched::Event& x, const sched::Event& y) {
  return x.step == y.step && x.task == y.task && x.kind == y.kind && x.what == y.what && x.a == y.a &&
         x.b == y.b && x.c == y.c;
}

// What the task of event `at` is about to do there.
CriticalStep step_at(const Program& program, const std::vector<sched::Event>& events, std::size_t at) {
  using sched::EventKind;
  const sched::TaskId task = events[at].task;
  std::vector<sched::Label> functions;
  std::int64_t op = -1;
  const auto follow = [&](const sched::Event& e) {
    if (e.task != task) return;
    if (e.kind == EventKind::enter) functions.push_back(e.what);
    if (e.kind == EventKind::leave && !functions.empty()) functions.pop_back();
    if (e.kind == EventKind::op_begin) op = e.a;
  };
  for (std::size_t i = 0; i < at; ++i) follow(events[i]);
  CriticalStep out{.thread = task, .function = {}, .at = {}};
  if (events[at].kind == EventKind::step) out.at = events[at].what.text();
  // An op that begins: the function that it enters in this very step.
  for (std::size_t i = at; functions.empty() && i < events.size() && events[i].task == task; ++i)
    if (i == at || events[i].kind != EventKind::step) follow(events[i]);
    else break;
  if (!functions.empty()) out.function = functions.back().text();
  else if (op >= 0 && static_cast<std::size_t>(op) < program.ops.size())
    out.function = trace::print(program.ops[static_cast<std::size_t>(op)]);
  return out;
}

class Critic {
 public:
  Critic(const Program& program, const Runner& run, std::uint64_t budget)
      : program_(program), run_(run), budget_(budget) {}

  std::optional<Critical> find() {
    const Execution first = run_(program_, {});
    CHECK(first.failed());
    signature_ = first.signature();
    const Order fails = order_of(first.progress);
    if (fails.size() >= kStepsMax || !same_failure(ran(fails))) return std::nullopt;
    for (const Order& order : near_by(fails))
      if (auto found = between(fails, order)) return found;
    for (const Order& order : far_off(fails))
      if (auto found = between(fails, order)) return found;
    return std::nullopt;
  }

 private:
  Program scheduled(const Order& order) const {
    Program out = program_;
    out.schedule = {.strategy = trace::Strategy::replay, .seed = 0, .bytes = {}, .segments = segments_of(order)};
    return out;
  }
  Execution ran(const Order& order, bool events = false) {
    ++spent_;
    return run_(scheduled(order), {.keep_events = events, .elastic = true});
  }
  [[nodiscard]] bool same_failure(const Execution& e) const { return e.failed() && e.signature() == signature_; }

  // One thread after the other, and a few that are drawn.
  std::vector<Order> far_off(const Order& fails) {
    std::map<std::uint8_t, std::size_t> steps;
    for (const std::uint8_t t : fails) ++steps[t];
    std::vector<Order> out;
    if (steps.size() < 2) return out;
    Order threads;
    for (const auto& [thread, count] : steps) threads.push_back(thread);
    if (threads.size() <= trace::kThreadsMax) do {
        Order& order = out.emplace_back();
        for (const std::uint8_t t : threads) order.insert(order.end(), steps[t], t);
      } while (std::ranges::next_permutation(threads).found);
    for (std::uint64_t seed = 1; seed <= kSeeds && spent_ < budget_; ++seed) {
      Program drawn = program_;
      drawn.schedule = {.strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}};
      ++spent_;
      const Execution run = run_(drawn, {});
      if (!run.failed()) out.push_back(order_of(run.progress));
    }
    return out;
  }

  // `passes` might: then the last order on the way there that fails, and the next one.
  std::optional<Critical> between(Order fails, Order passes) {
    make_even(fails, passes);
    if (fails == passes || spent_ >= budget_ || ran(passes).failed()) return std::nullopt;
    Order whole = fails;
    std::size_t low = 0, high = walk(whole, passes, kStepsMax * kStepsMax);
    while (high - low > 1) {
      const std::size_t middle = low + (high - low) / 2;
      Order order = fails;
      walk(order, passes, middle);
      if (spent_ >= budget_) return std::nullopt;
      (ran(order).failed() ? low : high) = middle;
    }
    Order one = fails, other = fails;
    walk(one, passes, low);
    walk(other, passes, high);
    return pair(one, other);
  }

  std::optional<Critical> pair(const Order& one, const Order& other) {
    Execution fails = ran(one, true), passes = ran(other, true);
    if (!same_failure(fails) || passes.failed()) return std::nullopt;
    const std::size_t common = std::min(fails.events.size(), passes.events.size());
    std::size_t at = 0;
    while (at < common && same(fails.events[at], passes.events[at])) ++at;
    if (at == common || fails.events[at].task == passes.events[at].task) return std::nullopt;
    Critical out{.first = step_at(program_, fails.events, at), .second = step_at(program_, passes.events, at),
                 .failing = with_schedule(program_, fails), .passing = with_schedule(program_, passes),
                 .fails = {}, .passes = {}};
    // Both are written down in exact steps, and must be the same again.
    out.fails = run_(out.failing, {});
    out.passes = run_(out.passing, {});
    if (out.fails.digest != fails.digest || out.passes.digest != passes.digest) return std::nullopt;
    return out;
  }

  const Program& program_;
  const Runner& run_;
  std::uint64_t budget_, spent_ = 0;
  std::string signature_;
};

std::string text(const CriticalStep& step) {
  const bool buffer = step.thread >= trace::kThreadsMax;  // as a segment of a schedule is written
  const std::string who = (buffer ? "B" : "T") + std::to_string(step.thread % trace::kThreadsMax);
  return who + " in " + step.function + (step.at.empty() ? "" : " at " + step.at);
}

}  // namespace

std::string text(const Critical& critical) { return text(critical.first) + ", then " + text(critical.second); }

std::optional<Critical> critical_reordering(const Program& program, const Runner& run, std::uint64_t budget) {
  return Critic(program, run, budget).find();
}

}  // namespace daxfuzz::exec
