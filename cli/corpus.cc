// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz corpus add|merge|check|stat: durable corpora of inputs, by what they cover. No engine is needed, and
// any engine's folder will do. What is promised of merges: corpus/merge.h; of files: corpus_folder.h.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/corpus_edges.h"
#include "cli/corpus_folder.h"
#include "cli/exit_code.h"
#include "cli/kept.h"
#include "cli/side_by_side.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "corpus/edges.h"
#include "corpus/merge.h"
#include "report/json_writer.h"
#include "trace/bytes.h"
#include "trace/number.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kJobsMax = 256;

// What the process of one entry tells: whether two runs were one, how it ends, the features.
struct Looked {
  bool alive = false, same = false;
  std::string ends, kept;  // kept: "" or which promise of a regression is not
  std::vector<daxfuzz::corpus::Feature> features;
};

std::string text(const Looked& looked) {
  std::string features;
  for (const auto& f : looked.features)
    features += std::to_string(static_cast<int>(f.kind)) + " " + std::to_string(f.id) + "\n";
  return packed({looked.same ? "same" : "differs", looked.ends, looked.kept, features});
}

Looked parse_looked(const std::optional<std::string>& text) {
  Looked out;
  const auto parts = text ? unpacked(*text) : std::nullopt;
  if (!parts || parts->size() != 4) return out;
  out.alive = true;
  out.same = (*parts)[0] == "same";
  out.ends = (*parts)[1];
  out.kept = (*parts)[2];
  for (const std::string& line : split((*parts)[3], '\n')) {
    const std::size_t space = line.find(' ');
    std::uint8_t kind = 0;
    daxfuzz::corpus::Feature feature;
    if (space == std::string::npos || !trace::parse_number(std::string_view(line).substr(0, space), kind) ||
        !trace::parse_number(std::string_view(line).substr(space + 1), feature.id))
      continue;
    feature.kind = static_cast<daxfuzz::corpus::FeatureKind>(kind);
    out.features.push_back(feature);
  }
  return out;
}

class Corpus {
 public:
  Corpus(const Args& args, Context& context, std::size_t jobs)
      : args_(args),
        context_(context),
        jobs_at_once_(jobs),
        jobs_(context, jobs),
        folder_(*context.sys, args.operands[1]) {}

  int run() {
    const std::string& what = args_.operands[0];
    const bool takes = what == "add" || what == "merge";
    if (auto done = folder_.open(takes); !done) return problem(kEnvironment, done.error()), finish(what);
    std::vector<std::string> broken;
    auto there = folder_.entries(broken);
    if (!there) return problem(kEnvironment, there.error()), finish(what);
    for (const std::string& line : broken) problem(kBadTrace, line);
    for (CorpusEntry& entry : *there) insert(std::move(entry), true);
    if (takes && !read_more()) return finish(what);
    if (!look()) return finish(what);
    if (what != "check" && !edges()) return finish(what);
    if (takes) keep(what == "merge");
    else if (what == "check") check();
    return finish(what);
  }

 private:
  struct Item {
    CorpusEntry entry;
    bool there = false;  // in the folder
    Looked looked;
  };

  void problem(int code, const std::string& what) {
    context_.problem("daxfuzz corpus: " + what + "\n");
    code_ = worse(code_, code);
  }

  // The same content is one entry, and so is the same program as bytes.
  void insert(CorpusEntry entry, bool there) {
    const auto [at, is_new] = items_.emplace(entry.file_name(), Item{});
    if (is_new) at->second = {.entry = std::move(entry), .there = there, .looked = {}};
  }

  bool read_more() {
    for (std::size_t i = 2; i < args_.operands.size(); ++i) {
      std::vector<std::string> refused;
      auto more = read_inputs(*context_.sys, args_.operands[i], refused);
      if (!more) return problem(kEnvironment, more.error().str()), false;
      for (const std::string& line : refused) problem(kBadTrace, line);
      read_ += more->size();
      for (CorpusEntry& entry : *more) insert(std::move(entry), false);
    }
    return true;
  }

  Looked looked(const CorpusEntry& entry) const {
    const trace::Program& program = entry.trace.program;
    const auto once = [&] {
      return daxfuzz::corpus::covered(program, [&] { return context_.execute(program, {.keep_events = true}); });
    };
    auto first = once();
    const auto second = once();
    Looked out{.alive = true, .same = false, .ends = first.execution.signature(), .kept = {}, .features = {}};
    out.same = first.execution.digest == second.execution.digest && out.ends == second.execution.signature();
    out.features = std::move(first.features);
    if (entry.regression) out.kept = broken_promise(entry, first.execution);
    return out;
  }

  // Of a regression's verdicts, its digest and what it says of other protocols.
  std::string broken_promise(const CorpusEntry& entry, const exec::Execution& own) const {
    if (entry.trace.digest && *entry.trace.digest != own.digest) return "another digest than the file's";
    const auto promises = expectations({entry.from, entry.content, entry.trace, {}});
    if (!promises) return promises.error().what;
    for (const Expectation& e : *promises) {
      trace::Program program = entry.trace.program;
      exec::Options how;
      if (!e.own) {
        program.settings.clear();
        program.protocol = e.promise.variant.protocol;
        apply_settings(program, e.promise.variant.settings);
        how.checkers = e.promise.variant.checkers;
        how.lenient = program != entry.trace.program && program.schedule.strategy == trace::Strategy::replay;
      }
      const std::string found = daxfuzz::corpus::verdict(e.own ? own : context_.execute(program, how));
      if (!e.promise.kept(found)) return e.promise.variant.spelling + ": " + found + ", not " + e.promise.verdict;
    }
    return "";
  }

  bool look() {
    std::vector<Item*> all;
    for (auto& [name, item] : items_) all.push_back(&item);
    const bool done = jobs_.run_small(
        "running inputs", all.size(), [&](std::size_t at) { return text(looked(all[at]->entry)); },
        [&](std::size_t at, const std::optional<std::string>& told) { all[at]->looked = parse_looked(told); });
    if (context_.interrupted()) code_ = worse(code_, kInterrupted);
    else if (!done) problem(kEnvironment, "no process to be had");
    for (const Item* item : all) {
      if (done && !item->looked.alive) problem(kFinding, item->entry.from + ": the model dies of it");
      else if (done && !item->looked.same) problem(kNondeterminism, item->entry.from + ": two runs of it differ");
    }
    return done;
  }

  // Of all that ran alike twice; what the target then dies of stays as what differs does. False: it ends here.
  bool edges() {
    if (!daxfuzz::corpus::edge_counters().empty()) return edges_counted_ = true;
    std::vector<std::string> tried;
    const std::string target = context_.edges ? "" : edges_target(context_, tried);
    if (!context_.edges && target.empty()) {
      context_.note("edges of the code are not counted, so nothing is dropped, for there is no " + tried.front() +
                    "; bazel build //fuzz:interleaving_fuzz_test_libfuzzer\n");
      return true;
    }
    std::vector<Item*> ran;
    std::vector<std::string> inputs;
    for (auto& [name, item] : items_) {
      // A regression is text, of which an engine that reads the folder sees no more than bytes.
      if (!item.looked.same || item.entry.regression) continue;
      const auto bytes = trace::encode(item.entry.trace.program);
      ran.push_back(&item);
      inputs.emplace_back(bytes.begin(), bytes.end());
    }
    auto counted = context_.edges ? context_.edges(inputs) : count_edges(context_, target, inputs, jobs_at_once_);
    if (!counted) return problem(kEnvironment, counted.error()), false;
    if (context_.interrupted()) return code_ = worse(code_, kInterrupted), false;
    for (std::size_t i = 0; i < ran.size(); ++i) {
      if (!(*counted)[i]) {
        problem(kFinding, ran[i]->entry.from + ": the target dies of it");
        ran[i]->looked.same = false;
        continue;
      }
      for (const std::uint64_t id : *(*counted)[i])
        ran[i]->looked.features.push_back({daxfuzz::corpus::FeatureKind::edges, id});
    }
    return edges_counted_ = true;
  }

  // What is new is durable before anything goes. Edges that nobody has counted may be what an input is there for.
  void keep(bool and_drop) {
    and_drop = and_drop && edges_counted_;
    std::vector<daxfuzz::corpus::Candidate> candidates;
    std::vector<Item*> all;
    for (auto& [name, item] : items_) {
      if (!item.looked.same) continue;  // stays where it is, and counts for nothing
      all.push_back(&item);
      candidates.push_back({.key = name,
                            .size = item.entry.content.size(),
                            .regression = item.entry.regression,
                            .features = item.looked.features});
    }
    std::set<const Item*> kept;
    for (const std::size_t i : daxfuzz::corpus::kept(candidates)) kept.insert(all[i]);
    for (Item* item : all) {
      if (!kept.contains(item) || item->there) continue;
      if (auto done = folder_.add(item->entry); !done) return problem(kEnvironment, done.error());
      item->there = true;
      ++added_;
    }
    for (Item* item : all) {
      if (!and_drop || kept.contains(item) || !item->there) continue;
      if (auto done = folder_.remove(item->entry); !done) return problem(kEnvironment, done.error());
      item->there = false;
      ++dropped_;
    }
  }

  void check() {
    for (const auto& [name, item] : items_)
      if (!item.looked.kept.empty()) problem(kFinding, item.entry.from + ": " + item.looked.kept);
  }

  int finish(const std::string& what) {
    std::size_t entries = 0, bytes = 0, regressions = 0;
    std::map<daxfuzz::corpus::FeatureKind, std::set<std::uint64_t>> features;
    std::map<std::string, std::size_t> signatures;
    for (const auto& [name, item] : items_) {
      if (!item.there) continue;
      ++entries;
      bytes += item.entry.content.size();
      regressions += item.entry.regression ? 1 : 0;
      for (const auto& f : item.looked.features) features[f.kind].insert(f.id);
      if (item.looked.alive && item.looked.ends != "pass")
        ++signatures[protocol_label(item.entry.trace.program) + "  " + item.looked.ends];
    }
    const std::string& path = args_.operands[1];
    if (args_.has("json")) {
      report::JsonWriter kinds('{'), ends('{'), out('{');
      for (const auto& [kind, ids] : features)
        kinds.number(daxfuzz::corpus::name(kind), static_cast<std::int64_t>(ids.size()));
      for (const auto& [signature, count] : signatures) ends.number(signature, static_cast<std::int64_t>(count));
      out.text("schema", "daxfuzz.corpus/1").number("exit", code_).text("folder", path);
      out.number("entries", static_cast<std::int64_t>(entries)).number("bytes", static_cast<std::int64_t>(bytes));
      out.number("regressions", static_cast<std::int64_t>(regressions));
      out.number("read", static_cast<std::int64_t>(read_)).number("added", static_cast<std::int64_t>(added_));
      out.number("dropped", static_cast<std::int64_t>(dropped_)).flag("edges_counted", edges_counted_);
      context_.result(out.member("covers", kinds.done()).member("signatures", ends.done()).done() + "\n");
      return code_;
    }
    std::string text = path + ": " + std::to_string(entries) + " inputs, " + std::to_string(bytes) + " bytes, " +
                       std::to_string(regressions) + " regressions\n";
    if (what == "add" || what == "merge")
      text += "  read " + std::to_string(read_) + ", added " + std::to_string(added_) + ", dropped " +
              std::to_string(dropped_) + "\n";
    for (const auto& [kind, ids] : features)
      text += "  " + std::string(daxfuzz::corpus::name(kind)) + " " + std::to_string(ids.size()) + "\n";
    if (what == "stat")
      for (const auto& [signature, count] : signatures) text += "  " + std::to_string(count) + "  " + signature + "\n";
    context_.result(text);
    context_.result(code_ == kNothingFound ? "next: daxfuzz fuzz interleaving --budget=60s\n"
                                           : "next: look into what is named above\n");
    return code_;
  }

  const Args& args_;
  Context& context_;
  std::size_t jobs_at_once_;
  SideBySide jobs_;
  CorpusFolder folder_;
  std::map<std::string, Item> items_;  // by the name that its file has or would have
  std::size_t read_ = 0, added_ = 0, dropped_ = 0;
  bool edges_counted_ = false;
  int code_ = kNothingFound;
};

}  // namespace

int corpus_(const Args& args, Context& context) {
  const std::string& what = args.operands[0];
  if (what != "add" && what != "merge" && what != "check" && what != "stat") {
    context.problem("daxfuzz corpus: expected add, merge, check or stat, found '" + what +
                    "'\nnext: daxfuzz help corpus\n");
    return kUsage;
  }
  const bool takes = what == "add" || what == "merge";
  if (takes != (args.operands.size() > 2)) {
    context.problem("daxfuzz corpus " + what + ": " + (takes ? "expected what to take" : "expected one folder") +
                    "\nnext: daxfuzz help corpus\n");
    return kUsage;
  }
  std::size_t jobs = all_cores();
  if (args.has("jobs")) {
    const auto given = parse_count(args.get("jobs"), kJobsMax);
    if (!given || *given == 0) return bad_value(args, context, "jobs", "expected a number from 1 to 256");
    jobs = *given;
  }
  return Corpus(args, context, jobs).run();
}

}  // namespace daxfuzz::cli
