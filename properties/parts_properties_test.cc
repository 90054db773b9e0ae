// SPDX-License-Identifier: GPL-2.0-only
// Parts of the port by themselves, each called at random beside a small model of it: the block
// allocator, cache lines and the medium, the log. The table of entries is in
// entry_table_properties_test.cc, the life of a page in lifecycle_properties_test.cc.
#include <algorithm>
#include <array>

#include "model/testing.h"
#include "model/xfs_log.h"
#include "properties/calls.h"

namespace daxfuzz::properties {
namespace {

using kernel::testing::Machine;
using kernel::testing::Recorder;
using trace::ProtocolId;

constexpr std::uint8_t kPages = kFilePages;
constexpr std::uint8_t kPmd = 1u << kPmdOrder;

// --- the allocator: a stack of free blocks -------------------------------------------------

constexpr std::uint8_t kBlocks = 12;
enum BlockCall : std::uint8_t { kAllocate, kIncrease, kDecrease };
const std::vector<CallKind> kBlockCalls = {
    {"allocate", 6, 2},  // as many, less one; aligned
    {"increase", kBlocks},
    {"decrease", kBlocks},
};

class Blocks final : public Copied<Blocks> {
 public:
  std::array<int, kBlocks> owners{};
  std::vector<std::uint8_t> free;  // the last goes first
  kernel::Extent given;
  Blocks() {
    for (std::uint8_t block = kBlocks; block-- > 0;) free.push_back(block);
  }
  bool allows(const Call& call) const override { return call.kind == kAllocate || owners[call.a] > 0; }
  void apply(const Call& call) override {
    if (call.kind == kAllocate) return allocate(call.a + 1u, call.b != 0);
    owners[call.a] += call.kind == kIncrease ? 1 : -1;
    if (owners[call.a] == 0) free.push_back(call.a);
  }

 private:
  bool is_free(std::size_t block) const { return block < kBlocks && owners[block] == 0; }
  void allocate(unsigned wanted, bool aligned) {
    given = {};
    for (std::uint8_t at = 0; aligned && wanted >= kPmd && given.count == 0 && at + kPmd <= kBlocks; at += kPmd) {
      bool whole = true;
      for (int i = 0; i < kPmd; i++) whole = whole && is_free(static_cast<std::size_t>(at + i));
      if (whole) given = {.block = at, .count = kPmd};
    }
    if (given.count == 0 && !free.empty()) given = {.block = free.back(), .count = 1};
    while (given.count != 0 && given.count < wanted && is_free(given.block + given.count)) given.count++;
    for (std::uint64_t i = 0; i < given.count; i++) {
      owners[given.block + i] = 1;
      std::erase(free, static_cast<std::uint8_t>(given.block + i));
    }
  }
};

class BlockPart final : public Part {
 public:
  BlockPart() : machine_(kernel::protocol_value(ProtocolId::upstream), trace::Geometry{.blocks = kBlocks}) {}
  std::string run(const Call& call, const PureModel<Call>&, const PureModel<Call>& after) override {
    const auto& model = dynamic_cast<const Blocks&>(after);
    kernel::BlockAllocator& blocks = machine_.world.blocks;
    std::string why;
    switch (call.kind) {
      case kAllocate: {
        const kernel::Extent given = blocks.allocate(call.a + 1u, call.b != 0);
        why = differs("the length of the run", given.count, model.given.count);
        if (why.empty() && given.count != 0) why = differs("its first block", given.block, model.given.block);
        break;
      }
      case kIncrease: blocks.increase(call.a); break;
      default: blocks.decrease(call.a); break;
    }
    for (std::uint8_t block = 0; block < kBlocks && why.empty(); block++) {
      why = differs("owners of block " + std::to_string(block), blocks.owners(block), model.owners[block]);
      if (why.empty() && blocks.shared(block) != (model.owners[block] > 1)) why = "a block is wrongly called shared";
    }
    return why.empty() ? differs("free blocks", blocks.free_count(), std::uint64_t{model.free.size()}) : why;
  }

 private:
  Machine<Recorder> machine_;
};

PROPERTY(Allocator, GivesFreeBlocksAndCountsOwners,
         "a block is given when it is free, counts its owners, and comes back when the last of them goes",
         "fs/xfs/libxfs/xfs_refcount.c: xfs_refcount_adjust(); fs/xfs/libxfs/xfs_alloc.c: xfs_alloc_vextent()") {
  expect_follows(trial,
                 CallSuite{.kinds = kBlockCalls,
                           .model = [] { return std::make_unique<Blocks>(); },
                           .part = [] { return std::make_unique<BlockPart>(); }},
                 25);
}

// --- cache lines and the medium ---------------------------------------------------------------

constexpr std::uint8_t kMediumBlocks = 3;
enum MediumCall : std::uint8_t { kStore, kWriteBack, kPowerFails };
const std::vector<CallKind> kMediumCalls = {
    {"store", kMediumBlocks, 4, 250},  // block, lines, value
    {"write_back", kMediumBlocks, 4},
    {"power_fails"},
};

class Medium final : public Copied<Medium> {
 public:
  using Lines = std::array<std::array<std::uint8_t, kernel::kPageLines>, kMediumBlocks>;
  Lines cached{}, medium{};
  void apply(const Call& call) override {
    for (unsigned line = 0; line < kernel::kPageLines; line++) {
      if (call.kind == kPowerFails || (call.b >> line & 1u) == 0) continue;
      if (call.kind == kStore) cached[call.a][line] = call.c;
      if (call.kind == kWriteBack) medium[call.a][line] = cached[call.a][line];
    }
    if (call.kind == kPowerFails) cached = medium;
  }
};

class MediumPart final : public Part {
 public:
  MediumPart() : machine_(kernel::protocol_value(ProtocolId::upstream), trace::Geometry{.blocks = kMediumBlocks}) {}
  std::string run(const Call& call, const PureModel<Call>&, const PureModel<Call>& after) override {
    kernel::Pmem& pmem = machine_.world.pmem;
    const std::uint64_t pfn = kernel::block_to_pfn(call.a);
    if (call.kind == kStore) pmem.store(pfn, call.c, call.b);
    if (call.kind == kWriteBack) pmem.write_back(pfn, call.b);
    if (call.kind == kPowerFails) pmem.power_fail();
    const auto& model = dynamic_cast<const Medium&>(after);
    for (std::uint64_t block = 0; block < kMediumBlocks; block++)
      for (unsigned line = 0; line < kernel::kPageLines; line++)
        if (std::string why = differs<int>("line " + std::to_string(line) + " of block " + std::to_string(block),
                                           pmem.load(kernel::block_to_pfn(block), line), model.cached[block][line]);
            !why.empty())
          return why;
    return "";
  }

 private:
  Machine<Recorder> machine_;
};

PROPERTY(Medium, KeepsWhatWasWrittenBack, "a power failure takes each line back to what was last written back of it",
         "arch/x86/lib/usercopy_64.c: arch_wb_cache_pmem(); fs/dax.c: dax_flush()") {
  expect_follows(trial,
                 CallSuite{.kinds = kMediumCalls,
                           .model = [] { return std::make_unique<Medium>(); },
                           .part = [] { return std::make_unique<MediumPart>(); }},
                 25);
}

// --- the log: a prefix of what was committed -----------------------------------------------------

constexpr std::uint8_t kLogFiles = 3;
enum LogCall : std::uint8_t { kCommit, kForce, kFlush, kCrash };
const std::vector<CallKind> kLogCalls = {
    {"commit", kLogFiles, kPages},  // file, its new size in pages
    {"force"},
    {"flush", kLogFiles},  // what fsync(2) of the file forces
    {"crash"},
};

class Log final : public Copied<Log> {
 public:
  struct Item {
    std::uint8_t file = 0, size = 0;
  };
  std::vector<Item> items;        // in memory, in the order of their commits
  std::array<std::uint8_t, kLogFiles> disk{}, memory{};
  bool crashed = false;           // nothing happens any more

  bool pinned(std::uint8_t file) const {
    return std::ranges::any_of(items, [file](const Item& item) { return item.file == file; });
  }
  void apply(const Call& call) override {
    if (crashed) return;
    switch (call.kind) {
      case kCommit:
        memory[call.a] = call.b;
        items.push_back({.file = call.a, .size = call.b});
        break;
      case kForce: write(items.size()); break;
      case kFlush:
        if (pinned(call.a)) write(items.size());
        break;
      default:
        crashed = true;
        items.clear();
        memory = disk;
        break;
    }
  }

 private:
  void write(std::size_t count) {
    for (std::size_t i = 0; i < count; i++) disk[items[i].file] = items[i].size;
    items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count));
  }
};

class LogPart final : public Part {
 public:
  LogPart() : machine_(kernel::protocol_value(ProtocolId::upstream), trace::Geometry{.blocks = 4}) {}
  std::string run(const Call& call, const PureModel<Call>& before, const PureModel<Call>& after) override {
    const auto& model = dynamic_cast<const Log&>(after);
    if (dynamic_cast<const Log&>(before).crashed) return "";
    kernel::inode& file = machine_.file(call.a);
    switch (call.kind) {
      case kCommit:
        file.i_lock.down_write();
        file.i_disk_size = kernel::pos_of(call.b);
        file.i_size.init(file.i_disk_size);
        kernel::xfs_trans_commit(file);
        file.i_lock.up_write();
        break;
      case kForce: kernel::xfs_log_force(); break;
      case kFlush:
        if (kernel::xfs_ipincount(file)) kernel::xfs_fsync_flush_log(file);
        break;
      default: kernel::power_failure(); break;
    }
    std::string why;
    for (std::uint8_t f = 0; f < kLogFiles && why.empty(); f++) {
      const std::string of = " of file " + std::to_string(f);
      const kernel::inode& at = machine_.file(f);
      why = differs("size on the medium" + of, machine_.world.log.on_disk(f).di_size, kernel::pos_of(model.disk[f]));
      if (why.empty()) why = differs("size in memory" + of, at.i_size.peek(), kernel::pos_of(model.memory[f]));
      if (why.empty() && !model.crashed && kernel::xfs_ipincount(at) != model.pinned(f))
        why = "pin count" + of + " is wrong";
    }
    return why;
  }

 private:
  Machine<Recorder> machine_;
};

PROPERTY(Log, IsAPrefixOfWhatWasCommitted,
         "after a crash the files are what the first so many transactions made of them",
         "fs/xfs/xfs_log.c: xfs_log_force_seq(); fs/xfs/xfs_log_cil.c: xlog_cil_commit()") {
  expect_follows(trial,
                 CallSuite{.kinds = kLogCalls,
                           .model = [] { return std::make_unique<Log>(); },
                           .part = [] { return std::make_unique<LogPart>(); }},
                 25);
}

}  // namespace
}  // namespace daxfuzz::properties
