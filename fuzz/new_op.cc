// SPDX-License-Identifier: GPL-2.0-only
// See new_op.h. The odds below were chosen so that one insertion in eight still
// draws from everything: dead slots and useless ops find bugs of their own.
#include "fuzz/new_op.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace daxfuzz::fuzz {
namespace {

using trace::Op;
using trace::OpCode;

constexpr std::size_t kWildOneIn = 8;
constexpr std::size_t kFailOneIn = 16;

std::string_view letters(OpCode code) { return trace::info(code).operands; }
bool has(OpCode code, char letter) { return letters(code).find(letter) != std::string_view::npos; }

// Ends what the other ops of the program are about, for all threads at once.
bool drastic(OpCode code) {
  return code == OpCode::crash || code == OpCode::memory_failure || code == OpCode::unlink ||
         code == OpCode::reclaim_dmap;
}

// A range of these is now and then a whole PMD: only then is there a PMD entry.
bool likes_pmds(OpCode code) {
  return code == OpCode::mmap || code == OpCode::write || code == OpCode::alloc || code == OpCode::reflink;
}

std::size_t weight(OpCode code, const Live& live) {
  const bool needs_map = has(code, 'm') || has(code, 'M');
  const bool needs_pin = has(code, 'p');
  if ((needs_map && live.maps.empty()) || (needs_pin && live.pins.empty())) return 0;
  if (has(code, 'N')) return live.maps.empty() ? 30 : 8;  // nothing happens without a mapping
  if (letters(code) == "M" || letters(code) == "p") return 6;  // ends what others need
  if (drastic(code)) return 1;
  return needs_map || needs_pin ? 12 : 5;  // most rows are of files
}

OpCode new_code(const Live& live, Random& random) {
  if (random.one_in(kWildOneIn)) return random.number_below<OpCode>(trace::op_count());
  std::size_t sum = 0;
  for (std::size_t i = 0; i < trace::op_count(); ++i) sum += weight(static_cast<OpCode>(i), live);
  std::size_t at = random.below(sum);
  for (std::size_t i = 0;; ++i) {
    const std::size_t w = weight(static_cast<OpCode>(i), live);
    if (at < w) return static_cast<OpCode>(i);
    at -= w;
  }
}

// A slot for a new thing: one that is free, if there is.
std::uint8_t free_slot(const std::vector<std::uint8_t>& used, std::size_t slots, Random& random) {
  const std::size_t start = random.below(slots);
  for (std::size_t i = 0; i < slots; ++i) {
    const auto slot = static_cast<std::uint8_t>(i);
    if (std::find(used.begin(), used.end(), slot) == used.end() && !random.one_in(kWildOneIn)) return slot;
  }
  return static_cast<std::uint8_t>(start);
}

// Where a PMD begins and ends, in a world in which most pages are far from that.
constexpr std::array<std::uint16_t, 6> kNearPmds = {0, 1, 510, 511, 512, 513};

// Low pages meet each other; the rest of a file is drawn now and then.
std::uint16_t draw_page(const trace::Geometry& geometry, bool wild, Random& random) {
  if (wild) return random.number_below<std::uint16_t>(trace::file_pages(geometry));
  if (geometry.pmd_order == trace::kPmdOrderReal) return kNearPmds[random.below(kNearPmds.size())];
  return random.number_below<std::uint16_t>(std::size_t{1} << std::min<std::size_t>(geometry.pmd_order, 2));
}

// One PMD of the file; of two ranges not always the same.
void draw_pmd(Op& op, const trace::Geometry& geometry, bool wild, Random& random) {
  const std::size_t pmd = std::size_t{1} << geometry.pmd_order;
  const std::size_t count = trace::file_pages(geometry) / pmd;
  op.page = static_cast<std::uint16_t>(pmd * (wild ? random.below(count) : 0));
  op.page2 = static_cast<std::uint16_t>(pmd * random.below(count));
  op.len = static_cast<std::uint16_t>(pmd);
}

// The first value, or now and then one of the others.
template <class T>
T mostly_first(std::size_t count, Random& random) {
  return static_cast<T>(random.one_in(4) ? 1 + random.below(count - 1) : 0);
}

void draw(Op& op, char letter, const trace::Geometry& geometry, const Live& live, Random& random) {
  const bool wild = random.one_in(kWildOneIn);
  const auto page = [&] { return draw_page(geometry, wild, random); };
  switch (letter) {
    case 'f': op.page = page(); [[fallthrough]];
    case 'F':
      // A file that is mapped: what is done to it can meet those who use it.
      op.file = wild || live.maps.empty() ? random.number_below<std::uint8_t>(geometry.files)
                                          : live.mapped_by[random.below(live.maps.size())].file;
      break;
    case 'g':
      op.file2 = random.number_below<std::uint8_t>(geometry.files);
      op.page2 = page();
      break;
    case 's': op.len = page(); break;
    case 'l':
      op.len = static_cast<std::uint16_t>(1 + page());
      if (likes_pmds(op.code) && random.one_in(3)) draw_pmd(op, geometry, wild, random);
      break;
    case 'm':
    case 'M':
      op.page = page();
      op.map = random.number_below<std::uint8_t>(trace::kMapsMax);
      if (!wild && !live.maps.empty()) {
        const std::size_t which = random.below(live.maps.size());
        const std::size_t len = std::max<std::size_t>(live.mapped_by[which].len, 1);
        op.map = live.maps[which];
        if (len <= trace::file_pages(trace::kPmdOrderMax) || op.page >= len)
          op.page = random.number_below<std::uint16_t>(len);
      }
      break;
    case 'N': op.map = free_slot(live.maps, trace::kMapsMax, random); break;
    case 'n': op.map2 = free_slot(live.maps, trace::kMapsMax, random); break;
    case 'P': op.pin = free_slot(live.pins, trace::kPinsMax, random); break;
    case 'p':
      op.pin = wild || live.pins.empty() ? random.number_below<std::uint8_t>(trace::kPinsMax)
                                         : live.pins[random.below(live.pins.size())];
      break;
    case 'u': op.mm = random.number_below<std::uint8_t>(geometry.mms); break;
    case 'a': op.access = random.number_below<trace::Access>(2); break;
    case 'k': op.pin_kind = wild ? trace::PinKind::longterm : random.number_below<trace::PinKind>(2); break;
    case 'w': op.pin_walk = random.number_below<trace::PinWalk>(2); break;
    case 'c': op.map_kind = mostly_first<trace::MapKind>(3, random); break;
    case 'o': op.at = mostly_first<std::uint16_t>(std::size_t{1} << geometry.pmd_order, random); break;
    case 'e': op.edge = mostly_first<trace::Edge>(4, random); break;
    case 'E': op.edge = random.one_in(4) ? trace::Edge::early : trace::Edge::whole; break;
    case 'b':
      // Blocks are handed out from the lowest.
      op.block = random.number_below<std::uint16_t>(wild ? geometry.blocks : std::min<std::size_t>(geometry.blocks, 4));
      break;
    case 'h': op.answer = mostly_first<trace::Answer>(2, random); break;
    case 'v':
    case 'V': op.value = static_cast<std::uint8_t>(1 + random.below(255)); break;
    default: break;
  }
}

}  // namespace

Live live_before(const trace::Program& program, std::size_t end) {
  CHECK(end <= program.ops.size());
  Live live;
  auto erase_map = [&](std::uint8_t slot) {
    const auto it = std::find(live.maps.begin(), live.maps.end(), slot);
    if (it == live.maps.end()) return;
    live.mapped_by.erase(live.mapped_by.begin() + (it - live.maps.begin()));
    live.maps.erase(it);
  };
  for (std::size_t i = 0; i < end; ++i) {
    const Op& op = program.ops[i];
    const auto copied = std::find(live.maps.begin(), live.maps.end(), op.map);
    if (has(op.code, 'n') && op.map2 != op.map && copied != live.maps.end()) {
      const Op mapped_by = live.mapped_by[static_cast<std::size_t>(copied - live.maps.begin())];
      erase_map(op.map2);
      live.maps.push_back(op.map2), live.mapped_by.push_back(mapped_by);
    }
    if (has(op.code, 'N') || letters(op.code) == "M") erase_map(op.map);
    if (has(op.code, 'N')) live.maps.push_back(op.map), live.mapped_by.push_back(op);
    if (has(op.code, 'P') || letters(op.code) == "p") std::erase(live.pins, op.pin);
    if (has(op.code, 'P')) live.pins.push_back(op.pin);
  }
  return live;
}

Op new_op(const trace::Program& program, std::size_t at, Random& random) {
  const Live live = live_before(program, at);
  Op op;
  op.code = new_code(live, random);
  // A thread that is there, or the next one: two or three busy threads find more
  // than four that do one thing each.
  const std::size_t threads = program.threads();
  op.thread = random.number_below<std::uint8_t>(
      std::min(threads + (threads < 2 || random.one_in(kWildOneIn)), trace::kThreadsMax));
  for (char letter : letters(op.code)) draw(op, letter, program.geometry, live, random);
  if (random.one_in(kFailOneIn)) op.fail_nth = static_cast<std::uint8_t>(1 + random.below(4));
  return trace::canonical(op, program.geometry);
}

Op retargeted(Op op, const trace::Program& program, std::size_t at, bool one, Random& random) {
  const Live live = live_before(program, at);
  const std::string_view operands = letters(op.code);
  if (operands.empty()) return op;
  const std::size_t chosen = random.below(operands.size());
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (!one || i == chosen) draw(op, operands[i], program.geometry, live, random);
  return trace::canonical(op, program.geometry);
}

}  // namespace daxfuzz::fuzz
