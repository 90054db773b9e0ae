// SPDX-License-Identifier: GPL-2.0-only
// Rounds over subjects, by the processor time of the thread: what others take is not counted. See
// subject.h.
#include <time.h>

#include "bench/cost/subject.h"
#include "sched/check.h"

namespace daxfuzz::cost {
namespace {

double nanoseconds_now() {
  timespec now{};
  CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Timed {
  double done = 0, nanoseconds = 0;
};

Timed timed(const Subject& subject, std::uint64_t times) {
  const double before = nanoseconds_now();
  const double done = subject.run(times);
  return {.done = done, .nanoseconds = nanoseconds_now() - before};
}

// How often it must be done for a sample to be long enough.
std::uint64_t times_of(const Subject& subject, const Effort& effort) {
  std::uint64_t times = 1;
  if (subject.figure.unit == Unit::count) return times;
  while (timed(subject, times).nanoseconds < static_cast<double>(effort.milliseconds) * 1e6) times *= 2;
  return times;
}

double sample(const Subject& subject, std::uint64_t times) {
  if (subject.figure.unit == Unit::count) return subject.run(times);
  const Timed took = timed(subject, times);
  CHECK(took.done > 0);
  const double each = took.nanoseconds / took.done;
  return subject.figure.unit == Unit::per_second ? 1e9 / each : each;
}

}  // namespace

std::vector<Figure> measure(const std::vector<Subject>& subjects, const Effort& effort) {
  CHECK(effort.rounds > 0);
  std::vector<std::uint64_t> times;
  std::vector<Figure> figures;
  for (const Subject& subject : subjects) {
    (void)subject.run(1);
    times.push_back(times_of(subject, effort));
    figures.push_back(subject.figure);
  }
  for (std::uint64_t round = 0; round < effort.rounds; round++)
    for (std::size_t i = 0; i < subjects.size(); i++)
      figures[i].samples.push_back(sample(subjects[i], times[i]));
  return figures;
}

void run_for(const Subject& subject, std::uint64_t milliseconds) {
  const double end = nanoseconds_now() + static_cast<double>(milliseconds) * 1e6;
  do (void)subject.run(1);
  while (nanoseconds_now() < end);
}

}  // namespace daxfuzz::cost
