# SPDX-License-Identifier: GPL-2.0-only
"""The model for programs over //exec:threads: what to link ahead of //model.

It is the fixed one (//fixes) with one_step.patch, and with one patch more if it
is to find something, which costs a compile of the files that this touches. Read
next: exec/one_step.patch (why), exec/threads.h."""

load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_cc//cc:cc_test.bzl", "cc_test")
load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//bazel:patched_model.bzl", "object_library", "patched_sources")
load("//fixes:fixes.bzl", "fixed_objects", "fixed_text")

# Touched by one_step.patch.
ONE_STEP = ["//model:%s.cc" % file for file in [
    "folio",
    "gup",
    "mm_cow",
    "mm_fault",
    "mm_fork",
    "mm_map",
    "mm_pmd",
    "mm_zap",
    "xfs_evict",
]]

def _texts(srcs):
    return {src: fixed_text(src) for src in srcs if fixed_text(src) != src}

def _library(file):
    return "//properties:one_step_" + file.split(":")[-1].split(".")[0]

def one_step_model():
    """In //properties: a library for each file of ONE_STEP, its object with all fixes and the patch."""
    patched_sources(
        name = "one_step",
        srcs = ONE_STEP,
        patch = "//exec:one_step.patch",
        texts = _texts(ONE_STEP),
    )
    for file in ONE_STEP:
        object_library(
            name = _library(file).split(":")[-1],
            srcs = ["one_step/" + file.split(":")[-1]],
            visibility = ["//:__subpackages__"],
            deps = ["//model"],
        )

def threads_model(but = []):
    """What to link ahead of //model, but for these files' objects."""
    return [_library(file) for file in ONE_STEP if file not in but] + fixed_objects(but = ONE_STEP + but)

def patched_threads_model(name, patch, srcs, testonly = 0):
    """A library NAME of the model that also has `patch`, which touches srcs; returns what to link.

    Args:
      name: of the library, and of the folder of the copies.
      patch: label of the diff.
      srcs: as labels of //model's files.
      testonly: as everywhere.

    Returns:
      Labels, to be linked ahead of //model.
    """
    files = ONE_STEP if [src for src in srcs if src in ONE_STEP] else []
    touched = sorted(srcs + [file for file in files if file not in srcs])
    object_library(
        name = name,
        testonly = testonly,
        srcs = patched_sources(
            name,
            [patch] + (["//exec:one_step.patch"] if files else []),
            touched,
            _texts(touched),
            testonly,
        ),
        deps = ["//model"],
    )
    return [":" + name] + threads_model(but = touched)

# testdata/NAME.patch and NAME.daxt: the file that the patch touches. How it shows is in its header: by a race of
# the functions that "Races:" has, else by a lost wake-up.
PLANTED = {
    "iomap_without_ilock": "//model:xfs_iomap.cc",
    "nrpages_after_unlock": "//model:dax_layout.cc",
    "unlock_wakes_nobody": "//model:dax_entry.cc",
}

def planted_tests():
    """For each row of PLANTED: caught in N of N replays on fibers, in k of n runs on threads."""
    for name, file in PLANTED.items():
        patch = "testdata/%s.patch" % name
        model = patched_threads_model(name + "_planted", patch, [file], testonly = 1)
        trace = "testdata/%s.daxt" % name
        on_fibers = [":%s_planted" % name] + fixed_objects(but = [file])
        for where, objects in [("", on_fibers), ("threads_", model)]:
            cc_test(
                name = "%s_planted_%stest" % (name, where),
                size = "medium",
                args = [
                    "$(location %s)" % trace,
                    "$(location %s)" % patch,
                ],
                data = [
                    trace,
                    patch,
                ],
                deps = objects + [":planted_%smain" % where],
            )
    name = "iomap_without_ilock"
    sh_test(
        name = "planted_test",
        size = "medium",
        srcs = ["planted_test.sh"],
        args = [
            "$(location :%s_planted_test)" % name,
            "$(location testdata/%s.daxt)" % name,
            "$(location testdata/%s.patch)" % name,
        ],
        data = [
            ":%s_planted_test" % name,
            "testdata/%s.daxt" % name,
            "testdata/%s.patch" % name,
        ],
    )

def on_threads():
    """The model with one step where a lock is held, what of TSan is known, and all tests on real threads."""
    one_step_model()

    cc_library(
        name = "known_races",
        testonly = True,
        hdrs = ["known_races.h"],
        visibility = ["//bugs:__pkg__"],
        deps = ["//sched:tsan_races"],
    )

    cc_library(
        name = "races",
        testonly = True,
        srcs = ["races.cc"],
        hdrs = ["races.h"],
        deps = [
            ":known_races",
            "//sched:tsan_races",
        ],
    )

    cc_test(
        name = "known_races_test",
        size = "small",
        srcs = ["known_races_test.cc"],
        deps = [
            ":known_races",
            "@system_libs//:gtest_main",
        ],
    )

    cc_test(
        name = "races_test",
        size = "small",
        srcs = ["races_test.cc"],
        deps = [
            ":races",
            "@system_libs//:gtest_main",
        ],
    )

    cc_test(
        name = "threads_test",
        size = "large",
        srcs = ["threads_test.cc"],
        deps = threads_model() + [
            ":races",
            "//exec:threads",
            "//fuzz:mutator",
            "//sched",
            "//sched:tsan_races",
            "//trace",
            "@system_libs//:gtest_main",
        ],
    )

    cc_test(
        name = "threads_hang_test",
        size = "small",
        srcs = ["threads_hang_test.cc"],
        deps = patched_threads_model(
            "write_never_ends_planted",
            "testdata/write_never_ends.patch",
            ["//model:dax_io.cc"],
            testonly = 1,
        ) + [
            "//exec:threads",
            "//trace",
            "@system_libs//:gtest_main",
        ],
    )

    cc_library(
        name = "planted",
        testonly = True,
        hdrs = ["planted.h"],
        deps = [
            ":races",
            "//exec",
            "//sched:tsan_races",
            "//trace",
        ],
    )

    cc_library(
        name = "planted_main",
        testonly = True,
        srcs = ["planted_main.cc"],
        deps = [
            ":planted",
            "//exec",
            "//sched",
        ],
        alwayslink = 1,
    )

    cc_library(
        name = "planted_threads_main",
        testonly = True,
        srcs = ["planted_threads_main.cc"],
        deps = [
            ":planted",
            "//exec:threads",
            "//sched",
        ],
        alwayslink = 1,
    )

    planted_tests()
