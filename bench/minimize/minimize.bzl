# SPDX-License-Identifier: GPL-2.0-only
"""The model with several bugs of //bugs at once, and with each of them alone, for bench/minimize.

A crash is made by a hunt in a model with one bug. A folder of crashes of twenty bugs is what somebody has
whose tree has twenty bugs: so one model has them all, and the command, the look at a file and the engines' own
minimisers are linked over that. Read next: README.md, bazel/patched_model.bzl, bugs/bugs.bzl."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("//bazel:fuzz.bzl", "engine_binary")
load("//bazel:patched_model.bzl", "patched_library")
load("//bugs:bugs.bzl", "BUGS")
load("//fixes:fixes.bzl", "fixed_objects", "fixed_text")

# A plain build is what is measured, and the bugs' models are built for no other.
_TAGS = [
    "no-asan",
    "no-tsan",
]

# Such as hunts of every seed find, of each kind of harm;
# and such as fit one model: no patch takes away the lines of another, or hides what it does.
TWENTY = [
    "019-last-owner-counts-on",
    "025-invalidate-drops-dirty-entry",
    "027-invalidate-keeps-the-zero-page",
    "034-cow-write-keeps-the-old-page",
    "037-unshare-copies-the-range-only",
    "039-truncate-does-not-wait",
    "040-break-zaps-private-copies",
    "041-fuse-breaks-page-0-only",
    "058-first-page-of-a-file-is-no-offset",
    "061-page-cache-in-a-dax-mapping",
    "101-failed-insert-frees-the-page",
    "107-zero-page-is-counted",
    "222-fsync-forces-no-log-of-clean-pages",
    "231-dedupe-takes-a-hole-for-equal",
    "232-clone-keeps-the-destinations-entries",
    "243-unpin-puts-the-tail",
    "254-unpin-wakes-nobody",
    "256-fork-takes-no-reference",
    "257-private-copy-keeps-the-page",
    "300-one-pin-is-not-busy",
]

# Of these CI makes a small folder.
TWO = [
    "107-zero-page-is-counted",
    "300-one-pin-is-not-busy",
]

def crash_makers():
    """NAME_crashes for each bug of //bugs: crashes_main.cc over the model with it."""
    for name, files in BUGS.items():
        cc_binary(
            name = name + "_crashes",
            testonly = 1,
            tags = _TAGS + ([] if name in TWO else ["manual"]),
            deps = fixed_objects(but = ["//model:" + file for file in files]) +
                   ["//bugs:%s_model" % name, ":crashes_main"],
        )

def _engine(name, engine, instrumentation, driver, objects, tags):
    cc_binary(
        name = "%s_%s_raw" % (name, engine),
        testonly = 1,
        tags = _TAGS + ["manual"],
        deps = objects + ["//fuzz:interleaving_fuzz_test_target", driver],
    )
    engine_binary(
        name = "%s_%s" % (name, engine),
        testonly = 1,
        binary = ":%s_%s_raw" % (name, engine),
        instrumentation = [instrumentation],
        tags = _TAGS + tags,
    )

def folder_programs(name, bugs, tags = []):
    """Over the model with all of these bugs: NAME_daxfuzz, NAME_look, NAME_libfuzzer and NAME_aflpp."""
    srcs = sorted({"//model:" + file: None for bug in bugs for file in BUGS[bug]}.keys())
    patched_library(
        name = name + "_model",
        testonly = 1,
        patch = ["//bugs:%s.patch" % bug for bug in bugs],
        srcs = srcs,
        texts = {src: fixed_text(src) for src in srcs if fixed_text(src) != src},
        deps = ["//model"],
    )
    objects = fixed_objects(but = srcs) + [":%s_model" % name]
    for kind, main in {"daxfuzz": "//cli:daxfuzz_main", "look": ":crashes_main"}.items():
        cc_binary(
            name = "%s_%s" % (name, kind),
            testonly = 1,
            tags = _TAGS + tags,
            deps = objects + [main],
        )
    _engine(name, "libfuzzer", "edges", "//bazel:libfuzzer_engine", objects, tags)
    _engine(name, "aflpp", "afl", "@afl//:driver", objects, ["manual"])
