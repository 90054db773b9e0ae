# SPDX-License-Identifier: GPL-2.0-only
"""The fuzz targets whose input is a program, over the model with all fixes in.

Over the model as the kernel is they find what is recorded again and again, in places that nobody has written down; with
all fixes in whatever they find is new. The others run no program. Read next: all_targets, fixes/fixes.bzl."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("//bazel:fuzz.bzl", "engine_binary")
load("//fixes:fixes.bzl", "fixed_objects")

PROGRAM_TARGETS = ["crash", "interleaving", "protocol_diff", "sequential"]

# engine of bazel/fuzz.bzl: (what links it, how its objects are instrumented). "drawn" is as --config says.
_ENGINES = {
    "libfuzzer": ("//bazel:libfuzzer_engine", ["asan", "libfuzzer"]),
    "aflpp": ("@afl//:driver", ["afl"]),
    "drawn": ("//bazel:drawn_engine", None),
}

def fixed_targets():
    """NAME_fuzz_test_ENGINE, as they are called in //fuzz. Manual: a copy of the model takes minutes."""
    for name in PROGRAM_TARGETS:
        for engine, (driver, instrumentation) in _ENGINES.items():
            target = "%s_fuzz_test_%s" % (name, engine)
            cc_binary(
                name = target + ("_raw" if instrumentation else ""),
                testonly = 1,
                tags = ["manual"],
                deps = fixed_objects() + ["//fuzz:%s_fuzz_test_target" % name, driver],
            )
            if instrumentation:
                engine_binary(
                    name = target,
                    testonly = 1,
                    binary = ":%s_raw" % target,
                    instrumentation = instrumentation,
                    tags = ["manual"],
                    visibility = ["//fuzz:__pkg__"],
                )
