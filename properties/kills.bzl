# SPDX-License-Identifier: GPL-2.0-only
"""For each property a defect that it must find. Written by properties/kill_table."""

KILLS = {
    "002-loser-zeroes-what-the-winner-stored": [
        "Commutation.OfDisjointRangesOfOneFile",
    ],
    "011-busy-scan-does-not-pass-a-pmd": [
        "Progress.Linux71EndsWhateverIsDone",
    ],
    "017b-wake-up-comes-before-the-unlock": [
        "EntryTable.IsAMapToThreadsLegacy",
        "EntryTable.IsAMapToThreadsUpstream",
    ],
    "019b-index-becomes-the-count": [
        "Lifecycle.OfAPageInLegacy",
        "Lifecycle.OfAPageInLegacy60",
        "Lifecycle.OfAPageThatEntriesHold",
    ],
    "027-invalidate-keeps-the-zero-page": [
        "PageTables.MapHolesWhereThereAreSome",
    ],
    "033-read-fault-marks-dirty": [
        "Marks.FollowStores",
        "Marks.StandOnBlocks",
    ],
    "036-dedupe-compares-with-the-first-extent": [
        "Splitting.OfADedupe",
    ],
    "039-truncate-does-not-wait": [
        "Conservation.NoBlockInUseIsGivenAway",
        "Lifetime.ATruncationMayPreemptAPinAnywhere",
        "Lifetime.UpstreamNeverFreesAPinnedBlock",
        "Oracle.FindsNothingLegacy",
    ],
    "056-pte-stays-read-only": [
        "Agreement.OfLegacyWithUpstream",
    ],
    "102-last-put-clears-the-mapping": [
        "Counts.AddUpWhileBlocksAreFreed",
        "Counts.AddUpWhilePagesArePinned",
        "Counts.ComeBackToIdleUnderEveryProtocol",
        "Oracle.FindsNothingUpstream",
        "Oracle.FindsNothingUpstream71",
        "Pages.CountTheirOwners",
        "Progress.UpstreamEndsOnceAllPinsAreDropped",
    ],
    "104-tail-page-finds-the-old-head": [
        "Lifecycle.OfThePagesOfAPmd",
        "Pages.OfAPmdEntryAreOneFolio",
    ],
    "202-downgrade-keeps-nrpages": [
        "Entries.AreCountedByNrpages",
        "EntryTable.IsAMapOfStatesLegacy",
        "EntryTable.IsAMapOfStatesUpstream",
    ],
    "213-waiter-queues-after-the-unlock": [
        "Linearizable.LegacyReadsWritesAndMappings",
    ],
    "214-pte-takes-an-empty-pmd-entry": [
        "Entries.AreAsLargeAsTheySay",
        "Entries.OfHolesCoverHoles",
    ],
    "222-fsync-forces-no-log-of-clean-pages": [
        "Log.HasWhatWasSynced",
        "Persistence.AMapSyncMappingKeepsItsBlocks",
        "Persistence.WhatFsyncPromisedSurvivesACrashAnywhere",
        "Recovery.OfClonesFromACrashAnywhere",
        "Recovery.OfStoresFromACrashAnywhere",
    ],
    "224-store-to-a-known-page-marks-nothing": [
        "PageTables.AreWritableOnlyWhereDirty",
    ],
    "243-unpin-puts-the-tail": [
        "Conservation.CountsComeBackToTheirBase",
        "Counts.AreBasePlusHolders",
    ],
    "254-unpin-wakes-nobody": [
        "Lifetime.LegacyNeverFreesAPinnedBlock",
        "Progress.LegacyEndsOnceAllPinsAreDropped",
        "Progress.LegacyEndsWhateverIsDone",
    ],
    "255-last-owner-loses-the-page": [
        "Lifecycle.OfAPageUpstream",
    ],
    "259-mapcount-stays": [
        "Commutation.OpsOnDisjointFilesDoNotSeeTheSchedule",
        "Counts.OfMappingsAreThoseOfPageTables",
        "Progress.UpstreamEndsWhateverIsDone",
        "Sequential.ProgramsSeeAFileSystem",
        "Sequential.ProtocolsAgree",
    ],
    "advice_zaps_one_page": [
        "Splitting.OfAnAdvice",
    ],
    "allocation_of_pages_keeps_the_size": [
        "Splitting.OfAnAllocation",
    ],
    "allocator_frees_too_early": [
        "Allocator.GivesFreeBlocksAndCountsOwners",
        "Blocks.HaveAsManyOwnersAsForksNameThem",
    ],
    "allocator_gives_up_early": [
        "Conservation.EveryBlockComesBack",
        "Geometry.OfTheDeviceIsNotSeen",
    ],
    "clone_skips_every_second_page": [
        "Splitting.OfAClone",
    ],
    "collapse_of_6_1_is_refused": [
        "Agreement.OfLegacy60WithLegacy",
    ],
    "collapse_takes_a_page_off": [
        "Splitting.OfACollapse",
    ],
    "entry_keeps_its_reference": [
        "Agreement.OfEntryRefWithUpstream",
    ],
    "evicted_file_is_emptied": [
        "Maintenance.IsNotSeen",
    ],
    "fault_beyond_end": [
        "PageTables.MapNothingBeyondTheEnd",
    ],
    "fault_keeps_lock": [
        "Entries.AreUnlockedBetweenCalls",
    ],
    "file_keeps_vma": [
        "Rmap.KnowsEveryMapping",
    ],
    "flush_unmap_keeps_entries": [
        "Blocks.AreNotFreeWhileInUse",
        "Entries.NameTheBlockOfTheirFile",
    ],
    "hole_is_writable": [
        "PageTables.MapTheZeroPageReadOnly",
    ],
    "invalidation_takes_one_entry": [
        "Splitting.OfAnInvalidation",
    ],
    "looks_anonymous": [
        "Pages.NeverLookAnonymous",
        "Pages.OfEntriesKnowTheirFile",
    ],
    "msync_syncs_one_page": [
        "Splitting.OfAnMsync",
    ],
    "munmap_leaves_a_page": [
        "PageTables.MapOnlyWhatAVmaCovers",
    ],
    "pincount_stays": [
        "Counts.OfPinsAreOfLargeFolios",
    ],
    "punch_frees_one_page": [
        "Geometry.OfPmdsIsNotSeen",
        "Splitting.OfAPunch",
    ],
    "read_puts_back_what_it_saw": [
        "Commutation.AReaderChangesNobodysResults",
        "Commutation.AReaderIsNotSeen",
        "Linearizable.ClonesAmongStores",
        "Linearizable.CollapsesAmongStores",
        "Linearizable.ReadsWritesAndMappingsOf71",
        "Linearizable.TruncationsAmongReadsAndMappings",
        "Linearizable.UpstreamReadsWritesAndMappings",
    ],
    "read_stays_on_its_first_page": [
        "Splitting.OfARead",
    ],
    "recovery_keeps_the_size": [
        "Log.IsAPrefixOfWhatWasCommitted",
    ],
    "reset_keeps_a_reference": [
        "Agreement.OfUpstream71WithUpstream",
        "Lifecycle.OfAPageIn71",
    ],
    "shared_block_is_written": [
        "Files.HoldArraysOfBytes",
        "Reflink.SharesExactlyWhatWasCloned",
        "Renaming.OfFilesIsNotSeen",
    ],
    "task_1_makes_a_step_more": [
        "Renaming.OfThreadsIsNotSeen",
    ],
    "truncate_of_b_does_nothing": [
        "Files.AreAsLong",
    ],
    "unpin_takes_1024": [
        "Geometry.OfQueuesAndWalksIsNotSeen",
    ],
    "unshare_copies_one_page": [
        "Splitting.OfAnUnsharing",
    ],
    "v1_association_takes_a_reference": [
        "Agreement.OfThreadsWithTheirOwnFiles",
        "Agreement.OfV1WithUpstream",
    ],
    "v1_keeps_mapping": [
        "Lifecycle.OfAPageInV1",
    ],
    "write_back_takes_one_line": [
        "Medium.HasWhatWasSynced",
        "Medium.KeepsWhatWasWrittenBack",
    ],
    "write_leaves_its_second_page": [
        "Oracle.FindsNothingInAnyWorld",
        "Splitting.OfAWrite",
    ],
    "zap_puts_nothing": [
        "Agreement.OfThreadsUnderZap",
        "Agreement.OfZapWithLegacy60",
        "Lifecycle.OfAPageThatAScanZaps",
    ],
    "zero_zeroes_one_page": [
        "Files.AnswerAsArraysOfBytes",
        "Sequential.FallocateAndUnlinkKeepTheirWord",
        "Splitting.OfAZeroing",
    ],
}
