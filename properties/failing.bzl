# SPDX-License-Identifier: GPL-2.0-only
"""What becomes of counterexamples: properties that fail in any model, in a program of either kind.

Read next: failing_suite.cc, failing_test.sh."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_shell//shell:sh_test.bzl", "sh_test")

def failing_tests():
    """The suite; failing_check and failing_properties, which have it; the test of both."""
    cc_library(
        name = "failing_suite",
        testonly = True,
        srcs = ["failing_suite.cc"],
        deps = [
            ":properties",
            "//trace",
        ],
        alwayslink = 1,
    )
    for name, main in {
        "failing_check": ":check_main",
        "failing_properties": ":property_main",
    }.items():
        cc_binary(
            name = name,
            testonly = True,
            deps = [
                main,
                ":failing_suite",
            ],
        )
    sh_test(
        name = "failing_test",
        size = "small",
        srcs = ["failing_test.sh"],
        args = [
            "$(location :failing_check)",
            "$(location :failing_properties)",
        ],
        data = [
            ":failing_check",
            ":failing_properties",
        ],
    )
