# SPDX-License-Identifier: GPL-2.0-only
"""Tests of whole engines: AFL++ and libFuzzer as they are installed, over targets of fuzz/.

Plain only: the engines' binaries are the same under every --config. Read next: aflpp_test.sh,
campaign_aflpp_test.sh, fleet_test.sh, digests_test.sh."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//bazel:fuzz.bzl", "cc_fuzz_test")

_BUILDS = ["replay", "libfuzzer", "aflpp"]

def _test(name, labels, size = "large", script = None, folders = [], data = []):
    sh_test(
        name = name,
        size = size,
        srcs = [script or name + ".sh"],
        args = ["$(location %s)" % label for label in labels] + ["$(locations %s)" % folder for folder in folders],
        data = labels + folders + data,
        tags = ["no-asan", "no-tsan"],
    )

def engine_tests(programs):
    """The tests, and the targets that fail for them.

    Args:
      programs: labels of corpora.
    """
    _targets_that_fail()
    planted = [":planted_fuzz_test_aflpp", ":aflpp_mutator.so", ":own_corpus"]
    _test("aflpp_test", planted)
    compared = [":interleaving_fuzz_test_libfuzzer", ":interleaving_fuzz_test_aflpp"]
    _test("comparisons_test", compared + ["//bench/targets:crash_fuzz_test_libfuzzer"], size = "small")
    _test("fleet_test", ["fleet.sh", ":planted_fuzz_test_libfuzzer"] + planted)
    _test(
        "campaign_aflpp_test",
        [
            "//cli:daxfuzz",
            ":interleaving_fuzz_test_aflpp",
            ":unstable_fuzz_test_aflpp",
            ":aflpp_mutator.so",
        ],
        folders = ["//corpus:findings"],
        data = ["//cli:outputs.sh"],
    )

    # One corpus, one digest. Each input is any input, so the XArray has texts, too: its own are few.
    corpora = {name: programs for name in ["bytes", "crash", "interleaving", "protocol_diff", "sequential"]}
    corpora["trace_text"] = [":trace_text_fuzz_test_corpus"]
    corpora["xarray"] = [":xarray_fuzz_test_corpus", "//corpus:litmus"]
    for name, folders in corpora.items():
        _test(
            name + "_digests_test",
            [":%s_fuzz_test_%s" % (name, build) for build in _BUILDS],
            size = "small",
            script = "digests_test.sh",
            folders = folders,
        )

def _targets_that_fail():
    # Manual: as a test it would fail, which is its purpose. canary_test runs it.
    cc_fuzz_test(
        name = "canary_fuzz_test",
        srcs = ["canary_fuzz_test.cc"],
        tags = ["manual"],
        deps = [
            ":finding_stream",
            "//trace",
        ],
    )

    # Manual: it fails where its defect is met, which is its purpose. aflpp_test looks for it.
    cc_fuzz_test(
        name = "planted_fuzz_test",
        srcs = ["planted_fuzz_test.cc"],
        mutator = ":aflpp_mutator.so",
        tags = ["manual"],
        deps = [
            ":finding_stream",
            "//trace",
        ],
    )

    # Manual: its test passes and tells nothing. campaign_aflpp_test has to notice what it does.
    cc_fuzz_test(
        name = "unstable_fuzz_test",
        srcs = ["unstable_fuzz_test.cc"],
        tags = ["manual"],
    )
