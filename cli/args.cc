// SPDX-License-Identifier: GPL-2.0-only
// Parses by table, prints help from the same table. See args.h, verbs.def.
#include "cli/args.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace daxfuzz::cli {
namespace {

struct Verb {
  std::string_view name, operands;
  std::size_t at_least, at_most;
  std::string_view flags, summary;
};
struct Flag {
  std::string_view name, value, help;
};

constexpr std::size_t kAny = SIZE_MAX;
constexpr Verb kVerbs[] = {
#define VERB(name, operands, at_least, at_most, flags, summary) \
  {spelled(#name), operands, at_least, at_most, flags, summary},
#include "cli/verbs.def"
#undef VERB
};
constexpr Flag kFlags[] = {
#define FLAG(name, value, help) {name, value, help},
#include "cli/verbs.def"
#undef FLAG
};

const Verb* find_verb(std::string_view name) {
  const auto found = std::ranges::find(kVerbs, name, &Verb::name);
  return found == std::end(kVerbs) ? nullptr : found;
}

bool takes(const Verb& verb, std::string_view flag) {
  if (flag == "help" || flag == "quiet") return true;
  const std::string list = " " + std::string(verb.flags) + " ";
  return list.find(" " + std::string(flag) + " ") != std::string::npos;
}

// The flags of a verb in the order of the table, which is alphabetical.
std::vector<Flag> flags_of(const Verb& verb) {
  std::vector<Flag> out;
  std::ranges::copy_if(kFlags, std::back_inserter(out),
                       [&](const Flag& f) { return takes(verb, f.name); });
  return out;
}

std::string usage_line(const Verb& verb) {
  std::string out = "usage: daxfuzz " + std::string(verb.name) + " [FLAGS]";
  if (!verb.operands.empty()) out += " " + std::string(verb.operands);
  return out + "\n";
}

std::unexpected<UsageError> wrong(const Verb& verb, const std::string& what) {
  return std::unexpected(UsageError{"daxfuzz " + std::string(verb.name) + ": " + what + "\n" +
                                    usage_line(verb) + "next: daxfuzz help " +
                                    std::string(verb.name) + "\n"});
}

std::string hint(const std::string& near, const char* prefix) {
  return near.empty() ? "" : "; did you mean " + std::string(prefix) + near + "?";
}

std::unexpected<UsageError> unknown_verb(std::string_view word) {
  const std::vector<std::string> names = verb_names();
  const std::string what =
      word.empty() ? "no verb given" : "unknown verb '" + std::string(word) + "'";
  return std::unexpected(
      UsageError{"daxfuzz: " + what + hint(nearest(word, names), "") +
                 "\nusage: daxfuzz VERB [FLAGS] [OPERANDS]\nnext: daxfuzz help\n"});
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t keep = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, keep});
    }
  }
  return row.back();
}

}  // namespace

std::string Args::get(std::string_view flag, std::string_view fallback) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::string(fallback) : found->second.back();
}

std::vector<std::string> Args::all(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::vector<std::string>{} : found->second;
}

std::string nearest(std::string_view word, std::span<const std::string> words) {
  std::string best;
  // Half of the word may be wrong, not more: a hint must be worth reading.
  std::size_t limit = (std::min<std::size_t>(word.size(), 64) + 1) / 2 + 1;
  for (const std::string& candidate : words) {
    const std::size_t d = distance(word.substr(0, 64), candidate);
    if (d < limit) limit = d, best = candidate;
  }
  return best;
}

std::vector<std::string> verb_names() {
  std::vector<std::string> out;
  for (const Verb& verb : kVerbs) out.emplace_back(verb.name);
  return out;
}

std::expected<Args, UsageError> parse_args(std::span<const std::string> words) {
  Args args;
  if (words.empty()) return unknown_verb("");
  args.verb = words[0] == "--help" || words[0] == "-h" ? "help"
              : words[0] == "--version"                ? "version"
                                                       : words[0];
  const Verb* verb = find_verb(args.verb);
  if (verb == nullptr) return unknown_verb(words[0]);
  bool flags_ended = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::string word = words[i];
    if (flags_ended || word == "-" || !word.starts_with('-')) {
      args.operands.push_back(word);
      continue;
    }
    if (word == "--") {
      flags_ended = true;
      continue;
    }
    if (word == "-h") word = "--help";
    if (word == "-q") word = "--quiet";
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::vector<Flag> known = flags_of(*verb);
    const auto flag = std::ranges::find_if(
        known, [&](const Flag& f) { return name == "--" + std::string(f.name); });
    if (flag == known.end()) {
      std::vector<std::string> names;
      for (const Flag& f : known) names.push_back("--" + std::string(f.name));
      return wrong(*verb, "unknown flag '" + name + "'" + hint(nearest(name, names), ""));
    }
    std::string value;
    if (flag->value.empty()) {
      if (equals != std::string::npos) return wrong(*verb, name + " takes no value");
    } else if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    }
    if (!flag->value.empty() && value.empty())
      return wrong(*verb, name + " needs a value: " + name + "=" + std::string(flag->value));
    // The machine's memory is a switch like others: to whoever reads flags it is one.
    const bool memory = flag->name == "memory";
    args.flags[memory ? "set" : std::string(flag->name)].push_back(memory ? "memory=" + value : value);
  }
  if (args.has("help")) return args;
  if (args.operands.size() < verb->at_least)
    return wrong(*verb, "needs " + std::string(verb->operands));
  if (args.operands.size() > verb->at_most)
    return wrong(*verb, "does not take '" + args.operands[verb->at_most] + "'");
  return args;
}

std::string help_text() {
  std::string out = "usage: daxfuzz VERB [FLAGS] [OPERANDS]\n\n";
  for (const Verb& verb : kVerbs) {
    out += "  " + std::string(verb.name) + std::string(10 - verb.name.size(), ' ');
    out += std::string(verb.summary) + "\n";
  }
  return out + "\nnext: daxfuzz help VERB\n";
}

std::string help_text(std::string_view name) {
  const Verb* verb = find_verb(name);
  if (verb == nullptr) return "";
  std::string out = usage_line(*verb) + "\n  " + std::string(verb->summary) + "\n\n";
  for (const Flag& flag : flags_of(*verb)) {
    std::string left = "  --" + std::string(flag.name);
    if (!flag.value.empty()) left += "=" + std::string(flag.value);
    out += left + std::string(left.size() < 24 ? 24 - left.size() : 1, ' ') +
           std::string(flag.help) + "\n";
  }
  return out;
}

}  // namespace daxfuzz::cli
