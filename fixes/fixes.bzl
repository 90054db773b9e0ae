# SPDX-License-Identifier: GPL-2.0-only
"""Which fix touches which files of the model and mends which findings.

FIXES is the one list: a fix is added by a row here, a patch beside it and a
finding in corpus/findings. fixed_model applies every one, for campaigns in which
any finding is new, and for bugs that no finding shall hide (//bugs)."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_test.bzl", "cc_test")
load("//bazel:patched_model.bzl", "object_library", "patched_sources", "patched_test")

# patch name: (files of the model, findings)
FIXES = {
    "break-layout-drops-dirty-marks": (["dax_layout.cc"], ["break-layout-drops-dirty-marks"]),
    "clone-races-pmd-read-fault": (["xfs_fault.cc"], ["clone-races-pmd-read-fault"]),
    "cow-copy-is-not-flushed": (["dax_io.cc"], ["cow-copy-is-not-flushed"]),
    "cow-fault-untracks-pinned-page": (["xfs_fault.cc"], ["cow-fault-untracks-pinned-page"]),
    "cow-write-drops-pmd-entry": (["dax_io.cc"], ["cow-write-drops-pmd-entry"]),
    "cow-write-races-faults": (
        ["xfs_file.cc"],
        [
            "cow-write-races-read-fault",
            "cow-write-races-write-fault",
            "fault-frees-the-block-of-a-write",
            "overwrite-resets-a-mapped-folio",
        ],
    ),
    "dedupe-compares-stale-blocks": (["dax_remap.cc"], ["dedupe-compares-stale-blocks"]),
    "dontneed-clears-the-pmd-before-the-flush": (
        ["mm_zap.cc"],
        ["dontneed-clears-the-pmd-before-the-flush"],
    ),
    "failed-cow-fault-keeps-entry-of-freed-block": (
        ["dax_fault.cc"],
        ["failed-cow-fault-keeps-entry-of-freed-block", "failed-pmd-cow-fault-counts-as-written"],
    ),
    "fsync-skips-locked-entry": (["dax_writeback.cc"], ["fsync-skips-locked-entry"]),
    "memory-failure-asks-the-page": (
        ["dax_association.cc", "dax_lock.cc", "memory_failure.cc"],
        [
            "memory-failure-follows-shared-mark",
            "memory-failure-follows-tail-page",
            "memory-failure-loses-the-mapping",
            "memory-failure-takes-the-first-page",
        ],
    ),
    "memory-failure-misses-removed-entry": (
        ["memory_failure.cc"],
        ["memory-failure-misses-removed-entry"],
    ),
    "memory-failure-waits-with-the-agf": (
        ["xfs_notify_failure.cc"],
        ["memory-failure-waits-with-the-agf"],
    ),
    "overwrite-warns-of-mapped-page": (["dax_association.cc"], ["overwrite-warns-of-mapped-page"]),
    "pmd-fault-absorbs-pages-in-use": (
        ["dax_fault.cc"],
        ["pmd-fault-absorbs-pages-in-use", "pmd-fault-over-small-head-gets-sigbus"],
    ),
    "read-pin-of-shared-page-spins": (["gup.cc"], ["read-pin-of-shared-page-spins"]),
    "refault-during-break-layout-hangs": (
        ["dax_layout.cc", "folio.cc"],
        ["refault-during-break-layout-hangs"],
    ),
    "scan-skips-locked-entry": (["dax_layout.cc"], ["scan-skips-locked-entry"]),
    "shared-fault-replaces-pmd-entry": (["dax_fault.cc"], ["shared-fault-replaces-pmd-entry"]),
    "shared-pmd-refault-splits-pinned-folio": (
        ["dax_insert.cc"],
        ["shared-pmd-refault-splits-pinned-folio"],
    ),
    "stale-index-counts-as-share": (["dax_association.cc"], ["stale-index-counts-as-share"]),
    "sync-fault-comes-before-the-size": (["xfs_file.cc"], ["sync-fault-comes-before-the-size"]),
    "sync-fault-maps-bad-page": (["dax_insert.cc"], ["sync-fault-maps-bad-page"]),
    "sync-fault-over-pmd-entry-loops": (
        ["dax_sync.cc"],
        ["sync-fault-over-pmd-entry-loops", "sync-fault-warns-of-page-table"],
    ),
    "sync-store-into-a-copy-is-lost": (["xfs_iomap.cc"], ["sync-store-into-a-copy-is-lost"]),
    "truncate-drops-dirty-mark-of-pmd": (["truncate.cc"], ["truncate-drops-dirty-mark-of-pmd"]),
    "truncation-takes-a-zapped-pmd-for-idle": (
        ["mm_zap.cc"],
        ["truncation-takes-a-zapped-pmd-for-idle"],
    ),
    "truncation-warns-of-a-passing-reference": (
        ["dax_layout.cc"],
        ["truncation-warns-of-a-passing-reference"],
    ),
    "truncation-warns-of-another-files-pin": (
        ["dax_association.cc"],
        ["truncation-warns-of-another-files-pin"],
    ),
    "two-files-associate-one-page-at-once": (
        ["dax_association.cc"],
        ["two-files-associate-one-page-at-once"],
    ),
    "unmapped-file-is-not-scanned": (
        ["dax_layout.cc", "xfs_evict.cc"],
        ["eviction-does-not-wait-for-pins", "unmapped-file-is-not-scanned"],
    ),
    "unshare-keeps-dirty-entry": (
        ["dax_unshare.cc", "dax_zero.cc"],
        ["truncate-keeps-dirty-entry", "unshare-keeps-dirty-entry"],
    ),
    "unshared-block-is-overwritten-before-the-log": (
        ["xfs_bmap.cc"],
        ["unshared-block-is-overwritten-before-the-log"],
    ),
    "unshared-copy-is-not-flushed": (["dax_unshare.cc"], ["unshared-copy-is-not-flushed"]),
    "write-beside-a-fault-into-a-hole": (
        ["dax_io.cc"],
        ["write-beside-a-fault-into-a-hole"],
    ),
    "write-into-hole-untracks-pinned-page": (
        ["dax_layout.cc"],
        ["write-into-hole-untracks-pinned-page"],
    ),
}

def patched_files(names):
    """The files of the model that these fixes touch, as labels, each once."""
    files = {}
    for name in names:
        for file in FIXES[name][0]:
            files["//model:" + file] = None
    return sorted(files)

def _traces(names):
    return ["corpus/findings/%s.daxt" % trace for name in names for trace in FIXES[name][1]]

# Plain only: what a patch does to the port is the same under every sanitizer.
_TAGS = ["no-asan", "no-tsan"]

def fix_tests():
    """NAME_test for each fix alone."""
    for name in sorted(FIXES):
        patched_test(
            name = name + "_test",
            size = "small",
            srcs = patched_files([name]),
            # One fix alone leaves the other findings to be found.
            args = ["--gtest_filter=-*Campaign*"] + _traces([name]),
            base = ["//model"],
            data = ["//corpus:findings"],
            patch = name + ".patch",
            tags = _TAGS,
            deps = [":fix_test_main"],
        )

def _fixed(file):
    return "//fixes:fixed_" + file.split(":")[-1].split(".")[0]

def fixed_model():
    """A library for each file that a fix touches: its object with all fixes in."""
    patched_sources(
        name = "fixed",
        srcs = patched_files(FIXES),
        patch = [name + ".patch" for name in sorted(FIXES)],
    )
    for file in patched_files(FIXES):
        object_library(
            name = _fixed(file).split(":")[-1],
            srcs = ["fixed/" + file.split(":")[-1]],
            visibility = ["//:__subpackages__"],
            deps = ["//model"],
        )

def fixed_text(file):
    """The label of a model's file with all fixes in, or of itself if none touches it."""
    return "//fixes:fixed/" + file.split(":")[-1] if file in patched_files(FIXES) else file

def fixed_objects(but = []):
    """What to link ahead of //model so that all fixes are in, but for these files' objects."""
    return [_fixed(file) for file in patched_files(FIXES) if file not in but]

def all_fixes_test(name):
    """Every finding passes, and a fixed campaign finds nothing at all."""
    cc_test(
        name = name,
        size = "medium",
        args = _traces(sorted(FIXES)),
        data = ["//corpus:findings"],
        tags = _TAGS,
        deps = fixed_objects() + [":fix_test_main"],
    )

def all_fixes_binary(name, deps, visibility = None):
    """deps over the model with every fix in: what it finds is new."""
    cc_binary(
        name = name,
        visibility = visibility,
        deps = fixed_objects() + deps,
    )
