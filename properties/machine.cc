// SPDX-License-Identifier: GPL-2.0-only
// Which calls are drawn for machine.h, and which may not follow which.
#include "properties/machine.h"

namespace daxfuzz::properties {

using trace::Op;
using trace::OpCode;
using trace::ProtocolId;

namespace {

// Who waits for a pin on one thread waits for ever, so while pins are there nothing runs that
// breaks layouts or copies.
class Pinning final : public PureModel<Op> {
 public:
  std::unique_ptr<PureModel<Op>> clone() const override { return std::make_unique<Pinning>(*this); }
  bool allows(const Op& op) const override {
    if (held_ == 0) return true;
    switch (op.code) {
      case OpCode::mmap:
      case OpCode::munmap:
      case OpCode::read:
      case OpCode::unpin:
      case OpCode::dma:
      case OpCode::madvise:
      case OpCode::fsync:
      case OpCode::msync:
      case OpCode::writeback:
      case OpCode::drop_caches:
      case OpCode::invalidate:
        return true;
      case OpCode::fault:
      case OpCode::pin:
        return op.access == trace::Access::read;
      default:
        return false;
    }
  }
  void apply(const Op& op) override {
    if (op.code == OpCode::pin) held_ |= 1u << op.pin;
    if (op.code == OpCode::unpin) held_ &= ~(1u << op.pin);
  }

 private:
  std::uint32_t held_ = 0;
};

}  // namespace

const Kinds kSystemCalls =
    kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::read, OpCode::write, OpCode::pin,
           OpCode::unpin, OpCode::dma, OpCode::reflink, OpCode::truncate, OpCode::punch, OpCode::invalidate,
           OpCode::break_layout, OpCode::fsync, OpCode::madvise, OpCode::fork, OpCode::msync, OpCode::writeback,
           OpCode::alloc, OpCode::zero, OpCode::collapse, OpCode::unshare, OpCode::dedupe, OpCode::evict,
           OpCode::unlink, OpCode::drop_caches});

const std::vector<ProtocolId> kFixed = {ProtocolId::legacy, ProtocolId::upstream, ProtocolId::upstream71};

void expect_always(Trial& trial, const MachineCheck& check, Kinds allowed) {
  expect_follows(trial,
                 {.shape = {.protocols = kFixed,
                            .allowed = allowed,
                            .threads_max = 1,
                            .files_max = 2,
                            .blocks_min = 12,
                            .blocks_max = 32,
                            .edges = true,
                            .private_maps = true,
                            .large = true},
                  .model = [](const trace::Program&) { return std::make_unique<Pinning>(); },
                  .check = check},
                 15);
}

std::string name(const Tracked& one) {
  return std::string(1, static_cast<char>('a' + one.file)) + "+" + number(one.index);
}

bool has_data(const kernel::World& world, std::uint8_t file, std::uint64_t index) {
  const kernel::xfs_bmbt_irec& has = world.inodes[file].data_fork[index];
  return !has.hole() && !has.unwritten;
}

std::string differs(const std::string& of, std::int64_t found, std::int64_t expected) {
  return found == expected ? "" : of + " is " + std::to_string(found) + ", expected " + std::to_string(expected);
}

}  // namespace daxfuzz::properties
