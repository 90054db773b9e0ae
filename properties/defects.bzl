# SPDX-License-Identifier: GPL-2.0-only
"""The planted defects, and a test for each claim that one of them must break.

testdata/NAME.patch changes one file; the suites are linked with it and the claim
is run alone: it must fail, by itself and with a counterexample, not by a crash.
Plain builds only: a sanitizer would tell nothing more. Read next:
expect_failure.sh, README.md."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//bazel:patched_model.bzl", "patched_binary")

DEFECTS = {
    "any_failure_will_do": {
        "fails": [
            "Minimiser.KeepsTheSignatureOnRealExecutions",
        ],
        "file": "//exec:minimize.cc",
    },
    "collapse_keeps_entries": {
        "fails": [
            "Sequential.FallocateAndUnlinkKeepTheirWord",
        ],
        "file": "//model:xfs_collapse.cc",
    },
    "cow_copies_nothing": {
        "fails": [
            "Sequential.ProgramsSeeAFileSystem",
        ],
        "file": "//model:dax_fault.cc",
    },
    "delete_keeps_nrpages": {
        "fails": [
            "Counts.AddUpWhileBlocksAreFreed",
        ],
        "file": "//model:dax_layout.cc",
    },
    "fail_nth_in_two_bits": {
        "fails": [
            "Failures.OneBeyondTheLastAllocationChangesNothing",
        ],
        "file": "//model:world.cc",
    },
    "free_wakes_nobody": {
        "fails": [
            "Progress.UpstreamEndsOnceAllPinsAreDropped",
        ],
        "file": "//model:memremap.cc",
    },
    "fsync_forces_no_log": {
        "fails": [
            "Persistence.WhatFsyncPromisedSurvivesACrashAnywhere",
        ],
        "file": "//model:xfs_file.cc",
    },
    "gup_fast_without_recheck": {
        "fails": [
            "Lifetime.ATruncationMayPreemptAPinAnywhere",
        ],
        "file": "//model:gup.cc",
    },
    "kept_events_are_noted": {
        "fails": [
            "Determinism.WatchingChangesNothing",
        ],
        "file": "//exec:execute.cc",
    },
    "long_segment_saturates": {
        "fails": [
            "Determinism.AScheduleReplaysStrictly",
        ],
        "file": "//exec:execute.cc",
    },
    "new_block_keeps_bytes": {
        "fails": [
            "Data.AReaderSeesOnlyWhatWasWrittenThere",
        ],
        "file": "//model:xfs_iomap.cc",
    },
    "one_pin_is_not_busy": {
        "fails": [
            "Lifetime.UpstreamNeverFreesAPinnedBlock",
        ],
        "file": "//model:dax_layout.cc",
    },
    "read_allocates": {
        "fails": [
            "Commutation.AReaderChangesNobodysResults",
        ],
        "file": "//model:dax_io.cc",
    },
    "scan_unmaps_nothing": {
        "fails": [
            "Sequential.ProtocolsAgree",
        ],
        "file": "//model:dax_layout.cc",
    },
    "shared_fault_keeps_entry": {
        "fails": [
            "Sequential.ProgramsSeeAFileSystem",
        ],
        "file": "//model:dax_insert.cc",
    },
    "state_outlives_run": {
        "fails": [
            "Determinism.TheSameProgramIsTheSameExecution",
        ],
        "file": "//model:folio.cc",
    },
    "steps_in_seven_bits": {
        "fails": [
            "Determinism.AScheduleSurvivesBothSpellings",
        ],
        "file": "//trace:bytes.cc",
    },
    "sync_fault_does_not_sync": {
        "fails": [
            "Persistence.AMapSyncMappingKeepsItsBlocks",
        ],
        "file": "//model:dax_insert.cc",
    },
    "to_one_wakes_nobody": {
        "fails": [
            "Progress.LegacyEndsOnceAllPinsAreDropped",
        ],
        "file": "//model:memremap.cc",
    },
    "truncate_frees_nothing": {
        "fails": [
            "Sequential.ProgramsSeeAFileSystem",
        ],
        "file": "//model:xfs_file.cc",
    },
    "two_references_are_idle": {
        "fails": [
            "Lifetime.LegacyNeverFreesAPinnedBlock",
        ],
        "file": "//model:dax_layout.cc",
    },
    "unlink_keeps_blocks": {
        "fails": [
            "Sequential.FallocateAndUnlinkKeepTheirWord",
        ],
        "file": "//model:xfs_evict.cc",
    },
    "unlock_wakes_nobody": {
        "fails": [
            "Counts.AddUpWhileBlocksAreFreed",
            "Progress.LegacyEndsOnceAllPinsAreDropped",
        ],
        "file": "//model:dax_entry.cc",
    },
    "unmap_any_file": {
        "fails": [
            "Commutation.OpsOnDisjointFilesDoNotSeeTheSchedule",
        ],
        "file": "//model:mm_zap.cc",
    },
    "unpin_puts_one": {
        "fails": [
            "Counts.AddUpWhilePagesArePinned",
            "Counts.ComeBackToIdleUnderEveryProtocol",
        ],
        "file": "//model:gup.cc",
    },
    "unshare_copies_nothing": {
        "fails": [
            "Sequential.FallocateAndUnlinkKeepTheirWord",
        ],
        "file": "//model:dax_unshare.cc",
    },
    "wake_before_unlock": {
        "fails": [
            "Counts.AddUpWhileBlocksAreFreed",
        ],
        "file": "//model:dax_entry.cc",
    },
    "writeback_flushes_nothing": {
        "fails": [
            "Persistence.WhatFsyncPromisedSurvivesACrashAnywhere",
        ],
        "file": "//model:dax_writeback.cc",
    },
    "zap_puts_twice": {
        "fails": [
            "Counts.AddUpWhileBlocksAreFreed",
            "Counts.AddUpWhilePagesArePinned",
        ],
        "file": "//model:mm_zap.cc",
    },
    "zero_range_keeps_bytes": {
        "fails": [
            "Sequential.FallocateAndUnlinkKeepTheirWord",
        ],
        "file": "//model:xfs_fallocate.cc",
    },
}

def defect_tests(suites):
    """For each row of DEFECTS a binary of the suites, and for each claim a test.

    Args:
      suites: the libraries that hold the claims.
    """
    for name, row in DEFECTS.items():
        patched_binary(
            name = name + "_defect",
            testonly = 1,
            srcs = [row["file"]],
            base = [row["file"].split(":")[0]],
            patch = "testdata/%s.patch" % name,
            tags = [
                "manual",
                "no-asan",
                "no-tsan",
            ],
            deps = suites,
        )
        for claim in row["fails"]:
            sh_test(
                name = "%s_breaks_%s_test" % (name, claim.replace(".", "_")),
                size = "medium",
                srcs = ["expect_failure.sh"],
                args = ["$(location :%s_defect)" % name, claim],
                data = [":%s_defect" % name],
                tags = [
                    "no-asan",
                    "no-tsan",
                ],
            )
