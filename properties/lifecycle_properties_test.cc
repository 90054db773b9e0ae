// SPDX-License-Identifier: GPL-2.0-only
// The life of a page under each protocol, beside that protocol's state machine: which entries track it, what mapping,
// index and share say of that, how many references it has. Calls that change them, in any order that locks allow.
#include <algorithm>
#include <array>
#include <set>

#include "model/dax.h"
#include "model/testing.h"
#include "properties/calls.h"

namespace daxfuzz::properties {
namespace {

using kernel::testing::Machine;
using kernel::testing::Recorder;
using trace::ProtocolId;

constexpr std::uint8_t kFiles = 3, kIndices = 2, kMostHeld = 3;
constexpr std::uint64_t kBlock = 4;

enum LifeCall : std::uint8_t { kAssociate, kDisassociate, kMap, kUnmap, kGet, kPut, kPin, kUnpin };
const std::vector<CallKind> kLifeCalls = {
    {"associate", kFiles, kIndices, 2},  // file, index, shared
    {"disassociate", kFiles, kIndices},
    {"map"}, {"unmap"}, {"get"}, {"put"}, {"pin"}, {"unpin"},
};
// Under the series of 2022 a scan may zap an entry, once.
constexpr std::uint8_t kZap = kUnpin + 1;
std::vector<CallKind> zap_calls() {
  std::vector<CallKind> calls = kLifeCalls;
  calls.push_back({"zap", kFiles, kIndices});
  return calls;
}

struct Owner {
  std::uint8_t file = 0, index = 0;
  auto operator<=>(const Owner&) const = default;
};

// What protocols have in common: who holds what.
class Life : public PureModel<Call> {
 public:
  std::set<Owner> owners;
  int mapped = 0, gets = 0, pins = 0;
  std::uint64_t word = 0, index = 0;  // mapping; index, which is share

  bool allows(const Call& call) const override {
    const Owner owner{call.a, call.b};
    switch (call.kind) {
      case kAssociate:
        return !owners.contains(owner) && (call.c != 0 || owners.empty()) && (!idle_to_associate() || count() == 0);
      // The file system waits until nobody else has it; a page that others track may stay in use.
      case kDisassociate: return owners.contains(owner) && (owners.size() > 1 || count() == entries());
      case kMap: return !owners.empty() && mapped < kMostHeld;
      case kUnmap: return mapped > 0;
      // GUP finds pages in page tables only.
      case kGet: return tracked() && gets < kMostHeld;
      case kPin: return tracked() && pins < kMostHeld;
      case kPut: return gets > 0;
      default: return pins > 0;
    }
  }

  void apply(const Call& call) override {
    const Owner owner{call.a, call.b};
    const int before = count();
    switch (call.kind) {
      case kAssociate:
        associate(owner, call.c != 0);
        owners.insert(owner);
        break;
      case kDisassociate:
        owners.erase(owner);
        disassociate();
        break;
      case kMap: mapped++; break;
      case kUnmap: mapped--; break;
      case kGet: gets++; break;
      case kPut: gets--; break;
      case kPin: pins++; break;
      default: pins--; break;
    }
    if (before > 0 && count() == 0) last_put();
  }

  // The count above the base.
  virtual int count() const { return entries() + mappings() + gets + pins * trace::Geometry{}.bias; }
  virtual int entries() const { return 0; }
  virtual int mappings() const { return mapped; }

 protected:
  virtual void associate(const Owner& owner, bool shared) = 0;
  virtual void disassociate() = 0;
  virtual void last_put() {}
  virtual bool idle_to_associate() const { return false; }
  bool tracked() const { return !owners.empty(); }
  void own(const Owner& owner) {
    word = 0x1000u + 8u * owner.file;
    index = owner.index;
  }
  void forget() { word = index = 0; }
};

// mapping says "shared" by a value of its own, share counts.
class ByWord : public Life {
 protected:
  explicit ByWord(std::uint64_t shared_word) : shared_word_(shared_word) {}
  void associate(const Owner& owner, bool shared) override {
    if (!shared) return own(owner);
    if (word != shared_word_) {
      if (word != 0) index = 1;
      word = shared_word_;
    }
    index++;
  }
  void disassociate() override {
    if (word == shared_word_ && --index > 0) return;
    forget();
  }

 private:
  std::uint64_t shared_word_;
};

// 6.2..6.14: neither entries nor mappings hold a reference.
class LegacyLife final : public ByWord {
 public:
  LegacyLife() : ByWord(kernel::PAGE_MAPPING_DAX_SHARED_6_2) {}
  std::unique_ptr<PureModel<Call>> clone() const override { return std::make_unique<LegacyLife>(*this); }
  int mappings() const override { return 0; }
};

// 6.0 and 6.1: the count is looked at before it goes down, so what was shared once stays so, by nobody
// (bugs/019); who has the block next can only share it.
class Legacy60Life : public ByWord {
 public:
  Legacy60Life() : ByWord(kernel::PAGE_MAPPING_DAX_SHARED_6_2) {}
  std::unique_ptr<PureModel<Call>> clone() const override { return std::make_unique<Legacy60Life>(*this); }
  int mappings() const override { return 0; }
  bool allows(const Call& call) const override {
    const bool foreign = call.kind == kAssociate && call.c == 0 && word != 0;
    return Life::allows(call) && !foreign;
  }

 protected:
  void disassociate() override {
    if (word == kernel::PAGE_MAPPING_DAX_SHARED_6_2 && index-- > 0) return;
    forget();
  }
};

// The series of 2022 on top of it: the entry that associates a page holds one until a scan zaps the entry, which comes
// before the entry goes; those that share it hold none, and their zap is not drawn. The last put takes the mapping.
class ZapLife final : public Legacy60Life {
 public:
  std::unique_ptr<PureModel<Call>> clone() const override { return std::make_unique<ZapLife>(*this); }
  bool allows(const Call& call) const override {
    const Owner owner{call.a, call.b};
    if (call.kind == kZap) return holders_.contains(owner);
    if (call.kind == kDisassociate && holders_.contains(owner)) return false;
    return Legacy60Life::allows(call);
  }
  void apply(const Call& call) override {
    if (call.kind != kZap) return Life::apply(call);
    holders_.erase({call.a, call.b});
    if (count() == 0) last_put();
  }
  int entries() const override { return static_cast<int>(holders_.size()); }

 protected:
  void associate(const Owner& owner, bool shared) override {
    Legacy60Life::associate(owner, shared);
    if (!shared) holders_.insert(owner);
  }
  void last_put() override { word = 0; }

 private:
  std::set<Owner> holders_;
};

// The review of 2024-10-24: an entry holds one.
class EntryRefLife final : public ByWord {
 public:
  EntryRefLife() : ByWord(kernel::PAGE_MAPPING_DAX_SHARED_REVIEW) {}
  std::unique_ptr<PureModel<Call>> clone() const override { return std::make_unique<EntryRefLife>(*this); }
  int entries() const override { return static_cast<int>(owners.size()); }
};

// 6.15: a mapping holds one; shared is no mapping and a count.
class UpstreamLife final : public Life {
 public:
  std::unique_ptr<PureModel<Call>> clone() const override { return std::make_unique<UpstreamLife>(*this); }

 protected:
  void associate(const Owner& owner, bool shared) override {
    const bool counted = word == 0 && index != 0;
    if (!shared || (word == 0 && !counted)) return own(owner);  // a block's first owner is not counted
    if (word != 0) index = 1;
    word = 0;
    index++;
  }
  void disassociate() override {
    if (word == 0 && index != 0 && --index > 0) return;
    forget();
  }
};

// The series as posted: owners are not counted, and the last put takes the mapping away.
class V1Life final : public Life {
 public:
  std::unique_ptr<PureModel<Call>> clone() const override { return std::make_unique<V1Life>(*this); }

 protected:
  void associate(const Owner& owner, bool shared) override {
    if (!shared) own(owner);
  }
  void disassociate() override {}
  void last_put() override { word = 0; }
  bool idle_to_associate() const override { return true; }
};

class LifePart final : public Part {
 public:
  explicit LifePart(ProtocolId protocol)
      : machine_(kernel::protocol_value(protocol), trace::Geometry{.files = kFiles, .blocks = 8}) {}

  std::string run(const Call& call, const PureModel<Call>&, const PureModel<Call>& after) override {
    const auto& life = dynamic_cast<const Life&>(after);
    make(call);
    kernel::folio& at = page();
    std::string why = differs("the count", at._refcount.peek(), machine_.world.protocol.base_count + life.count());
    if (why.empty()) why = differs("mapping", at.mapping.peek(), life.word);
    if (why.empty()) why = differs("index or share", at.index.peek(), life.index);
    if (why.empty()) why = differs("mapcount", at._mapcount.peek(), life.mapped);
    if (why.empty() && !machine_.watch.facts.empty()) why = machine_.watch.facts.front();
    return why;
  }

 private:
  kernel::folio& page() { return machine_.page(kBlock); }

  void make(const Call& call) {
    const kernel::entry_t entry = kernel::dax_make_entry(kernel::block_to_pfn(kBlock), 0);
    kernel::address_space& mapping = machine_.file(call.a).i_mapping;
    const bool maps_hold = machine_.world.protocol.mapping_holds_ref;
    const int bias = machine_.world.geometry.bias;
    switch (call.kind) {
      case kAssociate: kernel::dax_associate_entry(entry, mapping, call.b, call.c != 0); break;
      case kDisassociate: kernel::dax_disassociate_entry(entry, mapping, false); break;
      case kZap: {
        kernel::xa_state xas(mapping.i_pages, call.b);
        (void)kernel::dax_zap_pages(xas, entry);
        break;
      }
      case kMap:
        if (maps_hold) kernel::folio_get(&page());
        kernel::folio_add_file_rmap(&page());
        break;
      case kUnmap:
        kernel::folio_remove_rmap(&page(), 1);
        if (maps_hold) kernel::folio_put(&page());
        break;
      case kGet: kernel::folio_get(&page()); break;
      case kPut: kernel::folio_put(&page()); break;
      case kPin: kernel::folio_ref_add(&page(), bias); break;
      default: kernel::folio_put_refs(&page(), bias); break;
    }
  }

  Machine<Recorder> machine_;
};

template <class Model>
void expect_life(Trial& trial, ProtocolId protocol, const std::vector<CallKind>& calls = kLifeCalls) {
  expect_follows(trial,
                 CallSuite{.kinds = calls,
                           .model = [] { return std::make_unique<Model>(); },
                           .part = [protocol] { return std::make_unique<LifePart>(protocol); }},
                 25);
}

PROPERTY(Lifecycle, OfAPageInLegacy,
         "a page goes through the states of Linux 6.2..6.14: one-based, mapping 0x1 where shared",
         "fs/dax.c, Linux 6.12: dax_associate_entry(), dax_disassociate_entry(), dax_page_share_put()") {
  expect_life<LegacyLife>(trial, ProtocolId::legacy);
}
PROPERTY(Lifecycle, OfAPageUpstream,
         "a page goes through the states of Linux 6.15: zero-based, no mapping where shared",
         "fs/dax.c, Linux 6.16: dax_folio_make_shared(), dax_folio_put(), dax_folio_init()") {
  expect_life<UpstreamLife>(trial, ProtocolId::upstream);
}
PROPERTY(Lifecycle, OfAPageThatEntriesHold,
         "under the review's protocol each entry holds a reference and mapping 0x4 is shared",
         "review of 2024-10-24: dax_create_folio(), PAGE_MAPPING_DAX_SHARED as a flag") {
  expect_life<EntryRefLife>(trial, ProtocolId::entry_ref);
}
PROPERTY(Lifecycle, OfAPageInV1, "in the series as posted owners are not counted and the last put takes the mapping",
         "patch 10/12 of 2024-09-10: dax_associate_new_entry(), free_zone_device_folio()") {
  expect_life<V1Life>(trial, ProtocolId::v1);
}

PROPERTY(Lifecycle, OfAPageIn71, "in Linux 7.1 the last entry resets its page, and nothing of a share is left there",
         "59eb73b98ae0: dax_folio_reset_order(); fs/dax.c: dax_folio_put()") {
  expect_life<UpstreamLife>(trial, ProtocolId::upstream71);
}
PROPERTY(Lifecycle, OfAPageInLegacy60, "in Linux 6.0 and 6.1 index counts, and a page that was shared once stays so",
         "fs/dax.c, Linux 6.1: dax_mapping_set_cow(), dax_disassociate_entry()") {
  expect_life<Legacy60Life>(trial, ProtocolId::legacy60);
}
PROPERTY(Lifecycle, OfAPageThatAScanZaps,
         "in the series of 2022 an entry holds a reference until a scan zaps it, and the last put takes the mapping",
         "Fix the DAX-gup mistake, v3 of 2022-10-14: dax_zap_pages(), pgmap_request_folios()") {
  expect_life<ZapLife>(trial, ProtocolId::zap, zap_calls());
}

// --- pages of a PMD -----------------------------------------------------------------------

constexpr std::uint8_t kPmd = 1u << kPmdOrder;
enum PmdCall : std::uint8_t { kJoin, kLeave, kJoinPage, kLeavePage };
const std::vector<CallKind> kPmdCalls = {
    {"associate_pmd", kFiles},
    {"disassociate_pmd", kFiles},
    {"associate_page", kPmd},
    {"disassociate_page", kPmd},
};

class PmdLife final : public Copied<PmdLife> {
 public:
  std::set<std::uint8_t> owners;           // of the PMD
  std::array<bool, kPmd> tracked{};        // single pages of it, by one file
  bool allows(const Call& call) const override {
    const bool single = std::ranges::any_of(tracked, [](bool is) { return is; });
    switch (call.kind) {
      case kJoin: return !single && !owners.contains(call.a);
      case kLeave: return owners.contains(call.a);
      case kJoinPage: return owners.empty() && !tracked[call.a];
      default: return tracked[call.a];
    }
  }
  void apply(const Call& call) override {
    switch (call.kind) {
      case kJoin: owners.insert(call.a); break;
      case kLeave: owners.erase(call.a); break;
      case kJoinPage: tracked[call.a] = true; break;
      default: tracked[call.a] = false; break;
    }
  }
};

class PmdPart final : public Part {
 public:
  PmdPart() : machine_(kernel::protocol_value(ProtocolId::upstream), {.files = kFiles, .blocks = 8}) {}
  std::string run(const Call& call, const PureModel<Call>& before, const PureModel<Call>& after) override {
    const std::uint64_t pfn = kernel::block_to_pfn(kBlock);
    const bool pmd = call.kind == kJoin || call.kind == kLeave;
    const kernel::entry_t entry = kernel::dax_make_entry(pfn + (pmd ? 0 : call.a), pmd ? kernel::DAX_PMD : 0);
    kernel::address_space& mapping = machine_.file(pmd ? call.a : 0).i_mapping;
    if (call.kind == kJoin || call.kind == kJoinPage) {
      const bool shared = pmd && !dynamic_cast<const PmdLife&>(before).owners.empty();
      kernel::dax_associate_entry(entry, mapping, pmd ? 0 : call.a, shared);
    } else {
      kernel::dax_disassociate_entry(entry, mapping, false);
    }
    const auto& life = dynamic_cast<const PmdLife&>(after);
    for (std::uint64_t i = 0; i < kPmd; i++)
      if (std::string why = looked_at(i, life); !why.empty()) return "page " + std::to_string(i) + ": " + why;
    return machine_.watch.facts.empty() ? "" : machine_.watch.facts.front();
  }

 private:
  std::string looked_at(std::uint64_t i, const PmdLife& life) {
    const kernel::folio& page = machine_.page(kBlock + i);
    const bool large = !life.owners.empty();
    const std::uint64_t head = large && i != 0 ? kernel::block_to_pfn(kBlock) : 0;
    const unsigned order = large && i == 0 ? kPmdOrder : 0;
    std::string why = differs("its head", page.compound_head.peek(), head);
    if (why.empty()) why = differs("the order", kernel::folio_order_peek(&page), order);
    if (why.empty()) why = differs("the count", page._refcount.peek(), 0);
    if (!why.empty() || (large && i != 0)) return why;
    if (!large) return differs<std::uint64_t>("whether it has a mapping", page.mapping.peek() != 0, life.tracked[i]);
    // The first owner of a block is not counted until there is a second.
    return life.owners.size() > 1 ? differs<std::uint64_t>("share", page.share().peek(), life.owners.size()) : "";
  }

  Machine<Recorder> machine_;
};

PROPERTY(Lifecycle, OfThePagesOfAPmd,
         "pages of a PMD are one folio while an entry tracks them, and single pages before and after",
         "fs/dax.c, Linux 6.16: dax_folio_init(), dax_folio_put(); mm/page_alloc.c: prep_compound_page()") {
  expect_follows(trial,
                 CallSuite{.kinds = kPmdCalls,
                           .model = [] { return std::make_unique<PmdLife>(); },
                           .part = [] { return std::make_unique<PmdPart>(); }},
                 25);
}

}  // namespace
}  // namespace daxfuzz::properties
