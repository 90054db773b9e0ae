// SPDX-License-Identifier: GPL-2.0-only
// Is there an order of what threads did that keeps to the order in which it happened, and in which a model
// does what was seen? Wing and Gong 1993, with Lowe's memory of states (2017). Read next: linearize.h (ops of a
// program), branches.h (commands).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace daxfuzz::properties {

// When something ran: two moments of one clock.
struct Interval {
  std::uint64_t begin = UINT64_MAX, end = UINT64_MAX;
};

// At each step one of those that no other that is left ended before. Model: a value with ==.
template <class Model>
class Orders {
 public:
  // threads: the numbers of what each did, in its order; when: by number. after: the model after that one, if it does
  // what was seen. last: whether that may be the end.
  Orders(std::vector<std::vector<std::size_t>> threads, std::vector<Interval> when,
         std::function<std::optional<Model>(const Model& model, std::size_t number)> after,
         std::function<bool(const Model& model)> last)
      : threads_(std::move(threads)), when_(std::move(when)), after_(std::move(after)), last_(std::move(last)),
        at_(threads_.size()) {}

  bool found(const Model& model) {
    if (ordered_ == when_.size()) return last_(model);
    if (seen(model)) return false;
    for (std::size_t t = 0; t < threads_.size(); t++) {
      if (at_[t] == threads_[t].size() || !may_be_next(t)) continue;
      const std::optional<Model> next = after_(model, threads_[t][at_[t]]);
      if (!next.has_value()) continue;
      at_[t]++, ordered_++;
      furthest_ = std::max(furthest_, ordered_);
      if (found(*next)) return true;
      at_[t]--, ordered_--;
    }
    return false;
  }

  // How many are in the longest order that there is.
  [[nodiscard]] std::size_t furthest() const { return furthest_; }

 private:
  bool may_be_next(std::size_t thread) const {
    const std::uint64_t begin = when_[threads_[thread][at_[thread]]].begin;
    for (std::size_t t = 0; t < threads_.size(); t++)
      if (t != thread && at_[t] < threads_[t].size() && when_[threads_[t][at_[t]]].end < begin) return false;
    return true;
  }
  bool seen(const Model& model) {
    std::vector<Model>& models = seen_[at_];
    if (std::ranges::find(models, model) != models.end()) return true;
    models.push_back(model);
    return false;
  }

  std::vector<std::vector<std::size_t>> threads_;
  std::vector<Interval> when_;
  std::function<std::optional<Model>(const Model&, std::size_t)> after_;
  std::function<bool(const Model&)> last_;
  std::vector<std::size_t> at_;
  std::size_t ordered_ = 0, furthest_ = 0;
  std::map<std::vector<std::size_t>, std::vector<Model>> seen_;
};

}  // namespace daxfuzz::properties
