// SPDX-License-Identifier: GPL-2.0-only
// One op of the text form, private to trace/: the words after "T0:". The operand
// letters are those of op.def. Read next: text_op.cc.
#pragma once

#include "trace/program.h"
#include "trace/text_lex.h"

namespace daxfuzz::trace {

// The op is canonical; its thread is 0.
[[nodiscard]] Lexed<Op> parse_op(Words& words, const Geometry& geometry);

[[nodiscard]] bool is_op_name(std::string_view word);

}  // namespace daxfuzz::trace
