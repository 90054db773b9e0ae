// SPDX-License-Identifier: GPL-2.0-only
// Hunts for each mutant of the port and says which are killed. bench/mutate builds and starts it.
//
//   mutate --mutants=FILE --equivalent=FILE --corpus=FOLDER --rows=FILE
//          [--executions=30000] [--sequential=4000] [--hunt-seed=1] [--jobs=1]
//          [--sample=N [--seed=S]] [--file=NAME] [--function=NAME] [--operator=NAME]
//   mutate ... --mutant=ID     one again, and what it is
//   mutate ... --report        from the rows that are there: tables and survivors, as markdown
//   mutate ... --list          the mutants, and how many were left out
//   mutate ... --partial       the build has mutants of some files only
//
// Exit code 0 all done, 1 the program without a mutant fails or an equivalent mutant was killed,
// 2 usage, 5 bad input. Read next: probes.h, trial.h.
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <list>
#include <memory>

#include "bench/mutation/mutants.h"
#include "bench/mutation/probes.h"
#include "bench/mutation/rows.h"
#include "bench/mutation/score.h"
#include "bench/mutation/trial.h"
#include "fuzz/random.h"
#include "trace/number.h"

namespace {

using namespace daxfuzz;
using namespace daxfuzz::mutation;

constexpr double kProgressSeconds = 20;

struct Settings {
  std::string mutants, equivalent, corpus, rows, file, function, op;
  Budget budget;
  std::uint64_t jobs = 1, sample = 0, seed = 1, mutant = 0;
  bool report = false, lists = false, partial = false;
};

bool argument(std::string_view text, Settings& settings) {
  if (text == "--report") return settings.report = true;
  if (text == "--list") return settings.lists = true;
  if (text == "--partial") return settings.partial = true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--mutants") settings.mutants = value;
  else if (key == "--equivalent") settings.equivalent = value;
  else if (key == "--corpus") settings.corpus = value;
  else if (key == "--rows") settings.rows = value;
  else if (key == "--file") settings.file = value;
  else if (key == "--function") settings.function = value;
  else if (key == "--operator") settings.op = value;
  else if (key == "--executions") return trace::parse_number(value, settings.budget.executions);
  else if (key == "--sequential") return trace::parse_number(value, settings.budget.sequential);
  else if (key == "--hunt-seed") return trace::parse_number(value, settings.budget.seed);
  else if (key == "--jobs") return trace::parse_number(value, settings.jobs) && settings.jobs > 0;
  else if (key == "--sample") return trace::parse_number(value, settings.sample);
  else if (key == "--seed") return trace::parse_number(value, settings.seed);
  else if (key == "--mutant") return trace::parse_number(value, settings.mutant);
  else return false;
  return true;
}

// Those that were asked for, of a sample in the order in which it was drawn.
std::vector<std::uint32_t> chosen(const MutantList& list, const Settings& settings) {
  std::vector<std::uint32_t> ids;
  for (const Mutant& mutant : list.mutants) {
    if (settings.mutant != 0 && mutant.id != settings.mutant) continue;
    if (!settings.file.empty() && mutant.file != settings.file) continue;
    if (!settings.function.empty() && mutant.function != settings.function) continue;
    if (!settings.op.empty() && mutant.op != settings.op) continue;
    ids.push_back(mutant.id);
  }
  if (settings.sample == 0) return ids;
  fuzz::Random random(settings.seed);
  for (std::size_t i = 0; i + 1 < ids.size(); i++)
    std::swap(ids[i], ids[i + random.below(ids.size() - i)]);
  ids.resize(std::min<std::size_t>(ids.size(), settings.sample));
  return ids;
}

// On stderr: how far it is, and the time that is left at this rate.
class Progress {
 public:
  explicit Progress(std::size_t all) : all_(all) {}
  void done(const Score& score) {
    done_++;
    const double passed = seconds();
    if (passed - told_ < kProgressSeconds && done_ != all_) return;
    told_ = passed;
    std::fprintf(stderr, "mutate: %zu of %zu, %.1f s each, %.0f min left; %s\n", done_, all_,
                 passed / static_cast<double>(done_),
                 passed / static_cast<double>(done_) * static_cast<double>(all_ - done_) / 60,
                 score.line().c_str());
  }

 private:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  std::size_t all_, done_ = 0;
  double told_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void tell(const Mutant& mutant, const Outcome& outcome) {
  std::printf("%u %s:%u %s, %s (%u): %s -> %s: %s, %s %u, %llu runs, of which %llu differ, %s\n", mutant.id,
              mutant.file.c_str(), mutant.line, mutant.function.c_str(), mutant.op.c_str(),
              mutant.occurrence, mutant.before.c_str(), mutant.after.c_str(),
              std::string(name(outcome.verdict)).c_str(), outcome.set.c_str(), outcome.number,
              static_cast<unsigned long long>(outcome.runs),
              static_cast<unsigned long long>(outcome.differ), outcome.signature.c_str());
}

// Each mutant in a process, `jobs` of them at once.
void run_all(const Probes& probes, const MutantList& list, const std::vector<std::uint32_t>& todo,
             const std::vector<std::uint32_t>& ids, const Settings& settings, Rows& rows) {
  Progress progress(todo.size());
  std::list<std::unique_ptr<Trial>> trials;
  for (std::size_t next = 0; next < todo.size() || !trials.empty();) {
    while (next < todo.size() && trials.size() < settings.jobs)
      trials.push_back(std::make_unique<Trial>(probes, todo[next++]));
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    const auto at = std::ranges::find_if(trials, [=](const auto& trial) { return trial->pid() == ended; });
    if (at == trials.end()) continue;
    const Mutant& mutant = list.mutants[(*at)->mutant() - 1];
    if (Trial::interrupted(status)) {
      std::fprintf(stderr, "mutate: %u was ended by somebody else, and has no row\n", mutant.id);
      trials.erase(at);
      continue;
    }
    const Row row{.outcome = (*at)->outcome(status), .executions = settings.budget.executions};
    trials.erase(at);
    rows.add(mutant, row);
    if (settings.mutant != 0) tell(mutant, row.outcome);
    progress.done(score_of(list, rows, ids));
  }
}

int fail(int code, const std::string& text) {
  std::fprintf(stderr, "mutate: %s\n", text.c_str());
  return code;
}

int run(const Settings& settings) {
  const auto list = load_mutants(settings.mutants, settings.equivalent, settings.partial);
  if (!list) return fail(5, list.error());
  if (settings.lists) {
    for (const Mutant& mutant : list->mutants)
      std::printf("%u\t%s\t%u\t%s\n", mutant.id, mutant.file.c_str(), mutant.line, mutant.key().c_str());
    for (const std::string& reason : list->left_out) std::printf("left out: %s\n", reason.c_str());
    return 0;
  }
  const std::vector<std::uint32_t> ids = chosen(*list, settings);
  if (ids.empty()) return fail(2, "no such mutant");
  auto rows = Rows::opened(settings.rows, *list, settings.budget.seed, settings.report);
  if (!rows) return fail(5, rows.error());
  if (settings.report) return std::printf("%s", mutation::report(*list, *rows, ids).c_str()), 0;

  std::vector<std::uint32_t> todo;
  for (const std::uint32_t id : ids)
    if (settings.mutant != 0 || !rows->known(id, settings.budget.executions)) todo.push_back(id);
  std::fprintf(stderr, "mutate: %zu mutants, %zu of them to be tried; first without\n", ids.size(),
               todo.size());
  if (!todo.empty()) {
    const auto probes = Probes::made(settings.corpus, settings.budget,
                                     static_cast<std::uint32_t>(list->mutants.size()));
    if (!probes) return fail(1, probes.error());
    std::fprintf(stderr, "mutate: without a mutant %zu executions pass\n", probes->all().size());
    run_all(*probes, *list, todo, ids, settings, *rows);
  }
  const Score score = score_of(*list, *rows, ids);
  const Score::Interval interval = score.interval();
  std::printf("%s\n", score.line().c_str());
  if (settings.sample != 0) std::printf("95 %% interval: %.1f to %.1f %%\n", interval.low, interval.high);
  const std::string wrong = refuted(*list, *rows);
  std::printf("%s", wrong.c_str());
  return wrong.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bool good = true;
  for (int i = 1; i < argc; i++) good = argument(argv[i], settings) && good;
  good = good && !settings.mutants.empty();
  good = good && (settings.lists || (!settings.corpus.empty() && !settings.rows.empty()));
  if (good) return run(settings);
  return fail(2,
              "expected --mutants=FILE [--equivalent=FILE] --corpus=FOLDER --rows=FILE\n"
              "[--executions=N] [--sequential=N] [--hunt-seed=N] [--jobs=N] [--sample=N] [--seed=N] [--file=NAME]\n"
              "[--function=NAME] [--operator=NAME] [--mutant=ID] [--report] [--list] [--partial]");
}
