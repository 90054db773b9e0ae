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
    "019-last-owner-counts-on": ["dax_association.cc"],
    "019b-index-becomes-the-count": ["dax_association.cc"],
    "039-truncate-does-not-wait": ["dax_association.cc", "xfs_file.cc"],
    "040-break-zaps-private-copies": ["dax_layout.cc"],
    "044b-break-keeps-entries": ["dax_layout.cc"],
    "045-zero-page-is-disassociated": ["dax_association.cc"],
    "048-eviction-leaves-entries": ["dax_layout.cc"],
    "049-free-without-ops-wakes-nobody": ["memremap.cc"],
    "050-sleeps-and-wakes-by-two-keys": ["wait.cc"],
    "051-no-page-is-not-idle": ["dax_layout.cc"],
    "053-put-keeps-the-share": ["dax_association.cc"],
    "056-pte-stays-read-only": ["mm_insert.cc"],
    "101-failed-insert-frees-the-page": ["dax_insert.cc"],
    "102-last-put-clears-the-mapping": ["memremap.cc"],
    "103-shared-pages-are-not-associated": ["dax_association.cc"],
    "104-tail-page-finds-the-old-head": ["dax_association.cc"],
    "105-copy-keeps-the-association": ["dax_insert.cc"],
    "107-zero-page-is-counted": ["dax_insert.cc"],
    "243-unpin-puts-the-tail": ["gup.cc"],
    "244-slow-pin-of-a-folio-is-too-large": ["gup.cc"],
    "246-scan-comes-before-unmap": ["dax_layout.cc"],
    "248-only-pins-are-busy": ["dax_layout.cc"],
    "250-break-looks-once": ["dax_layout.cc"],
    "251-second-file-is-not-waited-for": ["dax_layout.cc"],
    "253-huge-folio-is-mapped-special": ["mm_pmd.cc"],
    "254-unpin-wakes-nobody": ["folio.cc"],
    "256-fork-takes-no-reference": ["mm_advise.cc"],
    "257-private-copy-keeps-the-page": ["mm_cow.cc"],
    "259-mapcount-stays": ["mm_zap.cc"],
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
            visibility = ["//cli:__pkg__"],
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
