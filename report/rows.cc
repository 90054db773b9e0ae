// SPDX-License-Identifier: GPL-2.0-only
// Events to rows in three passes: choose the failing event, decide what is shown,
// then write the rows and merge a call with its return where nothing came in
// between. See rows.h.
#include "report/rows.h"

#include <algorithm>

#include "report/ascii.h"
#include "sched/event_log.h"
#include "trace/text.h"

namespace daxfuzz::report {
namespace {

using sched::Event;
using sched::EventKind;

constexpr std::size_t kNone = ~std::size_t{0};

class Builder {
 public:
  Builder(const trace::Program& program, const exec::Execution& execution, bool full)
      : program_(program), run_(execution), events_(execution.events), full_(full) {}

  Table build() {
    if (events_.empty()) return {};
    table_.has_states = run_.page_states.size() == events_.size();
    table_.events_all = events_.size();
    name_columns();
    if (run_.failed()) failing_ = failing_event();
    choose();
    for (std::size_t i = 0; i < events_.size(); ++i) emit(i);
    flush_folded();
    return std::move(table_);
  }

 private:
  // The last event of the finding's task up to the finding's step; the last event
  // of all if the finding is nobody's.
  std::size_t failing_event() const {
    for (std::size_t i = events_.size(); i-- > 0;)
      if (events_[i].task == run_.finding.task && events_[i].step <= run_.finding.step) return i;
    return events_.size() - 1;
  }

  void name_columns() {
    std::size_t tasks = std::max<std::size_t>(program_.threads(), 1);
    for (const Event& e : events_) tasks = std::max(tasks, column(e) + 1);
    for (std::size_t t = 0; t < tasks; ++t) table_.columns.push_back(task_name(t));
    depth_.assign(tasks, 0);
  }

  // What no thread does is the end of the process: pins are dropped, one by one,
  // while threads are stuck.
  std::string task_name(std::size_t task) const {
    return task == program_.threads() ? "exit" : "T" + std::to_string(task);
  }
  // A store buffer's is its thread's.
  static bool of_buffer(const Event& e) {
    const bool acts = e.kind == EventKind::step || e.kind == EventKind::wake;
    return acts && e.task >= trace::kThreadsMax && e.task != sched::kNoTask;
  }
  std::size_t column(const Event& e) const {
    if (of_buffer(e)) return e.task % trace::kThreadsMax;
    return e.task == sched::kNoTask ? program_.threads() : e.task;
  }

  bool changes_page(std::size_t i) const {
    return table_.has_states && i != 0 && run_.page_states[i] != run_.page_states[i - 1];
  }

  bool wakes_failing_task(const Event& e) const {
    return e.kind == EventKind::wake && e.a == run_.finding.task;
  }

  bool in_slice(std::size_t i) const {
    if (failing_ == kNone || i > failing_) return false;
    return events_[i].task == run_.finding.task || changes_page(i) ||
           wakes_failing_task(events_[i]);
  }

  void choose() {
    shown_.assign(events_.size(), full_);
    std::vector<std::vector<std::size_t>> open(depth_.size());  // calls not left yet
    const std::size_t last_op = last_op_of_failing_task();
    for (std::size_t i = 0; i < events_.size() && !full_; ++i) {
      const Event& e = events_[i];
      std::vector<std::size_t>& calls = open[column(e)];
      const bool deciding = i == failing_ || changes_page(i);
      const bool outline = e.kind == EventKind::op_begin || e.kind == EventKind::op_end ||
                           e.kind == EventKind::block || e.kind == EventKind::wake;
      const bool last = i >= last_op && e.task == run_.finding.task && e.kind != EventKind::step &&
                        e.kind != EventKind::leave;
      shown_[i] = deciding || outline || last;
      if (deciding)
        for (std::size_t call : calls) shown_[call] = true;
      if (e.kind == EventKind::enter) calls.push_back(i);
      if (e.kind == EventKind::leave && !calls.empty()) {
        shown_[i] = shown_[i] || shown_[calls.back()];
        calls.pop_back();
      }
    }
  }

  std::size_t last_op_of_failing_task() const {
    if (failing_ == kNone) return kNone;
    for (std::size_t i = failing_ + 1; i-- > 0;)
      if (events_[i].kind == EventKind::op_begin && events_[i].task == run_.finding.task) return i;
    return 0;
  }

  void emit(std::size_t i) {
    const Event& e = events_[i];
    std::size_t& depth = depth_[column(e)];
    const bool closes = e.kind == EventKind::leave || e.kind == EventKind::op_end;
    if (closes && depth > 0) --depth;
    if (!shown_[i]) {
      // Steps are not rows unless everything is; a fold counts rows.
      if (e.kind != EventKind::step) ++folded_;
    } else if (closes && merge(i)) {
      ++table_.events_shown;
    } else if (e.kind == EventKind::leave && e.a == 0 && !full_ && i != failing_ &&
               !changes_page(i)) {
      // A call that returned nothing and was shown row by row: its end is no news.
      ++folded_;
    } else {
      flush_folded();
      ++table_.events_shown;
      Row row{.step = e.step, .column = column(e), .depth = depth, .text = text(e), .state = {}};
      finish(row, i);
      table_.rows.push_back(std::move(row));
      open_row_ = e.kind == EventKind::enter || e.kind == EventKind::op_begin ? i : kNone;
    }
    if (e.kind == EventKind::enter || e.kind == EventKind::op_begin) ++depth;
    if (e.kind == EventKind::op_end) depth = 0;
  }

  // Adds the result to the row of the call if that was the row before this one.
  bool merge(std::size_t i) {
    if (full_ || folded_ != 0 || open_row_ == kNone || table_.rows.empty()) return false;
    const Event &begin = events_[open_row_], &end = events_[i];
    const bool pair = begin.task == end.task && begin.what == end.what &&
                      ((begin.kind == EventKind::enter && end.kind == EventKind::leave) ||
                       (begin.kind == EventKind::op_begin && end.kind == EventKind::op_end));
    if (!pair) return false;
    Row& row = table_.rows.back();
    row.text += " -> " + result_name(end.kind == EventKind::op_end ? end.b : end.a);
    finish(row, i);
    open_row_ = kNone;
    return true;
  }

  void finish(Row& row, std::size_t i) {
    row.failing = row.failing || i == failing_;
    row.slice = row.slice || in_slice(i);
    if (!table_.has_states) return;
    const exec::PageState &now = run_.page_states[i], &old = before_;
    row.state = now;
    row.changed[0] |= now.ref != old.ref || first_;
    row.changed[1] |= now.map != old.map || first_;
    row.changed[2] |= now.pin != old.pin || first_;
    row.changed[3] |= now.share != old.share || first_;
    before_ = now;
    first_ = false;
  }

  void flush_folded() {
    if (folded_ != 0) table_.rows.push_back(Row{.text = {}, .state = {}, .folded = folded_});
    if (folded_ != 0) open_row_ = kNone;
    folded_ = 0;
  }

  std::string text(const Event& e) const {
    const std::string what = e.what.text();
    switch (e.kind) {
      case EventKind::step:
        return (of_buffer(e) ? "drains @" : "@") + what;
      case EventKind::block:
        return "waits for " + what;
      case EventKind::wake:
        return "wakes " + task_name(static_cast<std::size_t>(e.a));
      case EventKind::enter:
        return what + "(" + arguments(e, ", ") + ")";
      case EventKind::leave:
        return what + " -> " + result_name(e.a);
      case EventKind::note: {
        const std::string args = arguments(e, " ");
        return args.empty() ? what : what + ": " + args;
      }
      case EventKind::op_begin: {
        const auto n = static_cast<std::size_t>(e.a);
        return n < program_.ops.size() ? squeezed(trace::print(program_.ops[n])) : what;
      }
      case EventKind::op_end:
        return "-> " + result_name(e.b);
    }
    return what;
  }

  // The arguments up to the last that is not zero: events do not tell how many
  // there were.
  static std::string arguments(const Event& e, const char* separator) {
    const std::int64_t all[] = {e.a, e.b, e.c};
    std::size_t count = 3;
    while (count > 0 && all[count - 1] == 0) --count;
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) out += separator;
      out += result_name(all[i]);
    }
    return out;
  }

  const trace::Program& program_;
  const exec::Execution& run_;
  const std::vector<Event>& events_;
  const bool full_;
  Table table_;
  std::size_t failing_ = kNone;
  std::vector<bool> shown_;
  std::vector<std::size_t> depth_;  // of each column
  std::uint64_t folded_ = 0;
  std::size_t open_row_ = kNone;  // the event of the last row if it opened a call
  exec::PageState before_;
  bool first_ = true;
};

}  // namespace

Table table(const trace::Program& program, const exec::Execution& execution, bool full) {
  return Builder(program, execution, full).build();
}

}  // namespace daxfuzz::report
