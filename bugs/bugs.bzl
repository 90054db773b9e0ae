# SPDX-License-Identifier: GPL-2.0-only
"""The bugs, and the files of the model that each one's patch touches.

BUGS is the one list: a bug is added by a row here, a patch beside it and a
trace in corpus/litmus/bugs. Each becomes a program, //bugs:NAME, and a test of
what its header promises, //bugs:NAME_test. All fixes are in, so that whatever the
program finds is the bug and no finding of corpus/findings. Read next: README.md,
bazel/patched_model.bzl, bug_main.cc."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//bazel:fuzz.bzl", "engine_binary")
load("//bazel:patched_model.bzl", "patched_binary")
load("//fixes:fixes.bzl", "fixed_objects", "fixed_text")
load("//properties:threads.bzl", "ONE_STEP", "patched_threads_model", "threads_model")

# patch name: files of the model
BUGS = {
    "001-fault-maps-without-the-lock": ["dax_fault.cc"],
    "002-loser-zeroes-what-the-winner-stored": ["dax_fault.cc"],
    "003-i-mmap-lock-before-the-file-systems": ["xfs_fault.cc"],
    "005-zero-pages-stay-mapped": ["dax_insert.cc"],
    "006-pmd-waiters-wait-by-page": ["wait.cc"],
    "007-fault-asks-before-it-locks": ["dax_fault.cc"],
    "009-insertion-does-not-look-again": ["dax_entry.cc"],
    "010-pmd-of-another-colour": ["dax_fault.cc"],
    "011-busy-scan-does-not-pass-a-pmd": ["dax_layout.cc"],
    "016-memory-failure-waits-exclusively": ["dax_lock.cc"],
    "017b-wake-up-comes-before-the-unlock": ["dax_entry.cc"],
    "018-pmd-fault-looks-at-its-first-page": ["dax_entry.cc"],
    "019-last-owner-counts-on": ["dax_association.cc"],
    "019b-index-becomes-the-count": ["dax_association.cc"],
    "021-pmd-fault-waits-for-a-pte-entry": ["dax_entry.cc"],
    "024-only-the-next-waiter-is-woken": ["dax_layout.cc"],
    "025-invalidate-drops-dirty-entry": ["dax_layout.cc"],
    "027-invalidate-keeps-the-zero-page": ["dax_layout.cc", "truncate.cc"],
    "028-write-invalidates-before-it-allocates": ["dax_io.cc"],
    "030-mkclean-skips-page-tables": ["mm_zap.cc"],
    "032-writeback-begins-within-a-pmd": ["dax_writeback.cc"],
    "033-read-fault-marks-dirty": ["dax_insert.cc"],
    "034-cow-write-keeps-the-old-page": ["dax_io.cc"],
    "035-edges-of-a-hole-keep-stale-bytes": ["dax_io.cc", "protocol.cc"],
    "036-dedupe-compares-with-the-first-extent": ["dax_remap.cc"],
    "037-unshare-copies-the-range-only": ["dax_unshare.cc"],
    "038-dirty-entry-outlives-a-copy": ["dax_io.cc"],
    "038b-clean-before-the-flush": ["dax_writeback.cc"],
    "039-truncate-does-not-wait": ["dax_association.cc", "xfs_file.cc"],
    "040-break-zaps-private-copies": ["dax_layout.cc"],
    "041-fuse-breaks-page-0-only": ["fuse_dax.cc"],
    "042-scans-skip-locked-entries": ["dax_layout.cc"],
    "042b-wait-moves-the-cursor-on": ["dax_entry.cc"],
    "044-eviction-does-not-wait": ["dax_layout.cc"],
    "044b-break-keeps-entries": ["dax_layout.cc"],
    "045-zero-page-is-disassociated": ["dax_association.cc"],
    "048-eviction-leaves-entries": ["dax_layout.cc"],
    "049-free-without-ops-wakes-nobody": ["memremap.cc"],
    "050-sleeps-and-wakes-by-two-keys": ["wait.cc"],
    "051-no-page-is-not-idle": ["dax_layout.cc"],
    "052-share-is-never-counted": ["dax_association.cc"],
    "053-put-keeps-the-share": ["dax_association.cc"],
    "055-fast-gup-ignores-read-only": ["gup.cc"],
    "056-pte-stays-read-only": ["mm_insert.cc"],
    "057-read-of-nothing-never-ends": ["dax_io.cc", "xfs_file.cc", "xfs_iomap.cc"],
    "058-first-page-of-a-file-is-no-offset": ["memory_failure.cc"],
    "061-page-cache-in-a-dax-mapping": ["dax_io.cc"],
    "063-share-count-is-too-narrow": ["dax_association.cc"],
    "101-failed-insert-frees-the-page": ["dax_insert.cc"],
    "102-last-put-clears-the-mapping": ["memremap.cc"],
    "103-shared-pages-are-not-associated": ["dax_association.cc"],
    "104-tail-page-finds-the-old-head": ["dax_association.cc"],
    "105-copy-keeps-the-association": ["dax_insert.cc"],
    "107-zero-page-is-counted": ["dax_insert.cc"],
    "200-downgrade-wakes-one": ["dax_entry.cc"],
    "201-downgrade-wakes-by-page": ["dax_entry.cc"],
    "202-downgrade-keeps-nrpages": ["dax_entry.cc"],
    "203-downgrade-without-the-lock": ["dax_entry.cc"],
    "204-deleted-range-wakes-one": ["dax_layout.cc"],
    "205-scan-keeps-the-wake-up": ["dax_layout.cc"],
    "206-fsync-keeps-the-wake-up": ["dax_writeback.cc"],
    "207-downgrade-leaves-zeroes-mapped": ["dax_entry.cc"],
    "208-refused-invalidation-keeps-the-wake-up": ["dax_layout.cc"],
    "210-woken-is-taken-for-unlocked": ["dax_entry.cc"],
    "213-waiter-queues-after-the-unlock": ["dax_entry.cc"],
    "214-pte-takes-an-empty-pmd-entry": ["dax_entry.cc"],
    "215-pte-takes-a-zero-pmd-entry": ["dax_entry.cc"],
    "216-failed-insertion-is-counted": ["dax_entry.cc"],
    "217-pte-fault-does-not-look-at-the-pmd": ["dax_fault.cc"],
    "218-memory-failure-does-not-wait": ["dax_lock.cc"],
    "219-fsync-wakes-nobody": ["dax_writeback.cc"],
    "220-pmd-is-flushed-as-one-page": ["dax_writeback.cc"],
    "222-fsync-forces-no-log-of-clean-pages": ["xfs_file.cc"],
    "223-sync-fault-syncs-data-only": ["dax_sync.cc"],
    "224-store-to-a-known-page-marks-nothing": ["dax_insert.cc"],
    "225-zeroed-bytes-are-not-flushed": ["dax_zero.cc"],
    "226-zeroing-copies-nothing-around": ["dax_zero.cc"],
    "227-copy-takes-the-first-source-page": ["dax_io.cc"],
    "228-copy-leaves-the-tail": ["dax_io.cc"],
    "230-clone-does-not-flush-its-source": ["dax_remap.cc"],
    "231-dedupe-takes-a-hole-for-equal": ["dax_remap.cc"],
    "232-clone-keeps-the-destinations-entries": ["xfs_reflink.cc"],
    "233-only-one-owner-is-told": ["xfs_notify_failure.cc"],
    "234-truncate-leaves-the-tail": ["dax_zero.cc"],
    "235-unwritten-extent-is-not-zeroed": ["xfs_iomap.cc"],
    "237-growing-file-shows-what-was-beyond-the-end": ["xfs_file.cc"],
    "238-cow-block-is-not-remapped": ["xfs_iomap.cc"],
    "243-unpin-puts-the-tail": ["gup.cc"],
    "244-slow-pin-of-a-folio-is-too-large": ["gup.cc"],
    "245-batch-takes-another-page": ["mm_zap.cc"],
    "246-scan-comes-before-unmap": ["dax_layout.cc"],
    "247-only-the-first-page-is-busy": ["dax_layout.cc"],
    "248-only-pins-are-busy": ["dax_layout.cc"],
    "249-mapped-page-is-busy": ["dax_layout.cc"],
    "250-break-looks-once": ["dax_layout.cc"],
    "251-second-file-is-not-waited-for": ["dax_layout.cc"],
    "252-blocks-go-before-entries": ["xfs_evict.cc"],
    "253-huge-folio-is-mapped-special": ["mm_pmd.cc"],
    "254-unpin-wakes-nobody": ["folio.cc"],
    "255-last-owner-loses-the-page": ["dax_association.cc"],
    "256-fork-takes-no-reference": ["mm_fork.cc"],
    "257-private-copy-keeps-the-page": ["mm_cow.cc"],
    "258-munmap-leaves-the-file-first": ["mm_map.cc"],
    "259-mapcount-stays": ["mm_zap.cc"],
    "261-last-page-stays-a-tail": ["dax_association.cc"],
    "262-eviction-keeps-the-copy": ["protocol.cc", "xfs_evict.cc"],
    "263-write-leaves-the-page-bad": ["dax_io.cc"],
    "264-half-a-page-is-no-page": ["dax_fault.cc"],
    "265-mkclean-walks-without-the-lock": ["dax_writeback.cc"],
    "300-one-pin-is-not-busy": ["dax_layout.cc"],
    "301-breaker-sets-its-state-without-a-barrier": ["wait.cc"],
    "302-fork-counts-under-the-page-table-lock": ["mm_fork.cc"],
}

# A checker, and bugs that nothing else finds by their traces.
ALONE = {
    "association": [
        "019-last-owner-counts-on",
        "053-put-keeps-the-share",
        "261-last-page-stays-a-tail",
    ],
    "data": [
        "002-loser-zeroes-what-the-winner-stored",
        "264-half-a-page-is-no-page",
    ],
    "entry_lock": ["265-mkclean-walks-without-the-lock"],
    "lifetime": [
        "039-truncate-does-not-wait",
        "262-eviction-keeps-the-copy",
        "263-write-leaves-the-page-bad",
    ],
    "persistence": ["222-fsync-forces-no-log-of-clean-pages"],
    "reference": ["107-zero-page-is-counted"],
    "wakeup": ["006-pmd-waiters-wait-by-page"],
    "warn": ["044b-break-keeps-entries"],
}

# Bugs that ci/test hunts with libFuzzer too: some of each kind of harm. Only such as are found within
# hundreds of executions: a hunt follows the coverage, so that any change of the code is another hunt.
LIBFUZZER = [
    "003-i-mmap-lock-before-the-file-systems",
    "010-pmd-of-another-colour",
    "017b-wake-up-comes-before-the-unlock",
    "027-invalidate-keeps-the-zero-page",
    "039-truncate-does-not-wait",
    "107-zero-page-is-counted",
    "202-downgrade-keeps-nrpages",
    "222-fsync-forces-no-log-of-clean-pages",
    "231-dedupe-takes-a-hole-for-equal",
    "244-slow-pin-of-a-folio-is-too-large",
    "257-private-copy-keeps-the-page",
    "300-one-pin-is-not-busy",
]

# Bugs that are not hunted on real threads, and why; bench/time/time_to_bug reads and says it.
NOT_ON_THREADS = {
    "243-unpin-puts-the-tail": "its lines of gup_release() are among those that exec/one_step.patch makes one step",
}

# Plain builds only: a sanitizer would tell nothing more, and costs a build a bug.
_TAGS = [
    "no-asan",
    "no-tsan",
]

def _args(name):
    return [
        "$(location :%s)" % name,
        "--patch=$(location :%s.patch)" % name,
        "--trace=$(location //corpus:litmus/bugs/%s.daxt)" % name,
    ]

def _data(name):
    return [
        ":%s" % name,
        ":%s.patch" % name,
        "//corpus:litmus/bugs/%s.daxt" % name,
    ]

def bug_targets():
    """The programs and tests of BUGS and ALONE."""
    for name, files in BUGS.items():
        srcs = ["//model:" + file for file in files]
        patched_binary(
            name = name,
            testonly = 1,
            srcs = srcs,
            base = ["//model"],
            patch = ":%s.patch" % name,
            tags = _TAGS,
            texts = {src: fixed_text(src) for src in srcs if fixed_text(src) != src},
            visibility = [
                "//bench/minimize:__pkg__",
                "//cli:__pkg__",
                "//properties:__pkg__",
            ],
            deps = fixed_objects(but = srcs) + [":bug_main"],
        )
        sh_test(
            name = name + "_test",
            size = "medium",
            srcs = ["run.sh"],
            args = _args(name),
            data = _data(name),
            tags = _TAGS,
        )
    for checker, names in ALONE.items():
        for name in names:
            sh_test(
                name = "%s_without_%s_test" % (name, checker),
                size = "small",
                srcs = ["run.sh"],
                args = _args(name) + ["--without=" + checker],
                data = _data(name),
                tags = _TAGS,
            )

def _libfuzzer_binary(name, deps, tags):
    # In a small file: there are many, and only a crash of theirs needs lines.
    cc_binary(
        name = name + "_libfuzzer_raw",
        testonly = 1,
        linkopts = ["-Wl,--compress-debug-sections=zlib"],
        tags = ["manual"],
        deps = deps + [":libfuzzer_main"],
    )
    engine_binary(
        name = name + "_libfuzzer",
        testonly = 1,
        binary = ":%s_libfuzzer_raw" % name,
        instrumentation = ["edges"],
        tags = tags,
    )

def libfuzzer_targets():
    """NAME_libfuzzer, the hunt by libFuzzer, and NAME_libfuzzer_test for each of BUGS.

    Those of LIBFUZZER are part of //..., the others are built for bench/ only."""
    for name, files in BUGS.items():
        tags = _TAGS + ([] if name in LIBFUZZER else ["manual"])
        srcs = ["//model:" + file for file in files]
        _libfuzzer_binary(name, fixed_objects(but = srcs) + [":%s_model" % name], tags)
        sh_test(
            name = name + "_libfuzzer_test",
            size = "medium",
            srcs = ["run.sh"],
            args = [
                "$(location :%s_libfuzzer)" % name,
                "--patch=$(location :%s.patch)" % name,
            ],
            data = [
                ":%s.patch" % name,
                ":%s_libfuzzer" % name,
            ],
            tags = tags,
        )
    _libfuzzer_binary("clean", fixed_objects(), _TAGS)

def _aflpp_binary(name, deps):
    cc_binary(
        name = name + "_aflpp_raw",
        testonly = 1,
        linkopts = ["-Wl,--compress-debug-sections=zlib"],
        tags = ["manual"],
        deps = deps + [":aflpp_main"],
    )
    engine_binary(
        name = name + "_aflpp",
        testonly = 1,
        binary = ":%s_aflpp_raw" % name,
        instrumentation = ["afl"],
        tags = ["manual"],
    )

def aflpp_targets():
    """NAME_aflpp, the hunt by AFL++, for bench/ only: a copy of the model takes minutes to build."""
    for name, files in BUGS.items():
        _aflpp_binary(name, fixed_objects(but = ["//model:" + file for file in files]) + [":%s_model" % name])
    _aflpp_binary("clean", fixed_objects())

def _threads_binary(name, model, tags):
    cc_binary(
        name = name + "_threads",
        testonly = 1,
        linkopts = ["-Wl,--compress-debug-sections=zlib"],
        tags = tags,
        deps = model + [":threads_main"],
    )
    engine_binary(
        name = name + "_threads_tsan",
        testonly = 1,
        binary = ":%s_threads" % name,
        instrumentation = ["tsan"],
        tags = ["manual"],
    )

def threads_targets():
    """NAME_threads, the hunt on real threads, and NAME_threads_tsan: for bench/ only, but where a test names one."""
    for name, files in BUGS.items():
        if name in NOT_ON_THREADS:
            continue
        srcs = ["//model:" + file for file in files]
        if [src for src in srcs if src in ONE_STEP]:
            model = patched_threads_model(name + "_one_step", ":%s.patch" % name, srcs, testonly = 1)
        else:
            model = [":%s_model" % name] + threads_model(but = srcs)
        _threads_binary(name, model, ["manual"])
    _threads_binary("clean", threads_model(), ["manual"])

def threads_patches_test(name):
    """Each of BUGS fits what the model is on real threads, or is listed as one that does not."""
    touching = [bug for bug, files in BUGS.items() if [f for f in files if "//model:" + f in ONE_STEP]]
    others = {"//model:" + f: None for bug in touching for f in BUGS[bug] if "//model:" + f not in ONE_STEP}
    files = ONE_STEP + sorted(others)
    sh_test(
        name = name,
        size = "small",
        srcs = [name + ".sh"],
        args = ["$(location //bazel:apply_patch.sh)", "$(location //exec:one_step.patch)"] +
               ["%s=$(location %s)" % (src[2:].replace(":", "/"), fixed_text(src)) for src in files] +
               ["--"] + NOT_ON_THREADS.keys(),
        data = [
            "//bazel:apply_patch.sh",
            "//exec:one_step.patch",
        ] + [fixed_text(src) for src in files] + [":%s.patch" % bug for bug in touching],
        tags = _TAGS,
    )
