# SPDX-License-Identifier: GPL-2.0-only
"""The defects that properties must find, and a test for each of them.

DEFECTS are planted in the model as the kernel is, testdata/NAME.patch. FIXED_DEFECTS and
the bugs of //bugs are put into the model with all fixes in, as its suites are; which
properties must find which is in kills.bzl. The suites are linked with the patch, and
each property is tried alone: it must fail, by itself and with a counterexample, not by
a crash. Plain builds only: a sanitizer would tell nothing more. Read next:
expect_failure.sh, kill_table, README.md."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//bazel:patched_model.bzl", "patched_binary")
load("//bugs:bugs.bzl", "BUGS")
load("//fixes:fixes.bzl", "fixed_objects", "fixed_text")
load("//properties:kills.bzl", "KILLS")

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
        "replays": False,  # which is what it breaks
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
        "replays": False,  # which is what it breaks
    },
    "steps_in_seven_bits": {
        "fails": [
            "Determinism.AScheduleSurvivesBothSpellings",
            "Text.EveryStringOfBytesIsAProgram",
        ],
        "file": "//trace:bytes.cc",
    },
    "store_drops_marks": {
        "fails": [
            "XArray.IsAMapOfRanges",
        ],
        "file": "//model:xarray.cc",
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
    "values_in_seven_bits": {
        "fails": [
            "Text.IsReadOrRefused",
            "Text.ParseUndoesPrint",
        ],
        "file": "//trace:text_print.cc",
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

# Planted in the model with all fixes in: a name and the file that it changes.
FIXED_DEFECTS = {
    "advice_zaps_one_page": "//model:mm_advise.cc",
    "allocation_of_pages_keeps_the_size": "//model:xfs_fallocate.cc",
    "allocator_frees_too_early": "//model:xfs_bmap.cc",
    "allocator_gives_up_early": "//model:xfs_bmap.cc",
    "clone_skips_every_second_page": "//model:xfs_reflink.cc",
    "collapse_of_6_1_is_refused": "//model:xfs_fallocate.cc",
    "collapse_takes_a_page_off": "//model:xfs_fallocate.cc",
    "entry_keeps_its_reference": "//model:dax_association.cc",
    "evicted_file_is_emptied": "//model:xfs_evict.cc",
    "fault_beyond_end": "//model:dax_fault.cc",
    "fault_keeps_lock": "//model:dax_fault.cc",
    "file_keeps_vma": "//model:mm_map.cc",
    "flush_unmap_keeps_entries": "//model:xfs_file.cc",
    "hole_entry_outlives_write": "//model:dax_io.cc",
    "hole_is_writable": "//model:dax_insert.cc",
    "invalidation_takes_one_entry": "//model:truncate.cc",
    "looks_anonymous": "//model:dax_association.cc",
    "msync_syncs_one_page": "//model:mm_advise.cc",
    "munmap_leaves_a_page": "//model:mm_map.cc",
    "pincount_stays": "//model:gup.cc",
    "pmd_has_four_pages": "//model:mm_fault.cc",
    "punch_frees_one_page": "//model:xfs_file.cc",
    "read_puts_back_what_it_saw": "//model:dax_io.cc",
    "read_stays_on_its_first_page": "//model:dax_io.cc",
    "recovery_keeps_the_size": "//model:xfs_log.cc",
    "reset_keeps_a_reference": "//model:dax_association.cc",
    "shared_block_is_written": "//model:xfs_iomap.cc",
    "task_1_makes_a_step_more": "//model:folio.cc",
    "truncate_of_b_does_nothing": "//model:xfs_file.cc",
    "unpin_takes_1024": "//model:gup.cc",
    "unshare_copies_one_page": "//model:dax_unshare.cc",
    "v1_association_takes_a_reference": "//model:dax_association.cc",
    "v1_keeps_mapping": "//model:memremap.cc",
    "write_back_takes_one_line": "//model:pmem.cc",
    "write_leaves_its_second_page": "//model:dax_io.cc",
    "zap_puts_nothing": "//model:dax_zap.cc",
    "zero_zeroes_one_page": "//model:xfs_fallocate.cc",
}

# Properties whose defect in ci/test is not the one that they find soonest: that shows in one thread, or is about
# something else.
MEANT = {
    "Commutation.AReaderIsNotSeen": "read_puts_back_what_it_saw",
    "Commutation.OfDisjointRangesOfOneFile": "002-loser-zeroes-what-the-winner-stored",
    "Linearizable.ClonesAmongStores": "read_puts_back_what_it_saw",
    "Linearizable.CollapsesAmongStores": "read_puts_back_what_it_saw",
    "Linearizable.LegacyReadsWritesAndMappings": "213-waiter-queues-after-the-unlock",
    "Linearizable.ReadsWritesAndMappingsOf71": "read_puts_back_what_it_saw",
    "Linearizable.TruncationsAmongReadsAndMappings": "read_puts_back_what_it_saw",
    "Linearizable.UpstreamReadsWritesAndMappings": "read_puts_back_what_it_saw",
    "Splitting.OfADedupe": "036-dedupe-compares-with-the-first-extent",
    "Splitting.OfAZeroing": "zero_zeroes_one_page",
    "Splitting.OfAnUnsharing": "unshare_copies_one_page",
}

_TAGS = [
    "no-asan",
    "no-tsan",
]

def _kill_test(name, binary, properties, replays = True):
    sh_test(
        name = name,
        size = "medium",
        srcs = ["expect_failure.sh"],
        args = ["$(location %s)" % binary] + ([] if replays else ["--differs"]) + properties,
        data = [binary],
        tags = _TAGS,
    )

def defect_tests(suites):
    """For each row of DEFECTS a program of the suites, NAME_defect, and a test.

    Args:
      suites: the libraries that hold the properties, and a main().
    """
    for name, row in DEFECTS.items():
        patched_binary(
            name = name + "_defect",
            testonly = 1,
            srcs = [row["file"]],
            base = [row["file"].split(":")[0]],
            patch = "testdata/%s.patch" % name,
            tags = ["manual"] + _TAGS,
            deps = suites,
        )
        _kill_test(name + "_kills_test", ":%s_defect" % name, row["fails"], row.get("replays", True))

def kill_tests(suites):
    """For each of FIXED_DEFECTS and of //bugs the same; tests of those in KILLS.

    Args:
      suites: as for defect_tests().
    """
    for name, file in FIXED_DEFECTS.items():
        patched_binary(
            name = name + "_defect",
            testonly = 1,
            srcs = [file],
            base = [file.split(":")[0]],
            patch = "testdata/%s.patch" % name,
            tags = ["manual"] + _TAGS,
            texts = {file: fixed_text(file)} if fixed_text(file) != file else {},
            deps = fixed_objects(but = [file]) + suites,
        )
    for name, files in BUGS.items():
        cc_binary(
            name = name + "_defect",
            testonly = 1,
            tags = ["manual"] + _TAGS,
            deps = ["//bugs:%s_model" % name] + fixed_objects(but = ["//model:" + file for file in files]) + suites,
        )
    for name, properties in KILLS.items():
        _kill_test(name + "_kills_test", ":%s_defect" % name, properties)
