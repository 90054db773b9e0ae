// SPDX-License-Identifier: GPL-2.0-only
// Fewer ops that do the same work in another way; see minimize_moves.h. To leave an op out
// does not get there: the others have to change for it. Nothing here is sure to keep
// the failure. minimize.cc runs each.
#include <algorithm>
#include <optional>

#include "exec/minimize_moves.h"

namespace daxfuzz::exec {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

// A program that is being changed, and the ops of it that are to go.
struct Draft {
  Program program;
  std::vector<bool> drop;
  explicit Draft(const Program& from) : program(from), drop(from.ops.size()) {}

  void add_to(std::vector<Program>& out, const std::vector<OpSteps>& steps) const {
    out.push_back(without_ops(program, steps, drop));
  }
};

// --- Calls in place of a mapping -----------------------------------------------

// The call that does to the file what `op` does through the mapping.
std::optional<Op> as_call(const Op& op, const Op& mmap) {
  Op call = op;
  call.file = mmap.file;
  call.page = static_cast<std::uint16_t>(mmap.page + op.page);
  if (op.code == OpCode::msync) {
    call.code = OpCode::fsync;
  } else if (op.code == OpCode::mkwrite || op.code == OpCode::fault || op.code == OpCode::pin) {
    const bool write = op.code == OpCode::mkwrite || op.access == trace::Access::write;
    call.code = write ? OpCode::write : OpCode::read;
    call.len = 1;
  } else {
    return std::nullopt;
  }
  return call;
}

void calls_in_place_of(std::size_t mmap, const Program& program, const std::vector<OpSteps>& steps,
                       std::vector<Program>& out) {
  Draft draft(program);
  draft.drop[mmap] = true;
  for (Op& op : draft.program.ops)
    if (has(op, 'm') && op.map == program.ops[mmap].map)
      op = as_call(op, program.ops[mmap]).value_or(op);
  draft.add_to(out, steps);
}

// --- One mapping, one file in place of two -------------------------------------

// What the mapping of op `second` covers becomes a part of that of op `first`.
std::optional<Draft> one_mapping(std::size_t first, std::size_t second, const Program& program) {
  const Op& a = program.ops[first];
  const Op& b = program.ops[second];
  if (a.file != b.file || a.mm != b.mm || a.map_kind != b.map_kind || a.map == b.map) return {};
  Draft draft(program);
  draft.drop[second] = true;
  const int begin = std::min(a.page, b.page);
  const int end = std::max(a.page + a.len, b.page + b.len);
  const std::uint8_t from = b.map, to = a.map;
  for (Op& op : draft.program.ops) {
    const bool mapped = has(op, 'm') || has(op, 'M');
    if (!mapped || (op.map != from && op.map != to)) continue;
    if (has(op, 'm')) op.page = static_cast<std::uint16_t>(op.page + (op.map == from ? b.page : a.page) - begin);
    op.map = to;
  }
  draft.program.ops[first].page = static_cast<std::uint16_t>(begin);
  draft.program.ops[first].len = static_cast<std::uint16_t>(end - begin);
  return draft;
}

// The pages of `file` that ops name.
std::uint16_t pages_of(const Program& program, std::uint8_t file) {
  int end = 0;
  for (const Op& op : program.ops) {
    if (has(op, 'f') && op.file == file) end = std::max(end, op.page + op.len);
    if (has(op, 'g') && op.file2 == file) end = std::max(end, op.page2 + op.len);
  }
  return static_cast<std::uint16_t>(end);
}

// File `b` becomes what comes behind the pages of file `a`, so that one mapping may cover both.
Program one_file(std::uint8_t a, std::uint8_t b, const Program& program) {
  Program out = program;
  const std::uint16_t behind = pages_of(program, a);
  const auto move = [&](std::uint16_t number) { return static_cast<std::uint16_t>(number + behind); };
  for (Op& op : out.ops) {
    if ((has(op, 'f') || has(op, 'F')) && op.file == b) {
      op.file = a;
      if (has(op, 'f')) op.page = move(op.page);
      if (has(op, 's')) op.len = move(op.len);
    }
    if (has(op, 'g') && op.file2 == b) {
      op.file2 = a;
      op.page2 = move(op.page2);
    }
  }
  return out;
}

// The mappings of a program, each two of them in one.
void one_mapping_of_two(const Program& program, const std::vector<OpSteps>& steps,
                        std::vector<Program>& out) {
  for (std::size_t i = 0; i < program.ops.size(); ++i)
    for (std::size_t j = i + 1; j < program.ops.size(); ++j) {
      if (program.ops[i].code != OpCode::mmap || program.ops[j].code != OpCode::mmap) continue;
      if (const auto draft = one_mapping(i, j, program)) draft->add_to(out, steps);
    }
}

// --- One op in place of two ------------------------------------------------------

// What does all that `op` does and more, or else makes a file what others need.
std::vector<Op> stronger(const Op& op) {
  std::vector<Op> out;
  const auto add = [&](auto change) {
    out.push_back(op);
    change(out.back());
  };
  switch (op.code) {
    case OpCode::fault:
    case OpCode::pin:
      if (op.access == trace::Access::read) add([](Op& to) { to.access = trace::Access::write; });
      break;
    case OpCode::mkwrite:
      add([](Op& to) { to.code = OpCode::fault, to.access = trace::Access::write; });
      break;
    case OpCode::alloc:
    case OpCode::zero:
    case OpCode::unshare:
      add([](Op& to) { to.code = OpCode::write; });
      break;
    case OpCode::truncate:
      if (op.len > 0) add([](Op& to) { to.code = OpCode::write, to.page = 0, to.edge = trace::Edge::whole; });
      break;
    default: break;
  }
  return out;
}

// `op` over its own range and that of `other`, which does the same beside it.
std::optional<Op> over_both(const Op& op, const Op& other) {
  const bool one_range = has(op, 'f') && has(op, 'l') && !has(op, 'g');
  if (op.code != other.code || op.file != other.file || !one_range || op.code == OpCode::mmap) return {};
  Op both = op;
  both.page = std::min(op.page, other.page);
  both.len = static_cast<std::uint16_t>(std::max(op.page + op.len, other.page + other.len) - both.page);
  return both;
}

void one_op_in_place_of_two(const Program& program, const std::vector<OpSteps>& steps,
                            std::vector<Program>& out) {
  for (std::size_t stays = 0; stays < program.ops.size(); ++stays) {
    const std::vector<Op> stronger_ops = stronger(program.ops[stays]);
    for (std::size_t goes = program.ops.size(); goes-- > 0;) {
      if (goes == stays) continue;
      std::vector<Op> instead = stronger_ops;
      if (const auto both = over_both(program.ops[stays], program.ops[goes])) instead.push_back(*both);
      for (const Op& op : instead) {
        Draft draft(program);
        draft.drop[goes] = true;
        draft.program.ops[stays] = op;
        draft.add_to(out, steps);
      }
    }
  }
}

}  // namespace

std::vector<Program> rewritten(const Program& program, const std::vector<OpSteps>& steps) {
  std::vector<Program> out;
  for (std::size_t i = 0; i < program.ops.size(); ++i)
    if (program.ops[i].code == OpCode::mmap) calls_in_place_of(i, program, steps, out);
  one_mapping_of_two(program, steps, out);
  for (std::uint8_t a = 0; a < program.geometry.files; ++a)
    for (std::uint8_t b = 0; b < program.geometry.files; ++b) {
      if (a == b || pages_of(program, b) == 0) continue;
      one_mapping_of_two(one_file(a, b, program), steps, out);
    }
  one_op_in_place_of_two(program, steps, out);
  return out;
}

}  // namespace daxfuzz::exec
