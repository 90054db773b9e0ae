// SPDX-License-Identifier: GPL-2.0-only
// A hunt as a row of the bench, with the mark of when it diverged from the clean model, which is
// another program: both draw the same as long as nothing differs, so the first run that does is of
// the same program and choices. Read next: rows.cc, row.h.
#pragma once

#include <string>

#include "bugs/bug.h"
#include "bugs/hunt.h"
#include "bugs/row.h"

namespace daxfuzz::bugs {

// `clean` is the clean model's program, which is asked if it is not "", with this bug's `patch`.
[[nodiscard]] Row row_of(const Bug& bug, const Hunt& hunt, const std::string& clean,
                         const std::string& patch);

// To stdout, eight bytes each, of every run of the hunt's budget.
void write_digests(const Hunt& hunt);

}  // namespace daxfuzz::bugs
