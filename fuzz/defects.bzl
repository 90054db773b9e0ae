# SPDX-License-Identifier: GPL-2.0-only
"""The planted defect of each fuzz target: what a patch of one file makes it say of its corpus.

Without the patch the corpus passes, which is the target's own test. Plain builds only: a
sanitizer would tell nothing more. Read next: fuzz/defect_test.sh, properties/defects.bzl."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//bazel:patched_model.bzl", "patched_binary")

# target: (file, patch, signature)
DEFECTS = {
    "bytes": (
        "//trace:bytes.cc",
        "//properties:testdata/steps_in_seven_bits.patch",
        "program-changes in encode",
    ),
    "crash": (
        "//model:dax_writeback.cc",
        "//properties:testdata/writeback_flushes_nothing.patch",
        "fsync-promise-broken in user_access",
    ),
    # A waiter that sleeps for ever: of two threads in one order.
    "interleaving": (
        "//model:dax_entry.cc",
        "//properties:testdata/unlock_wakes_nobody.patch",
        "lost-wakeup in grab_mapping_entry",
    ),
    "protocol_diff": (
        "//model:dax_layout.cc",
        "//properties:testdata/scan_unmaps_nothing.patch",
        "protocols-disagree in mkwrite",
    ),
    "sequential": (
        "//model:xfs_file.cc",
        "//properties:testdata/truncate_frees_nothing.patch",
        "wrong-result in read",
    ),
    "trace_text": (
        "//trace:text_print.cc",
        "testdata/text_keeps_four_bits.patch",
        "trace-changes in print",
    ),
    "xarray": (
        "//model:xarray.cc",
        "testdata/store_keeps_one_mark.patch",
        "xarray-is-no-map in slots",
    ),
}

_TAGS = [
    "no-asan",
    "no-tsan",
]

def defect_tests():
    """NAME_defect, the target over a patched file, and NAME_defect_test."""
    for name, (file, patch, signature) in DEFECTS.items():
        patched_binary(
            name = name + "_defect",
            testonly = 1,
            srcs = [file],
            base = [file.split(":")[0]],
            patch = patch,
            tags = ["manual"] + _TAGS,
            deps = [
                ":%s_fuzz_test_target" % name,
                "//bazel:replay_engine",
            ],
        )
        sh_test(
            name = name + "_defect_test",
            size = "small",
            srcs = ["defect_test.sh"],
            args = [
                "$(location :%s_defect)" % name,
                "'%s'" % signature,
                "$(locations :%s_fuzz_test_corpus)" % name,
            ],
            data = [
                ":%s_defect" % name,
                ":%s_fuzz_test_corpus" % name,
            ],
            tags = _TAGS,
        )
