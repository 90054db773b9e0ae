# SPDX-License-Identifier: GPL-2.0-only
"""The bugs, and the files of the model that each one's patch touches.

BUGS is the one list: a bug is added by a row here, a patch beside it and a
trace in corpus/litmus/bugs. Each becomes a program, //bugs:NAME, and a test of
what its header promises, //bugs:NAME_test. All fixes are in, so that whatever the
program finds is the bug and no finding of corpus/findings. Read next: README.md,
bazel/patched_model.bzl, bug_main.cc."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//bazel:patched_model.bzl", "patched_binary")
load("//fixes:fixes.bzl", "fixed_objects", "fixed_text")

# patch name: files of the model
BUGS = {
    "001-fault-maps-without-the-lock": ["dax_fault.cc"],
    "002-loser-zeroes-what-the-winner-stored": ["dax_fault.cc"],
    "003-i-mmap-lock-before-the-file-systems": ["xfs_fault.cc"],
    "005-zero-pages-stay-mapped": ["dax_insert.cc"],
    "006-pmd-waiters-wait-by-page": ["wait.cc"],
    "009-insertion-does-not-look-again": ["dax_entry.cc"],
    "010-pmd-of-another-colour": ["dax_fault.cc"],
    "011-busy-scan-does-not-pass-a-pmd": ["dax_layout.cc"],
    "017b-wake-up-comes-before-the-unlock": ["dax_entry.cc"],
    "018-pmd-fault-looks-at-its-first-page": ["dax_entry.cc"],
    "021-pmd-fault-waits-for-a-pte-entry": ["dax_entry.cc"],
    "042-scans-skip-locked-entries": ["dax_layout.cc"],
    "042b-wait-moves-the-cursor-on": ["dax_entry.cc"],
    "202-downgrade-keeps-nrpages": ["dax_entry.cc"],
    "213-waiter-queues-after-the-unlock": ["dax_entry.cc"],
    "214-pte-takes-an-empty-pmd-entry": ["dax_entry.cc"],
    "216-failed-insertion-is-counted": ["dax_entry.cc"],
    "219-fsync-wakes-nobody": ["dax_writeback.cc"],
    "300-one-pin-is-not-busy": ["dax_layout.cc"],
}

# A checker, and the bug that nothing else would find by its trace.
ALONE = {
    "lifetime": "300-one-pin-is-not-busy",
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
    for checker, name in ALONE.items():
        sh_test(
            name = "without_%s_test" % checker,
            size = "small",
            srcs = ["run.sh"],
            args = _args(name) + ["--without=" + checker],
            data = _data(name),
            tags = _TAGS,
        )
