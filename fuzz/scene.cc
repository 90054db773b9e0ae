// SPDX-License-Identifier: GPL-2.0-only
// See scene.h. The table says what a scene is; below it, how a set-up and the ops after it come of a row.
#include "fuzz/scene.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "fuzz/new_op.h"
#include "sched/check.h"

namespace daxfuzz::fuzz {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

// What a set-up has beside content and a mapping of it.
enum Feature : unsigned {
  kUsed = 1u << 0,     // free blocks hold what somebody wrote
  kGap = 1u << 1,      // one page of the content is a hole
  kOwner = 1u << 2,    // blocks are shared: with another file, or within this one
  kPair = 1u << 3,     // a PMD, and a mapping of one of its pages
  kPages = 1u << 4,    // several pages are mapped, not the first one only
  kDirty = 1u << 5,    // by stores
  kPinned = 1u << 6,   // the first page
  kCopies = 1u << 7,   // one mapping is private
  kFamily = 1u << 8,   // a mapping was inherited by another process
  kFresh = 1u << 9,    // no page is mapped yet
  kFeatures = 10,
};

struct Scene {
  std::span<const OpCode> ops;
  unsigned always = 0, often = 0;  // of Feature; the others seldom
  std::size_t threads_least = 1;
  bool queue = false;   // all threads but one do the same, once, of kWaiters
  bool crash = false;   // power fails at the end, mostly
  bool real = false;    // now and then in a world with PMDs of 2 MiB
};

constexpr OpCode kQueueOps[] = {OpCode::fault,        OpCode::fsync,          OpCode::invalidate,
                                OpCode::break_layout, OpCode::memory_failure, OpCode::truncate};
constexpr OpCode kWaiters[] = {OpCode::fault, OpCode::fsync, OpCode::fault, OpCode::fsync, OpCode::memory_failure};
constexpr OpCode kPairOps[] = {OpCode::fault, OpCode::msync, OpCode::fsync, OpCode::fault,
                               OpCode::write, OpCode::punch, OpCode::truncate, OpCode::madvise};
constexpr OpCode kZapOps[] = {OpCode::munmap,  OpCode::truncate, OpCode::punch, OpCode::munmap,
                              OpCode::madvise, OpCode::fork,     OpCode::fault, OpCode::memory_failure};
constexpr OpCode kPinOps[] = {OpCode::dma,          OpCode::truncate, OpCode::punch,          OpCode::unlink,
                              OpCode::munmap,       OpCode::evict,    OpCode::dma,            OpCode::write,
                              OpCode::break_layout, OpCode::unpin,    OpCode::memory_failure, OpCode::dma};
constexpr OpCode kOwnerOps[] = {OpCode::write,   OpCode::fault, OpCode::reflink, OpCode::fault, OpCode::dedupe,
                                OpCode::unshare, OpCode::pin,   OpCode::dma,     OpCode::punch, OpCode::fsync};
constexpr OpCode kPowerOps[] = {OpCode::fsync, OpCode::fault,     OpCode::write,   OpCode::fsync,
                                OpCode::msync, OpCode::writeback, OpCode::reflink, OpCode::truncate};
constexpr OpCode kBytesOps[] = {OpCode::write,   OpCode::write, OpCode::zero,  OpCode::punch, OpCode::truncate,
                                OpCode::reflink, OpCode::read,  OpCode::fault, OpCode::alloc, OpCode::unshare};
constexpr OpCode kHoleOps[] = {OpCode::fault, OpCode::write,      OpCode::fault, OpCode::punch,
                               OpCode::read,  OpCode::invalidate, OpCode::unshare, OpCode::zero};

constexpr Scene kScenes[] = {
    {.ops = kPairOps, .always = kPair, .often = kDirty, .real = true},
    {.ops = kZapOps, .often = kPages | kCopies | kFamily},
    {.ops = kPinOps, .always = kPinned, .often = kOwner},
    {.ops = kOwnerOps, .always = kOwner, .often = kDirty | kPair | kPages | kPinned},
    {.ops = kPowerOps, .often = kDirty | kOwner, .crash = true},
    {.ops = kBytesOps, .often = kUsed | kGap | kOwner},
    {.ops = kHoleOps, .always = kFresh, .often = kGap, .threads_least = 2},
};
// Half of all with threads enough, for only few of them become a queue.
constexpr std::size_t kQueueOneIn = 2;
constexpr Scene kQueue =
    {.ops = kQueueOps, .often = kDirty | kFresh | kPair | kPages, .threads_least = 3, .queue = true};

constexpr std::size_t kSeldomOneIn = 10;
constexpr std::size_t kAnyOneIn = 6;      // op of all
constexpr std::size_t kAstrayOneIn = 6;   // op that is not at the place
constexpr std::size_t kFailOneIn = 16;
constexpr std::size_t kRealPmdOneIn = 8;  // of the scene that may: it is slow
constexpr std::uint16_t kRealPmdBlocks = 2048;
constexpr std::uint16_t kNearPages = 4;   // where ops go

// A scene being built.
class Stage {
 public:
  Stage(Program& program, const Scene& scene, Random& random) : program_(program), scene_(scene), random_(random) {
    for (unsigned i = 0; i < kFeatures; i++)
      if ((scene.always >> i & 1u) != 0 || random.one_in((scene.often >> i & 1u) != 0 ? 2 : kSeldomOneIn))
        features_ |= 1u << i;
  }

  void set_up();
  void act(std::size_t threads);

 private:
  [[nodiscard]] bool has(Feature feature) const { return (features_ & feature) != 0; }
  void append(Op op, std::size_t thread = 0) {
    op.thread = static_cast<std::uint8_t>(thread);
    program_.ops.push_back(trace::canonical(op, program_.geometry));
  }
  std::uint16_t below(std::size_t bound) { return random_.number_below<std::uint16_t>(bound); }

  void place();
  void content();
  void clone();
  void mappings();
  void entries();
  Op act_of(OpCode code);
  Op any_act() {
    return act_of(random_.one_in(kAnyOneIn) ? random_.number_below<OpCode>(trace::op_count())
                                            : kinds_[random_.below(kinds_count_)]);
  }

  static constexpr std::size_t kKindsMax = 4;
  Program& program_;
  const Scene& scene_;
  Random& random_;
  unsigned features_ = 0;
  bool real_ = false;                     // PMD
  std::uint8_t owner_ = 0;                // file a, or another that shares its blocks
  std::uint16_t page_ = 0, len_ = 1;      // of content
  std::uint16_t clone_page_ = 0, clone_len_ = 1;
  std::uint16_t mapped_ = 1;              // pages, from page_ on
  std::uint8_t maps_ = 0;
  OpCode kinds_[kKindsMax] = {};
  std::size_t kinds_count_ = 0;
};

// Low pages, and a whole PMD or less.
void Stage::place() {
  const auto pmd = static_cast<std::uint16_t>(1u << program_.geometry.pmd_order);
  const bool whole = has(kPair) || random_.one_in(2);
  page_ = whole || !random_.one_in(3) ? std::uint16_t{0} : below(pmd);
  len_ = whole ? pmd : static_cast<std::uint16_t>(1 + below(3));
  owner_ = has(kOwner) && !random_.one_in(3) ? static_cast<std::uint8_t>(program_.geometry.files - 1) : 0;
  clone_len_ = random_.one_in(2) ? std::uint16_t{1} : std::min(len_, kNearPages);
  clone_page_ = owner_ != 0 ? page_ : static_cast<std::uint16_t>(page_ + clone_len_);
  mapped_ = len_;
  if (has(kOwner) && owner_ == 0)
    mapped_ = std::max(mapped_, static_cast<std::uint16_t>(clone_page_ + clone_len_ - page_));
}

void Stage::content() {
  if (has(kUsed)) {
    append({.code = OpCode::write, .len = std::max<std::uint16_t>(len_, kNearPages), .value = 0x44});
    append({.code = OpCode::truncate});
  }
  Op op{.code = OpCode::write, .page = page_, .len = len_, .value = 0x11};
  switch (random_.below(scene_.queue ? 3 : 4)) {
    case 0: op.code = OpCode::alloc; break;
    case 1:
      op.code = OpCode::truncate;  // a hole within the size
      op.len = static_cast<std::uint16_t>(page_ + len_);
      break;
    default:
      if (real_) op.code = OpCode::alloc;
      break;
  }
  append(op);
  if (has(kGap))
    append({.code = OpCode::punch, .page = static_cast<std::uint16_t>(page_ + below(std::min(len_, kNearPages))),
            .len = 1});
}

void Stage::clone() {
  append({.code = OpCode::reflink, .page = page_, .file2 = owner_, .page2 = clone_page_, .len = clone_len_});
}

void Stage::mappings() {
  const auto map = [&](Op op) {
    op.code = OpCode::mmap;
    op.map = maps_++;
    op.mm = random_.number_below<std::uint8_t>(program_.geometry.mms);
    append(op);
  };
  map({.page = page_, .len = mapped_});
  if (has(kPair)) map({.page = static_cast<std::uint16_t>(page_ + below(std::min(len_, kNearPages))), .len = 1});
  if (has(kCopies)) map({.page = page_, .len = mapped_, .map_kind = trace::MapKind::private_});
  if (owner_ != 0 && random_.one_in(2)) map({.file = owner_, .page = clone_page_, .len = mapped_});
  else if (random_.one_in(3)) map({.page = page_, .len = 1, .map_kind = random_.number_below<trace::MapKind>(3)});
}

void Stage::entries() {
  if (has(kFresh)) return;
  for (std::uint8_t i = 0; i < maps_; i++) {
    if (i > 0 && random_.one_in(2)) continue;
    const std::size_t pages = has(kPages) ? std::min<std::size_t>(mapped_, kNearPages) : 1;
    for (std::size_t p = 0; p < pages; p++)
      append({.code = OpCode::fault, .page = static_cast<std::uint16_t>(p), .map = i,
              .access = static_cast<trace::Access>(has(kDirty) && !random_.one_in(4) ? 1 : random_.below(2)),
              .value = 0x22});
  }
}

void Stage::set_up() {
  real_ = scene_.real && random_.one_in(kRealPmdOneIn);
  if (real_) {
    program_.geometry.pmd_order = trace::kPmdOrderReal;
    program_.geometry.blocks = kRealPmdBlocks;
  }
  place();
  content();
  const bool late = random_.one_in(2);  // a second owner comes before the entries or after them
  if (has(kOwner) && !late) clone();
  mappings();
  entries();
  if (has(kOwner) && late) {
    clone();
    if (random_.one_in(2)) append(act_of(OpCode::fault));  // the first owner goes on
  }
  if (has(kFamily))
    append({.code = OpCode::fork, .map2 = maps_++, .mm = static_cast<std::uint8_t>(program_.geometry.mms - 1)});
  if (has(kPinned))
    append({.code = OpCode::pin, .access = random_.number_below<trace::Access>(2),
            .pin_walk = random_.number_below<trace::PinWalk>(2)});
  program_.schedule.set_up = static_cast<std::uint8_t>(program_.ops.size());
}

// Operands as new_op.h draws them, but for most of those that say where.
Op Stage::act_of(OpCode code) {
  Op op{.code = code};
  op = retargeted(op, program_, program_.ops.size(), false, random_);
  if (random_.one_in(kFailOneIn)) op.fail_nth = static_cast<std::uint8_t>(1 + random_.below(4));
  if (random_.one_in(kAstrayOneIn)) return op;
  const auto near = [&](std::uint16_t pages) {
    return random_.one_in(2) ? std::uint16_t{0} : below(std::min(pages, kNearPages));
  };
  for (const char letter : trace::info(code).operands) switch (letter) {
      case 'f': op.page = static_cast<std::uint16_t>(page_ + near(mapped_)); [[fallthrough]];
      case 'F': op.file = random_.one_in(3) ? owner_ : std::uint8_t{0}; break;
      case 'g':
        op.file2 = random_.one_in(2) ? owner_ : std::uint8_t{0};
        op.page2 = random_.one_in(2) ? clone_page_ : page_;
        break;
      case 's': op.len = random_.one_in(2) ? page_ : static_cast<std::uint16_t>(page_ + near(len_)); break;
      case 'l': op.len = random_.one_in(2) ? std::uint16_t{1} : random_.one_in(2) ? len_ : op.len; break;
      case 'e':
        if (random_.one_in(3)) op.edge = random_.number_below<trace::Edge>(4);
        break;
      case 'm': op.page = near(mapped_); break;
      case 'b': op.block = random_.one_in(4) ? below(4) : std::uint16_t{0}; break;
      case 'p':
      case 'P': op.pin = 0; break;
      default: break;
    }
  return op;
}

void Stage::act(std::size_t threads) {
  kinds_count_ = 2 + random_.below(kKindsMax - 1);
  for (std::size_t i = 0; i < kinds_count_; i++) kinds_[i] = scene_.ops[random_.below(scene_.ops.size())];
  const Op everybodys = scene_.queue ? act_of(kWaiters[random_.below(std::size(kWaiters))]) : any_act();
  const std::size_t other = random_.below(threads), often = 2 + random_.below(3);
  const bool busy = threads == 1 || random_.one_in(3);
  for (std::size_t t = 0; t < threads; t++) {
    if (scene_.queue) {
      if (random_.one_in(6)) append(any_act(), t);
      append(t != other ? everybodys : act_of(scene_.ops[random_.below(scene_.ops.size())]), t);
      continue;
    }
    for (std::size_t n = 1 + random_.below(t == 0 && busy ? 6 : 3); n > 0; n--)
      append(random_.one_in(often) && threads > 1 ? everybodys : any_act(), t);
  }
  if (scene_.crash && !random_.one_in(4)) append({.code = OpCode::crash});
}

}  // namespace

void scene(Program& program, std::size_t threads, Random& random) {
  CHECK(threads >= 1 && threads <= trace::kThreadsMax);
  const Scene* chosen = &kQueue;
  if (threads < chosen->threads_least || !random.one_in(kQueueOneIn)) {
    do chosen = &kScenes[random.below(std::size(kScenes))];
    while (chosen->threads_least > threads);
  }
  Stage stage(program, *chosen, random);
  stage.set_up();
  stage.act(threads);
}

}  // namespace daxfuzz::fuzz
