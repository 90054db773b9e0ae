# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the command over real targets: what is kept of an engine's corpus, what is there after kill -9.

Plain only: the targets' instrumentation is their own. Read next: corpus_edges_test.sh, kills_test.sh."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")

def _test(name, labels, folders = []):
    sh_test(
        name = name,
        size = "medium",
        srcs = [name + ".sh"],
        args = ["$(location %s)" % label for label in labels] + ["$(locations %s)" % folder for folder in folders],
        data = labels + folders,
        tags = ["no-asan", "no-tsan"],
    )

def campaign_tests():
    """corpus_edges_test, kills_test."""
    _test(
        "corpus_edges_test",
        [":daxfuzz", "//fuzz:interleaving_fuzz_test_libfuzzer"],
        folders = ["//corpus:claims"],
    )

    # Of the campaign without an engine, which begins the soonest.
    _test("kills_test", [":daxfuzz", "//fuzz:campaign"])
