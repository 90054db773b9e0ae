// SPDX-License-Identifier: GPL-2.0-only
// Inputs as files of a folder that goes away, and the target over them. See corpus_edges.h.
#include "cli/corpus_edges.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <utility>

#include "cli/child.h"
#include "cli/target.h"
#include "cli/values.h"
#include "sched/label.h"
#include "trace/number.h"

namespace daxfuzz::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTogether = 256;  // inputs of one process
constexpr const char* kTarget = "interleaving_fuzz_test_libfuzzer";

// Its files are worth nothing once they are counted, so it is no matter of the store.
class Scratch {
 public:
  Scratch() : path_((fs::temp_directory_path() / "daxfuzz-edges-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~Scratch() {
    std::error_code none;
    if (!path_.empty()) fs::remove_all(path_, none);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  // Its path, or "".
  [[nodiscard]] std::string put(std::size_t number, const std::string& text) const {
    const std::string path = path_ + "/" + std::to_string(number);
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    return path_.empty() || !out ? "" : path;
  }

 private:
  std::string path_;
};

std::string name_of(const std::string& input) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(sched::fnv1a(input)));
  return text;
}

class Counting {
 public:
  Counting(const Context& context, const std::string& target, const std::vector<std::string>& inputs, std::size_t jobs)
      : context_(context), target_(target), jobs_(jobs), edges_(inputs.size()) {
    for (std::size_t i = 0; i < inputs.size(); ++i) numbers_[name_of(inputs[i])].push_back(i);
  }

  std::expected<EdgesOfInputs, std::string> run(const std::vector<std::string>& files) {
    std::vector<std::size_t> all(files.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    if (auto done = round(files, all, kTogether); !done) return std::unexpected(done.error());
    // Who died took others of its process along.
    std::erase_if(all, [&](std::size_t i) { return edges_[i].has_value(); });
    if (auto done = round(files, all, 1); !done) return std::unexpected(done.error());
    return std::move(edges_);
  }

 private:
  std::expected<void, std::string> round(const std::vector<std::string>& files, const std::vector<std::size_t>& of,
                                         std::size_t together) {
    for (std::size_t begin = 0; begin < of.size() && !context_.interrupted(); begin += together * jobs_) {
      std::vector<ChildSpec> children;
      for (std::size_t at = begin; at < std::min(begin + together * jobs_, of.size()); at += together) {
        ChildSpec child{.path = target_,
                        .arguments = {"-detect_leaks=0", "-rss_limit_mb=0"},
                        // Settings as in a campaign: none.
                        .environment = {"DAXFUZZ_EDGES_FD=" + std::to_string(kFindingsFd), "DAXFUZZ_FINDINGS_FD=2"}};
        for (std::size_t i = at; i < std::min(at + together, of.size()); ++i) child.arguments.push_back(files[of[i]]);
        children.push_back(std::move(child));
      }
      std::vector<std::string> told(children.size());
      std::vector<ChildEvents> events;
      for (std::string& one : told)
        events.push_back({.on_stderr = [](std::string_view) {},
                          .on_finding_bytes = [&one](std::string_view bytes) { one += bytes; },
                          .on_tick = [] {},
                          .interrupted = context_.interrupted});
      if (const auto ended = run_children(children, events); !ended) return std::unexpected(ended.error().str());
      for (const std::string& one : told) take(one);
    }
    return {};
  }

  // Lines that are whole.
  void take(const std::string& told) {
    for (std::size_t begin = 0, end; (end = told.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::vector<std::string> words = split(told.substr(begin, end - begin), ' ');
      const auto inputs = numbers_.find(words.front());
      if (inputs == numbers_.end()) continue;
      std::vector<std::uint64_t> edges(words.size() - 1);
      bool good = true;
      for (std::size_t i = 1; i < words.size(); ++i) good = trace::parse_number(words[i], edges[i - 1]) && good;
      if (!good) continue;
      for (const std::size_t i : inputs->second) edges_[i] = edges;
    }
  }

  const Context& context_;
  const std::string& target_;
  std::size_t jobs_;
  EdgesOfInputs edges_;
  std::map<std::string, std::vector<std::size_t>> numbers_;  // by the name in a line
};

}  // namespace

std::string edges_target(const Context& context, std::vector<std::string>& tried) {
  return find_target(context.program_path, "", kTarget, tried);
}

std::expected<EdgesOfInputs, std::string> count_edges(const Context& context, const std::string& target,
                                                      const std::vector<std::string>& inputs, std::size_t jobs) {
  const Scratch scratch;
  // One that tells nothing of the empty program would have died of everything.
  const std::string probe = scratch.put(inputs.size(), "");
  const auto probed = Counting(context, target, {""}, 1).run({probe});
  if (!probed) return std::unexpected(probed.error());
  if (!probed->front() && !context.interrupted())
    return std::unexpected(target + " tells of no edges; build it anew: bazel build //fuzz:" + std::string(kTarget));
  std::vector<std::string> files;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    files.push_back(scratch.put(i, inputs[i]));
    if (files.back().empty()) return std::unexpected("cannot write files to be counted into a temporary folder");
  }
  return Counting(context, target, inputs, jobs).run(files);
}

}  // namespace daxfuzz::cli
