// SPDX-License-Identifier: GPL-2.0-only
// The keys of the geometry line, their ranges and their defaults. See
// text_geometry.h.
#include "trace/text_geometry.h"

#include <string>

#include "trace/limits.h"

namespace daxfuzz::trace {
namespace {

enum Key : std::size_t { kFiles, kBlocks, kPmdOrder, kMms, kWaits, kBias, kCheckSched };
constexpr std::string_view kNames[] = {"files=", "blocks=", "pmd_order=",  "mms=",
                                       "waits=", "bias=",   "check_sched="};

// A number within low..high, or `real`, which lies beyond.
Lexed<std::uint64_t> or_real(const Word& word, std::string_view key, std::uint64_t low,
                             std::uint64_t high, std::uint64_t real) {
  if (const auto value = number(word, key, low, high)) return value;
  if (const auto value = number(word, key, real, real)) return value;
  std::string range = std::string(key) + std::to_string(low);
  if (low != high) range += ".." + std::to_string(high);
  return expected(range + " or " + std::to_string(real), word);
}

Lexed<std::uint64_t> blocks(const Word& word, std::size_t pmd_order) {
  const std::size_t unit = blocks_unit(pmd_order);
  const auto value = number(word, kNames[kBlocks], unit, blocks_max(pmd_order));
  if (!value || *value % unit == 0) return value;
  return expected("blocks= a multiple of " + std::to_string(unit), word,
                  "see pmd_order= of this line");
}

Lexed<std::uint64_t> value_of(std::size_t key, const Word& word, std::size_t pmd_order) {
  switch (key) {
    case kFiles:
      return number(word, kNames[key], 1, kFilesMax);
    case kBlocks:
      return blocks(word, pmd_order);
    case kPmdOrder:
      return or_real(word, kNames[key], kPmdOrderMin, kPmdOrderMax, kPmdOrderReal);
    case kMms:
      return number(word, kNames[key], 1, kMmsMax);
    case kWaits:
      return number(word, kNames[key], kWaitsMin, kWaitsMax);
    case kBias:
      return or_real(word, kNames[key], kPinBiasSmall, kPinBiasSmall, kPinBiasReal);
    default:
      return or_real(word, kNames[key], kCheckSchedSmall, kCheckSchedSmall, kCheckSchedReal);
  }
}

}  // namespace

Lexed<void> GeometryParser::key(const Word& found) {
  for (std::size_t key = 0; key < kKeys; ++key) {
    if (!found.text.starts_with(kNames[key])) continue;
    if (values_[key].part) return unknown("each key once", found);
    values_[key] = found.from(kNames[key].size());
    return {};
  }
  return unknown("files=N, blocks=N, pmd_order=N, mms=N, waits=N, bias=N or check_sched=N", found);
}

Lexed<Geometry> GeometryParser::finish() const {
  Geometry read;
  const auto take = [&](Key key, auto& field) -> Lexed<void> {
    if (!values_[key].part) return {};
    const auto value = value_of(key, values_[key], read.pmd_order);
    if (!value) return std::unexpected(value.error());
    field = static_cast<std::remove_reference_t<decltype(field)>>(*value);
    return {};
  };
  Lexed<void> taken = take(kPmdOrder, read.pmd_order);  // the others may depend on it
  // A device of the default size has as many units as one of a small world.
  read.blocks = static_cast<std::uint16_t>(read.blocks * blocks_unit(read.pmd_order));
  if (taken) taken = take(kFiles, read.files);
  if (taken) taken = take(kBlocks, read.blocks);
  if (taken) taken = take(kMms, read.mms);
  if (taken) taken = take(kWaits, read.waits);
  if (taken) taken = take(kBias, read.bias);
  if (taken) taken = take(kCheckSched, read.check_sched);
  if (!taken) return std::unexpected(taken.error());
  return read;
}

std::string print(const Geometry& geometry) {
  const auto word = [](Key key, unsigned value) {
    return std::string(kNames[key]) + std::to_string(value);
  };
  std::string text = word(kFiles, geometry.files) + " " + word(kBlocks, geometry.blocks) + " " +
                     word(kPmdOrder, geometry.pmd_order) + " " + word(kMms, geometry.mms);
  if (geometry.waits != Geometry{}.waits) text += " " + word(kWaits, geometry.waits);
  if (geometry.bias != Geometry{}.bias) text += " " + word(kBias, geometry.bias);
  if (geometry.check_sched != Geometry{}.check_sched)
    text += " " + word(kCheckSched, geometry.check_sched);
  return text;
}

}  // namespace daxfuzz::trace
