// SPDX-License-Identifier: GPL-2.0-only
// Files of one thread beside models that know nothing of pages: arrays of bytes (file_model.h), which
// pages share a block, which pages a store has made dirty. Ranges may cut pages, files are
// large enough for PMDs, all fixes are in.
#include <algorithm>
#include <array>
#include <map>

#include "properties/file_model.h"
#include "properties/machine.h"

namespace daxfuzz::properties {
namespace {

using kernel::World;
using trace::Op;
using trace::OpCode;
using trace::Program;

constexpr Kinds kFileOps = kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::read, OpCode::write,
                                  OpCode::reflink, OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fsync,
                                  OpCode::alloc, OpCode::zero, OpCode::unshare, OpCode::collapse, OpCode::evict,
                                  OpCode::unlink, OpCode::writeback});

// --- arrays of bytes ---------------------------------------------------------------------

class Files final : public PureModel<Op> {
 public:
  FileModel model;
  std::int64_t result = 0;  // of the last op
  std::unique_ptr<PureModel<Op>> clone() const override { return std::make_unique<Files>(*this); }
  void apply(const Op& op) override { result = model.run(op); }
};
const Files& files(const PureModel<Op>& model) { return dynamic_cast<const Files&>(model); }

// Blocks for every page of three files: never out of space.
void expect_files(Trial& trial, const MachineCheck& check) {
  expect_follows(trial,
                 {.shape = {.protocols = kFixed,
                            .allowed = kFileOps,
                            .threads_max = 1,
                            .files_max = 2,
                            .blocks_min = 32,
                            .blocks_max = 32,
                            .edges = true,
                            .large = true},
                  .model = [](const Program&) { return std::make_unique<Files>(); },
                  .check = check},
                 25);
}

PROPERTY(Files, AnswerAsArraysOfBytes, "what each call returns is what it would return of an array of bytes",
         "read(2), write(2), mmap(2), fallocate(2), ioctl_ficlonerange(2), truncate(2)") {
  expect_files(trial, [](const World&, const OpDone& done) {
    return differs("the result", done.result, files(done.after).result);
  });
}

PROPERTY(Files, HoldArraysOfBytes, "each byte of a file, by its blocks, is what was last put there",
         "fs/dax.c: dax_iomap_iter(), dax_iomap_copy_around(), dax_zero_iter()") {
  expect_files(trial, [](const World& world, const OpDone& done) -> std::string {
    for (const kernel::inode& file : world.inodes) {
      const FileModel::File& expected = files(done.after).model.file(file.i_ino);
      for (std::uint64_t pos = 0; pos < expected.size; pos++) {
        const kernel::xfs_bmbt_irec& at = file.data_fork[kernel::page_of(pos)];
        const auto line = static_cast<unsigned>(pos % kernel::PAGE_SIZE);
        const int found = at.hole() || at.unwritten ? 0 : world.pmem.load(kernel::block_to_pfn(at.block), line);
        if (found != expected.bytes[pos])
          return differs("byte " + number(pos) + " of file " + number(file.i_ino), found, expected.bytes[pos]);
      }
    }
    return "";
  });
}

PROPERTY(Files, AreAsLong, "a file's size is what truncate(2), write(2), fallocate(2) and clones have made it",
         "fs/xfs/xfs_iops.c: xfs_setattr_size(); fs/xfs/xfs_file.c: xfs_falloc_setsize()") {
  expect_files(trial, [](const World& world, const OpDone& done) {
    return first(world.inodes, [&](const kernel::inode& file) {
      return differs("the size of file " + number(file.i_ino), static_cast<std::int64_t>(file.i_size.peek()),
                     static_cast<std::int64_t>(files(done.after).model.file(file.i_ino).size));
    });
  });
}

// --- which pages share a block -----------------------------------------------------------------

// A number for each block that there must be: pages with one number share it, 0 is a hole.
class Sharing final : public PureModel<Op> {
 public:
  using Blocks = std::array<std::array<int, FileModel::kPages>, trace::kFilesMax>;
  Blocks blocks{};

  std::unique_ptr<PureModel<Op>> clone() const override { return std::make_unique<Sharing>(*this); }
  void apply(const Op& op) override {
    const std::int64_t result = model_.run(op);
    if (op.code == OpCode::mmap && result == 0) maps_[op.map] = {op.file, op.page};
    if (result < 0) return;
    const int begin = op.page, end = op.page + op.len;
    switch (op.code) {
      case OpCode::write:
        for (int page = begin; page < end; page++) store(op.file, page);
        break;
      case OpCode::fault:
        if (op.access == trace::Access::write) store(maps_[op.map].file, maps_[op.map].page + op.page);
        break;
      case OpCode::truncate: clear(op.file, op.len, kPages); break;
      case OpCode::punch: clear(op.file, begin, end); break;
      case OpCode::unlink: clear(op.file, 0, kPages); break;
      case OpCode::zero:
        clear(op.file, begin, end);
        [[fallthrough]];
      case OpCode::alloc: fill(op.file, begin, end); break;
      case OpCode::reflink: clone_range(op); break;
      case OpCode::collapse:
        for (int page = begin; page < kPages; page++) {
          const int from = page + op.len;
          at(op.file, page) = from < kPages ? at(op.file, from) : 0;
        }
        break;
      default: break;
    }
  }

 private:
  struct Map {
    std::uint8_t file = 0;
    std::uint16_t page = 0;
  };
  static constexpr int kPages = FileModel::kPages;
  int& at(std::uint8_t file, int page) { return blocks[file][static_cast<std::size_t>(page)]; }
  // Unwritten blocks have negative numbers.
  int fresh(bool written) { return written ? ++last_ : -++last_; }
  void store(std::uint8_t file, int page) {
    int& block = at(file, page);
    int users = 0;
    for (const auto& pages : blocks) users += static_cast<int>(std::ranges::count(pages, block));
    block = block == 0 || users > 1 ? fresh(true) : std::abs(block);
  }
  void clear(std::uint8_t file, int begin, int end) {
    for (int page = begin; page < end; page++) at(file, page) = 0;
  }
  void fill(std::uint8_t file, int begin, int end) {
    for (int page = begin; page < end; page++)
      if (at(file, page) == 0) at(file, page) = fresh(false);
  }
  // What is unwritten is cloned as a hole, but over what is unwritten too.
  void clone_range(const Op& op) {
    for (int i = 0; i < op.len; i++) {
      const int from = at(op.file, op.page + i);
      int& to = at(op.file2, op.page2 + i);
      if (from >= 0 || to >= 0) to = std::max(from, 0);
    }
  }

  FileModel model_;
  std::array<Map, trace::kMapsMax> maps_{};
  int last_ = 0;
};

// Without unshare, which puts written zeros into the holes of a file that was ever cloned.
PROPERTY(Reflink, SharesExactlyWhatWasCloned,
         "two pages have one block if one is a clone of the other and neither was stored to since",
         "fs/xfs/xfs_reflink.c: xfs_reflink_remap_extent(), xfs_reflink_end_cow(); ioctl_ficlonerange(2)") {
  expect_follows(trial,
                 {.shape = {.protocols = kFixed,
                            .allowed = kFileOps & ~kinds({OpCode::unshare}),
                            .threads_max = 1,
                            .files_max = 3,
                            .blocks_min = 32,
                            .blocks_max = 32},
                  .model = [](const Program&) { return std::make_unique<Sharing>(); },
                  .check = [](const World& world, const OpDone& done) -> std::string {
                    const Sharing::Blocks& expected = dynamic_cast<const Sharing&>(done.after).blocks;
                    std::map<int, std::uint64_t> block_of;
                    std::map<std::uint64_t, int> number_of;
                    for (const kernel::inode& file : world.inodes)
                      for (std::size_t page = 0; page < FileModel::kPages; page++) {
                        const kernel::xfs_bmbt_irec& at = file.data_fork[page];
                        const int is = expected[file.i_ino][page];
                        const std::string where = "page " + number(page) + " of file " + number(file.i_ino);
                        if (at.hole() != (is == 0)) return where + (at.hole() ? " is a hole" : " has a block");
                        if (is == 0) continue;
                        if (at.unwritten != (is < 0)) return where + (at.unwritten ? " is unwritten" : " is written");
                        if (block_of.try_emplace(is, at.block).first->second != at.block)
                          return where + " shares no block";
                        if (number_of.try_emplace(at.block, is).first->second != is) return where + " shares a block";
                      }
                    return "";
                  }},
                 50);
}

// --- which pages are dirty ------------------------------------------------------------------------

class Dirty final : public PureModel<Op> {
 public:
  std::array<std::array<bool, FileModel::kPages>, trace::kFilesMax> dirty{};
  std::unique_ptr<PureModel<Op>> clone() const override { return std::make_unique<Dirty>(*this); }
  void apply(const Op& op) override {
    const std::int64_t result = model_.run(op);
    if (op.code == OpCode::mmap && result == 0) first_[op.map] = {op.file, op.page};
    if (op.code == OpCode::fault && op.access == trace::Access::write && result == 0)
      dirty[first_[op.map].first][first_[op.map].second + op.page] = true;
    if (op.code == OpCode::fsync || op.code == OpCode::writeback) dirty[op.file] = {};
  }

 private:
  FileModel model_;
  std::array<std::pair<std::uint8_t, std::uint16_t>, trace::kMapsMax> first_{};
};

// Of single pages: in a PMD a store makes all of it dirty.
PROPERTY(Marks, FollowStores,
         "an entry is DIRTY if a store through a mapping came after the last writeback, and only then",
         "fs/dax.c: dax_insert_entry(), dax_writeback_one(); Linux 6.2: loads make nothing dirty") {
  expect_follows(trial,
                 {.shape = {.protocols = kFixed,
                            .allowed = kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::read, OpCode::write,
                                              OpCode::fsync, OpCode::writeback}),
                            .threads_max = 1,
                            .files_max = 2,
                            .blocks_min = 32,
                            .blocks_max = 32},
                  .model = [](const Program&) { return std::make_unique<Dirty>(); },
                  .check = [](const World& world, const OpDone& done) -> std::string {
                    const Survey survey(world);
                    const auto& expected = dynamic_cast<const Dirty&>(done.after).dirty;
                    for (std::uint8_t file = 0; file < expected.size(); file++)
                      for (std::size_t page = 0; page < FileModel::kPages; page++) {
                        const Tracked* one = survey.at(file, page);
                        const bool is = one != nullptr && (one->marks & kernel::PAGECACHE_TAG_DIRTY) != 0;
                        if (is != expected[file][page])
                          return "page " + number(page) + " of file " + number(file) + (is ? " is dirty" : " is clean");
                      }
                    return "";
                  }},
                 25);
}

}  // namespace
}  // namespace daxfuzz::properties
