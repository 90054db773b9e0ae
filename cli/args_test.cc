// SPDX-License-Identifier: GPL-2.0-only
// The command line: what is taken, what is refused and with which words; values
// of flags; docs/cli.md says what --help says.
#include "cli/args.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "cli/exit_code.h"
#include "cli/values.h"

namespace daxfuzz::cli {
namespace {

using Words = std::vector<std::string>;

std::string refusal(const Words& words) {
  const auto args = parse_args(words);
  return args ? "" : args.error().what;
}

TEST(Args, TakesBothSpellingsOfAValue) {
  const auto args = parse_args(Words{"replay", "--repeat=3", "a.daxt", "--set", "share=none",
                                     "--set=base_count=1", "-q", "--", "--b"});
  ASSERT_TRUE(args) << args.error().what;
  EXPECT_EQ(args->verb, "replay");
  EXPECT_EQ(args->operands, (Words{"a.daxt", "--b"}));
  EXPECT_EQ(args->get("repeat"), "3");
  EXPECT_EQ(args->all("set"), (Words{"share=none", "base_count=1"}));
  EXPECT_TRUE(args->has("quiet"));
  EXPECT_EQ(args->get("format", "splat"), "splat");
}

TEST(Args, UnknownFlagIsAnsweredWithTheNearest) {
  const std::string what = refusal({"replay", "--repaet=3", "a"});
  EXPECT_NE(what.find("unknown flag '--repaet'; did you mean --repeat?"), std::string::npos)
      << what;
  EXPECT_NE(what.find("usage: daxfuzz replay [FLAGS] FILE..."), std::string::npos);
  EXPECT_NE(refusal({"replay", "-x", "a"}).find("unknown flag '-x'"), std::string::npos);
}

TEST(Args, UnknownVerbIsAnsweredWithTheNearest) {
  EXPECT_NE(refusal({"minimise"}).find("unknown verb 'minimise'; did you mean minimize?"),
            std::string::npos);
  EXPECT_NE(refusal({}).find("no verb given"), std::string::npos);
  EXPECT_EQ(refusal({"xyzzyxyzzy"}).find("did you mean"), std::string::npos);
}

TEST(Args, RefusesWhatAVerbDoesNotTake) {
  EXPECT_NE(refusal({"version", "--seed=1"}).find("unknown flag '--seed'"), std::string::npos);
  EXPECT_NE(refusal({"replay", "--json=yes", "a"}).find("--json takes no value"),
            std::string::npos);
  EXPECT_NE(refusal({"replay", "a", "--repeat"}).find("--repeat needs a value"), std::string::npos);
  EXPECT_NE(refusal({"replay", "--repeat=", "a"}).find("--repeat needs a value"),
            std::string::npos);
  EXPECT_NE(refusal({"replay"}).find("needs FILE..."), std::string::npos);
  EXPECT_NE(refusal({"show", "a", "b"}).find("does not take 'b'"), std::string::npos);
  EXPECT_EQ(refusal({"conform", "a", "b"}), "");
  EXPECT_NE(refusal({"doctor", "a"}).find("does not take 'a'"), std::string::npos);
  EXPECT_EQ(refusal({"show", "--help"}), "");
}

TEST(Values, Seeds) {
  EXPECT_EQ(parse_seed("18446744073709551615").value(), ~std::uint64_t{0});
  const std::string hash(40, 'a');
  EXPECT_EQ(parse_seed(hash).value(), parse_seed(std::string(40, 'A')).value());
  EXPECT_NE(parse_seed(hash).value(), parse_seed(std::string(39, 'a') + "b").value());
  for (const char* bad : {"", "-1", "1x", "18446744073709551616", "0x10", "aaaa", " 1"})
    EXPECT_FALSE(parse_seed(bad)) << bad;
}

TEST(Values, Budgets) {
  EXPECT_EQ(parse_budget("30s")->seconds, 30u);
  EXPECT_EQ(parse_budget("2m")->seconds, 120u);
  EXPECT_EQ(parse_budget("1h")->seconds, 3600u);
  EXPECT_EQ(parse_budget("10k-execs")->executions, 10000u);
  EXPECT_EQ(parse_budget("7-execs")->executions, 7u);
  for (const char* bad :
       {"", "s", "0s", "-3s", "30", "30 s", "k-execs", "99999999999999999999s", "1.5m"})
    EXPECT_FALSE(parse_budget(bad)) << bad;
}

TEST(Values, ProtocolsAndSwitches) {
  EXPECT_EQ(parse_protocols("legacy,v1")->size(), 2u);
  EXPECT_NE(parse_protocols("upstraem").error().find("did you mean upstream?"), std::string::npos);
  EXPECT_FALSE(parse_protocols("legacy,"));
  EXPECT_EQ(parse_setting("share=none").value(), (trace::Setting{trace::SwitchId::share, 1}));
  EXPECT_NE(parse_setting("share=nine").error().find("magic_0x1|none"), std::string::npos);
  EXPECT_NE(parse_setting("shar=none").error().find("did you mean share?"), std::string::npos);
  EXPECT_FALSE(parse_setting("share"));
  trace::Program program;
  const std::vector<trace::Setting> settings = {{trace::SwitchId::share, 1},
                                                {trace::SwitchId::share, 2}};
  apply_settings(program, settings);
  EXPECT_EQ(program.settings, (std::vector<trace::Setting>{{trace::SwitchId::share, 2}}));
}

TEST(Values, TheWorseCodeWins) {
  EXPECT_EQ(worse(kFinding, kNothingFound), kFinding);
  EXPECT_EQ(worse(kFinding, kEnvironment), kEnvironment);
  EXPECT_EQ(worse(kBadTrace, kNondeterminism), kNondeterminism);
  EXPECT_EQ(worse(kInterrupted, kFinding), kInterrupted);
}

// docs/cli.md holds the help of every verb word for word.
TEST(Docs, SayWhatHelpSays) {
  std::ifstream in("docs/cli.md");
  const std::string doc{std::istreambuf_iterator<char>(in), {}};
  ASSERT_FALSE(doc.empty());
  EXPECT_NE(doc.find(help_text()), std::string::npos) << help_text();
  for (const std::string& verb : verb_names())
    EXPECT_NE(doc.find(help_text(verb)), std::string::npos) << help_text(verb);
}

TEST(Docs, HelpFitsEightyColumns) {
  std::string all = help_text();
  for (const std::string& verb : verb_names()) all += help_text(verb);
  for (const std::string& line : split(all, '\n')) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
}  // namespace daxfuzz::cli
