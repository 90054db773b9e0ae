// SPDX-License-Identifier: GPL-2.0-only
// Scaling, and the order of an execution. See sequence.h.
#include "conformance/sequence.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "conformance/script.h"
#include "exec/execute.h"
#include "sched/check.h"
#include "trace/limits.h"

namespace daxfuzz::conformance {
namespace {

using trace::Op;

// Ops on real PMDs: what exec gives a program, and for each page of a few files a step.
constexpr std::uint64_t kStepsMax = 200000;
constexpr std::uint32_t kRealPages = 1u << trace::kPmdOrderReal;

class Scaler {
 public:
  explicit Scaler(unsigned order) : pages_(1u << order) {}

  std::expected<Op, std::string> op(Op op) {
    const std::string_view letters = trace::info(op.code).operands;
    const bool on_map = letters.contains('m');
    const std::uint32_t base = on_map ? starts_[op.map] : 0;
    const std::uint32_t from = base + op.page, to = from + op.len;
    if (letters.contains('N')) starts_[op.map] = op.page;
    if (letters.contains('n')) starts_[op.map2] = starts_[op.map];
    const std::string name(trace::info(op.code).name);
    if (letters.contains('s')) op.len = static_cast<std::uint16_t>(bound(op.len));
    if (letters.contains('l')) op.len = static_cast<std::uint16_t>(bound(to) - bound(from));
    op.page = static_cast<std::uint16_t>(bound(from) - bound(base));
    if (letters.contains('g')) {
      // Where one of the two ranges ends with a PMD and the other within one, the pages that both
      // have: a clone of the last page of a PMD of two is one of page 1 of 512.
      const std::uint32_t end2 = bound(op.page2 + (to - from));
      op.page2 = static_cast<std::uint16_t>(bound(op.page2));
      op.len = std::min(op.len, static_cast<std::uint16_t>(end2 - op.page2));
    }
    if (bound(to) > trace::file_pages(trace::kPmdOrderReal))
      return std::unexpected(name + ": its file is too long at x86-64's PMDs");
    return op;
  }

 private:
  [[nodiscard]] std::uint32_t bound(std::uint32_t page) const {
    return page / pages_ * kRealPages + page % pages_;
  }
  std::uint32_t pages_;
  std::array<std::uint32_t, trace::kMapsMax> starts_{};  // file page of each mapping
};

}  // namespace

std::expected<trace::Program, std::string> scaled(const trace::Program& program) {
  if (program.geometry.pmd_order == trace::kPmdOrderReal) return program;
  Scaler scaler(program.geometry.pmd_order);
  trace::Program out = program;
  out.geometry.pmd_order = trace::kPmdOrderReal;
  out.geometry.blocks = static_cast<std::uint16_t>(trace::blocks_max(trace::kPmdOrderReal));
  for (Op& op : out.ops) {
    auto scaled_op = scaler.op(op);
    if (!scaled_op.has_value()) return std::unexpected(scaled_op.error());
    op = *scaled_op;
  }
  const bool fits = trace::valid(out);
  out.geometry.blocks = kBlocks;
  if (!fits) return std::unexpected("an operand is out of range at x86-64's PMDs");
  return out;
}

std::vector<Op> forced_order(const trace::Program& program, const std::vector<Op>& as) {
  CHECK(as.size() == program.ops.size());
  const exec::Execution run = exec::execute(program, {.keep_events = true, .checkers = 0});
  std::vector<Op> ops;
  std::vector<bool> began(as.size());
  for (const sched::Event& event : run.events) {
    if (event.kind != sched::EventKind::op_begin) continue;
    began[static_cast<std::size_t>(event.a)] = true;
    ops.push_back(as[static_cast<std::size_t>(event.a)]);
  }
  for (std::size_t i = 0; i < as.size(); i++)
    if (!began[i]) ops.push_back(as[i]);
  return ops;
}

std::expected<Sequence, std::string> sequence_of(const trace::Program& program) {
  for (const Op& op : program.ops)
    if (const auto why = refusal(op); why.has_value()) return std::unexpected(*why);
  const auto big = scaled(program);
  if (!big) return std::unexpected(big.error());
  return Sequence{.scene = {.protocol = program.protocol,
                            .settings = program.settings,
                            .geometry = big->geometry,
                            .threads = big->threads(),
                            .steps_max = kStepsMax},
                  .ops = forced_order(program, big->ops)};
}

Next in_order(std::vector<Op> ops) {
  return [left = std::make_shared<std::vector<Op>>(std::move(ops))](
             const kernel::World&, Busy busy) -> std::optional<Op> {
    const auto at =
        std::ranges::find_if(*left, [busy](const Op& op) { return (busy.threads >> op.thread & 1u) == 0; });
    if (at == left->end()) return std::nullopt;
    const Op op = *at;
    left->erase(at);
    return op;
  };
}

}  // namespace daxfuzz::conformance
