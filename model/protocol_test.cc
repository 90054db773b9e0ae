// SPDX-License-Identifier: GPL-2.0-only
// Every word of protocol.def reaches its field of Protocol and no other, and each
// named protocol is the row that is written out here.
#include "model/protocol.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using trace::SwitchId;

// A protocol as the words of protocol.def, by switch.
using Words = std::map<std::string, std::string>;

std::string yes_no(bool value) { return value ? "yes" : "no"; }

std::string word(BusyTest test) {
  switch (test) {
    case BusyTest::ref_gt_one:
      return "ref_gt_one";
    case BusyTest::ref_nonzero:
      return "ref_nonzero";
    case BusyTest::ref_minus_mapcount:
      return "ref_minus_mapcount";
  }
  return "";
}

std::string word(Share share) {
  switch (share) {
    case Share::magic_0x1:
      return "magic_0x1";
    case Share::none:
      return "none";
    case Share::flag_0x4:
      return "flag_0x4";
    case Share::null_mapping:
      return "null_mapping";
    case Share::flag_0x1:
      return "flag_0x1";
    case Share::index_0x1:
      return "index_0x1";
  }
  return "";
}

std::string word(InsertFailure failure) {
  switch (failure) {
    case InsertFailure::keep_entry:
      return "keep_entry";
    case InsertFailure::put_frees:
      return "put_frees";
    case InsertFailure::delete_entry:
      return "delete_entry";
  }
  return "";
}

std::string word(CowWrite write) {
  switch (write) {
    case CowWrite::keeps:
      return "keeps";
    case CowWrite::drops_clean:
      return "drops_clean";
    case CowWrite::drops:
      return "drops";
  }
  return "";
}

std::string word(EntryPut put) {
  switch (put) {
    case EntryPut::disassociate:
      return "disassociate";
    case EntryPut::zap:
      return "zap";
    case EntryPut::zap_or_disassociate:
      return "zap_or_disassociate";
  }
  return "";
}

std::string word(EvictBreaks breaks) {
  switch (breaks) {
    case EvictBreaks::no:
      return "no";
    case EvictBreaks::file:
      return "file";
    case EvictBreaks::entry:
      return "entry";
  }
  return "";
}

Words words(const Protocol& p) {
  return {
      {"base_count", std::to_string(p.base_count)},
      {"entry_holds_ref", yes_no(p.entry_holds_ref)},
      {"mapping_holds_ref", yes_no(p.mapping_holds_ref)},
      {"busy_test", word(p.busy_test)},
      {"idle_count", std::to_string(p.idle_count)},
      {"wake_transition", p.wake_transition == WakeTransition::to_zero ? "to_zero" : "to_one"},
      {"share", word(p.share)},
      {"free_clears_mapping", yes_no(p.free_clears_mapping)},
      {"insert_failure", word(p.insert_failure)},
      {"zero_page_counted", yes_no(p.zero_page_counted)},
      {"scan_needs_mapped", yes_no(p.scan_needs_mapped)},
      {"scan_wait", p.scan_wait == ScanWait::next_entry ? "next_entry" : "same_entry"},
      {"break_deletes", yes_no(p.break_deletes)},
      {"put_resets_order0", yes_no(p.put_resets_order0)},
      {"read_shares", yes_no(p.read_shares)},
      {"read_dirties", yes_no(p.read_dirties)},
      {"cow_write", word(p.cow_write)},
      {"pmd_folio", yes_no(p.pmd_folio)},
      {"entry_put", word(p.entry_put)},
      {"share_skips_ref", yes_no(p.share_skips_ref)},
      {"zapped_fault", p.zapped_fault == ZappedFault::keeps ? "keeps" : "revives"},
      {"free_wakes_first", yes_no(p.free_wakes_first)},
      {"evict_breaks", word(p.evict_breaks)},
      {"free_needs_ops", yes_no(p.free_needs_ops)},
      {"linux61", yes_no(p.linux61)},
      {"reclaim_pt", yes_no(p.reclaim_pt)},
      {"cow_extsize", std::to_string(p.cow_extsize)},
      {"memory", p.memory == Memory::sc ? "sc" : "tso"},
  };
}

// Linux 6.12, the mail of 2024-09-10, its review, Linux 6.16, 6.1, 7.1: docs/protocols.md.
const std::map<std::string, std::vector<const char*>> kTable = {
    // legacy, v1, entry_ref, upstream, legacy60, upstream71, zap
    {"base_count", {"1", "0", "0", "0", "1", "0", "0"}},
    {"entry_holds_ref", {"no", "no", "yes", "no", "no", "no", "yes"}},
    {"mapping_holds_ref", {"no", "yes", "yes", "yes", "no", "yes", "no"}},
    {"busy_test",
     {"ref_gt_one", "ref_nonzero", "ref_gt_one", "ref_minus_mapcount", "ref_gt_one",
      "ref_minus_mapcount", "ref_nonzero"}},
    {"idle_count", {"1", "0", "1", "0", "1", "0", "0"}},
    {"wake_transition", {"to_one", "to_zero", "to_one", "to_zero", "to_one", "to_zero", "to_zero"}},
    {"share",
     {"magic_0x1", "none", "flag_0x4", "null_mapping", "index_0x1", "null_mapping", "index_0x1"}},
    {"free_clears_mapping", {"no", "yes", "no", "no", "no", "no", "yes"}},
    {"insert_failure",
     {"keep_entry", "put_frees", "delete_entry", "put_frees", "keep_entry", "put_frees",
      "keep_entry"}},
    {"zero_page_counted", {"no", "yes", "no", "no", "no", "no", "no"}},
    {"scan_needs_mapped", {"yes", "yes", "yes", "no", "yes", "no", "no"}},
    {"scan_wait",
     {"next_entry", "next_entry", "next_entry", "same_entry", "next_entry", "same_entry",
      "next_entry"}},
    {"break_deletes", {"no", "no", "no", "yes", "no", "yes", "no"}},
    {"put_resets_order0", {"no", "no", "no", "no", "no", "yes", "no"}},
    {"read_shares", {"yes", "yes", "yes", "yes", "no", "yes", "no"}},
    {"read_dirties", {"no", "no", "no", "no", "yes", "no", "yes"}},
    {"cow_write", {"drops", "drops", "drops", "drops", "keeps", "drops", "keeps"}},
    {"pmd_folio", {"no", "yes", "yes", "yes", "no", "yes", "no"}},
    {"entry_put",
     {"disassociate", "disassociate", "disassociate", "disassociate", "disassociate",
      "disassociate", "zap"}},
    {"share_skips_ref", {"no", "no", "no", "no", "no", "no", "yes"}},
    {"zapped_fault", {"keeps", "keeps", "keeps", "keeps", "keeps", "keeps", "keeps"}},
    {"free_wakes_first", {"no", "no", "no", "no", "no", "no", "yes"}},
    {"evict_breaks", {"no", "no", "no", "file", "no", "file", "entry"}},
    {"free_needs_ops", {"no", "no", "no", "no", "no", "no", "no"}},
    {"linux61", {"no", "no", "no", "no", "yes", "no", "yes"}},
    {"reclaim_pt", {"no", "no", "no", "yes", "no", "yes", "no"}},
    {"cow_extsize", {"1", "1", "1", "1", "1", "1", "1"}},
    {"memory", {"sc", "sc", "sc", "sc", "sc", "sc", "sc"}},
};

TEST(Protocol, NamedOnesAreTheirRows) {
  ASSERT_EQ(trace::protocol_count(), 7u);
  ASSERT_EQ(kTable.size(), trace::switch_count());
  for (std::size_t id = 0; id < trace::protocol_count(); id++) {
    const Words named = words(protocol_value(static_cast<ProtocolId>(id)));
    for (const auto& [name, row] : kTable)
      EXPECT_EQ(named.at(name), row[id])
          << name << " of " << trace::name(static_cast<ProtocolId>(id));
  }
}

TEST(Protocol, EverySettingChangesItsSwitchAlone) {
  std::size_t values = 0;
  for (std::size_t id = 0; id < trace::protocol_count(); id++) {
    const auto protocol = static_cast<ProtocolId>(id);
    for (std::size_t s = 0; s < trace::switch_count(); s++) {
      const auto which = static_cast<SwitchId>(s);
      for (std::uint8_t value = 0; value < trace::value_count(which); value++) {
        Words expected = words(protocol_value(protocol));
        expected[std::string(trace::info(which).name)] = trace::value_name(which, value);
        EXPECT_EQ(words(protocol_value(protocol, {{which, value}})), expected);
        values++;
      }
    }
  }
  EXPECT_EQ(values, 7u * 65u);
}

TEST(Protocol, SettingsAreAppliedInOrder) {
  const Protocol p =
      protocol_value(ProtocolId::legacy,
                     {{SwitchId::idle_count, 0}, {SwitchId::share, 3}, {SwitchId::idle_count, 1}});
  EXPECT_EQ(p.idle_count, 1);
  EXPECT_EQ(p.share, Share::null_mapping);
  EXPECT_EQ(p.base_count, 1);
}

}  // namespace
}  // namespace daxfuzz::kernel
