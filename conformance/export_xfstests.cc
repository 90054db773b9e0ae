// SPDX-License-Identifier: GPL-2.0-only
// An exported program as a test of fstests: what it requires, its scratch file system, and that
// it says nothing when all is well. Helpers' names are those of common/rc and common/reflink
// of 2025-12. See export.h.
#include "conformance/export.h"

namespace daxfuzz::conformance {

std::string source_name(const Export& exported) { return "daxfuzz-" + exported.name; }

// A number for people to replace, and a name, as ./new would make it.
std::string test_name(const Export& exported) { return "900-daxfuzz-" + exported.name; }

std::string golden_of(const Export& exported) {
  return "QA output created by " + test_name(exported) + "\nSilence is golden\n";
}

std::string test_of(const Export& exported, bool has_program) {
  std::string out = "#! /bin/bash\n# SPDX-License-Identifier: GPL-2.0-only\n#\n# FS QA Test " +
                    test_name(exported) + "\n#\n";
  for (const std::string& line : exported.about) out += line.empty() ? "#\n" : "# " + line + "\n";
  // Before the first command: of the whole file.
  out += "#\n# shellcheck disable=SC1091,SC2034,SC2154 # names of ./common\n"
         ". ./common/preamble\n_begin_fstest";
  for (const std::string& group : exported.groups) out += " " + group;
  out +=
      "\n\n. ./common/reflink\n\n"
      "_require_scratch_reflink\n"
      "_require_scratch_dax_mountopt \"dax=always\"\n"
      "_require_xfs_io_command \"cowextsize\"\n";
  std::string program = "$here/src/" + source_name(exported);
  if (has_program) {
    program = "$tmp.program";
    out += "\ncat >\"$tmp.c\" <<'END_OF_PROGRAM'\n" + program_of(exported) +
           "END_OF_PROGRAM\n"
           "cc -O2 -pthread -o \"$tmp.program\" \"$tmp.c\" >>\"$seqres.full\" 2>&1 ||\n"
           "\t_notrun \"this test compiles a program with cc\"\n";
  } else {
    out += "_require_test_program \"" + source_name(exported) + "\"\n";
  }
  out += "\n_scratch_mkfs >>\"$seqres.full\" 2>&1\n"
         "_scratch_mount \"-o dax=always\"\n"
         "# Copies of one block, so that which blocks are copied is the trace's choice.\n"
         "$XFS_IO_PROG -c \"cowextsize 4096\" \"$SCRATCH_MNT\" >>\"$seqres.full\" 2>&1\n\n"
         "# What the kernel warns of is found by ./check, in dmesg.\n"
         "\"" + program + "\" \"$SCRATCH_MNT\" >>\"$seqres.full\" 2>&1 ||\n"
         "\techo \"exit code $?: 1 is an op that never ended, see $seqres.full\"\n\n"
         "echo \"Silence is golden\"\n"
         "status=0\nexit\n";
  return out;
}

}  // namespace daxfuzz::conformance
