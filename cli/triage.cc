// SPDX-License-Identifier: GPL-2.0-only
// Two rounds of jobs: with what each program ends, then the smallest programs of each signature made smaller.
// Only this process writes files; a job tells what it came to. See triage.h.
#include "cli/triage.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "cli/exit_code.h"
#include "cli/findings.h"
#include "cli/kept.h"
#include "cli/side_by_side.h"
#include "cli/traces.h"
#include "cli/triage_piece.h"

namespace daxfuzz::cli {
namespace {

// The smallest input does not always come to the smallest trace.
constexpr std::size_t kCandidates = 3;
constexpr std::size_t kKeptTogether = 1000;
constexpr const char* kPass = "pass";
constexpr const char* kDied = "died";

// One program: inputs that decode to the same one are the same.
struct Unique {
  std::string key, ends;         // ends: the signature, kPass or kDied
  std::vector<std::size_t> inputs;
};

struct Group {
  std::string protocol, signature, folder;
  std::vector<std::size_t> programs;  // the smallest first
  std::vector<Piece> pieces;          // of the first few
  std::size_t open = 0;               // of those
};

class Triager {
 public:
  Triager(const TriageWish& wish, Context& context)
      : wish_(wish), context_(context), kept_(*context.sys, wish.out + "/progress.kept", build_hash(context)),
        jobs_(context, wish.jobs) {}

  Triage run() {
    if (!prepare() || !classify()) return finish();
    group();
    minimize();
    return finish();
  }

 private:
  bool failed(const std::string& what) {
    context_.problem("daxfuzz minimize: " + what + "\n");
    code_ = worse(code_, kEnvironment);
    return false;
  }

  bool prepare() {
    for (const std::string& folder : wish_.folders) {
      auto found = find_inputs(*context_.sys, folder, wish_.inputs);
      if (!found) return failed(found.error().str());
      std::ranges::move(found->all, std::back_inserter(inputs_));
      std::ranges::move(found->refused, std::back_inserter(out_.refused));
    }
    out_.inputs = inputs_.size();
    for (const std::string& what : out_.refused) context_.problem(what + "\n");
    if (!out_.refused.empty()) code_ = kBadTrace;
    if (inputs_.empty()) return failed(wish_.folders.front() + ": no crash-*, id:*, *.bin or *.daxt below it");
    if (auto done = make_folders(*context_.sys, wish_.out); !done) return failed(done.error().str());
    if (auto done = kept_.load(); !done) return failed(done.error());
    std::map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const std::string text =
          trace::print({.program = inputs_[i].trace.program, .digest = {}, .comments = {}});
      const std::string key = long_hash(text + (wish_.lenient ? "lenient" : ""));
      const auto [at, is_new] = index.emplace(key, programs_.size());
      if (is_new) programs_.push_back({.key = key, .ends = {}, .inputs = {}});
      programs_[at->second].inputs.push_back(i);
    }
    return true;
  }

  const Input& input_of(const Unique& program) const { return inputs_[program.inputs.front()]; }

  bool classify() {
    std::vector<std::size_t> left;
    for (std::size_t p = 0; p < programs_.size(); ++p)
      if (const std::string* ends = kept_.find("ends " + programs_[p].key)) programs_[p].ends = *ends;
      else left.push_back(p);
    // What one process came to is kept at once, not program by program.
    std::map<std::string, std::string> more;
    const bool all = jobs_.run_small(
        "looking at inputs", left.size(),
        [&](std::size_t at) {
          const trace::Program& program = input_of(programs_[left[at]]).trace.program;
          return context_.execute(program, {.keep_schedule = false, .lenient = wish_.lenient}).signature();
        },
        [&](std::size_t at, const std::optional<std::string>& text) {
          Unique& program = programs_[left[at]];
          program.ends = text.value_or(kDied);
          // A process may have been killed from outside: that says nothing of the input, and is not kept.
          if (text) more["ends " + program.key] = *text;
          if (more.size() < kKeptTogether) return;
          (void)keep(more);
          more.clear();
        });
    return (more.empty() || keep(more)) && all;
  }

  bool keep(const std::map<std::string, std::string>& more) {
    if (auto done = kept_.put(more); !done) return jobs_.stop(), failed(done.error());
    return true;
  }

  void group() {
    std::map<std::pair<std::string, std::string>, Group> groups;
    for (std::size_t p = 0; p < programs_.size(); ++p) {
      const Unique& program = programs_[p];
      if (program.ends == kPass) out_.passed += program.inputs.size();
      if (program.ends == kDied) {
        out_.died += program.inputs.size();
        for (const std::size_t i : program.inputs) context_.problem(inputs_[i].path + ": the model died of it\n");
        code_ = worse(code_, kEnvironment);
      }
      if (program.ends == kPass || program.ends == kDied) continue;
      const trace::Program& run = input_of(program).trace.program;
      Group& to = groups[{protocol_label(run), program.ends}];
      to.programs.push_back(p);
    }
    for (auto& [name, found] : groups) {
      std::tie(found.protocol, found.signature) = name;
      const trace::Program& run = input_of(programs_[found.programs.front()]).trace.program;
      found.folder = wish_.out + "/" + std::string(trace::name(run.protocol)) + "/" + slug(found.signature) + "-" +
                     short_hash(found.protocol + "\t" + found.signature);
      std::ranges::sort(found.programs, {}, [&](std::size_t p) {
        const trace::Program& it = input_of(programs_[p]).trace.program;
        return std::tuple(it.ops.size(), it.schedule.segments.size(), programs_[p].key);
      });
      found.pieces.resize(std::min(kCandidates, found.programs.size()));
      found.open = found.pieces.size();
      groups_.push_back(std::move(found));
    }
  }

  std::string piece_key(const Group& of, std::size_t candidate) const {
    return "made " + programs_[of.programs[candidate]].key + " " + std::to_string(wish_.budget);
  }

  void minimize() {
    std::vector<std::pair<std::size_t, std::size_t>> left;  // group, candidate
    for (std::size_t g = 0; g < groups_.size(); ++g)
      for (std::size_t c = 0; c < groups_[g].pieces.size(); ++c) {
        const std::string* text = kept_.find(piece_key(groups_[g], c));
        if (auto piece = text ? parse_piece(*text) : std::nullopt) ended(groups_[g], c, std::move(*piece));
        else left.emplace_back(g, c);
      }
    (void)jobs_.run(
        "minimizing", left.size(),
        [&](std::size_t at) {
          const auto [g, c] = left[at];
          return text(make_piece(context_, input_of(programs_[groups_[g].programs[c]]), groups_[g].folder,
                                 wish_.budget, wish_.lenient));
        },
        [&](std::size_t at, const std::optional<std::string>& told) {
          const auto [g, c] = left[at];
          auto piece = told ? parse_piece(*told) : std::nullopt;
          if (!piece) {
            piece.emplace().code = kEnvironment;
            piece->problem = "the model died while it was minimized";
            // Of it, or because somebody killed the process: not kept, so that the same command tries again.
            return ended(groups_[g], c, std::move(*piece));
          }
          // What an interrupt cut short is not what it would have come to.
          if (piece->code == kInterrupted) return;
          if (keep({{piece_key(groups_[g], c), text(*piece)}})) ended(groups_[g], c, std::move(*piece));
        });
  }

  void ended(Group& of, std::size_t candidate, Piece piece) {
    of.pieces[candidate] = std::move(piece);
    if (--of.open == 0) write(of);
  }

  void write(const Group& of) {
    std::size_t best = 0;
    for (std::size_t c = 1; c < of.pieces.size(); ++c)
      if (smaller(of.pieces[c], of.pieces[best])) best = c;
    const Piece& piece = of.pieces[best];
    const Input& original = input_of(programs_[of.programs[best]]);
    std::vector<const Input*> all;
    for (const std::size_t p : of.programs)
      for (const std::size_t i : programs_[p].inputs) all.push_back(&inputs_[i]);
    const Input& first =
        **std::ranges::min_element(all, {}, [](const Input* i) { return std::pair(i->first_seen, i->path); });
    std::string list;
    std::ranges::sort(all, {}, [](const Input* i) { return i->path; });
    for (const Input* i : all) list += i->first_seen + "\t" + i->path + "\n";
    const std::string seen = first.first_seen + ", " + first.path;
    bool good = put(of.folder, original.is_text ? "original.daxt" : "original.bin", original.bytes) &&
                put(of.folder, "inputs.tsv", list);
    for (const auto& [name, text] : files_of(piece, seen, first.first_seen))
      good = good && put(of.folder, name, text);
    if (!good) return;
    code_ = worse(code_, piece.code);
    if (!piece.problem.empty()) context_.problem(of.folder + ": " + piece.problem + "\n");
    else context_.note("minimized  " + of.protocol + "  " + of.signature + "  -> " + of.folder + "\n");
    out_.findings.push_back({.protocol = of.protocol,
                             .signature = of.signature,
                             .folder = of.folder,
                             .inputs = all.size(),
                             .first_seen = seen,
                             .summary = piece.summary,
                             .critical = piece.critical,
                             .reliable = piece.reliable,
                             .problem = piece.problem});
  }

  // Not written again if it is there.
  bool put(const std::string& folder, const std::string& name, const std::string& content) {
    const std::string path = folder + "/" + name;
    const auto there = read_file(*context_.sys, path, content.size());
    if (there && *there == content) return true;
    auto done = make_folders(*context_.sys, folder);
    if (done) done = store_file(*context_.sys, path, content);
    return done ? true : (jobs_.stop(), failed(done.error().str()));
  }

  Triage finish() {
    std::ranges::sort(out_.findings, {}, [](const Triaged& t) { return std::tie(t.protocol, t.signature); });
    out_.exit_code = context_.interrupted() ? kInterrupted : code_;
    return std::move(out_);
  }

  const TriageWish& wish_;
  Context& context_;
  Kept kept_;
  SideBySide jobs_;
  std::vector<Input> inputs_;
  std::vector<Unique> programs_;
  std::vector<Group> groups_;
  Triage out_;
  int code_ = kNothingFound;
};

}  // namespace

Triage triage(const TriageWish& wish, Context& context) { return Triager(wish, context).run(); }

}  // namespace daxfuzz::cli
