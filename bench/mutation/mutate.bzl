# SPDX-License-Identifier: GPL-2.0-only
"""mutants(): objects of files of the model that hold all their mutants (generate.py), to be
linked ahead of the clean ones, with a list of them.

Read next: mutants.py, bazel/patched_model.bzl."""

load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("//fixes:fixes.bzl", "fixed_text")
load("//model:sources.bzl", "MODEL_SOURCES")

# What is not mutated: who runs the port, and its switches, which are values.
_NO_PORT = [
    "protocol.cc",
    "world.cc",
]
MUTATED = [file for file in MODEL_SOURCES if file not in _NO_PORT]

def mutants(name, files):
    """NAME, a library; NAME/mutants.tsv, the list.

    Args:
      name: also the folder of the copies.
      files: of model/, with all fixes in.
    """
    texts = {file: fixed_text("//model:" + file) for file in files}
    native.genrule(
        name = name + "_srcs",
        srcs = sorted(texts.values()) + [
            "edits.py",
            "generate.py",
            "mutant.h",
            "mutants.py",
            "//model:headers",
            "//sched:headers",
            "//trace:headers",
        ],
        outs = [name + "/mutants.tsv"] + [name + "/" + file for file in files],
        # Debian's own Python, for which its libclang is.
        cmd = "/usr/bin/python3 -B $(location generate.py) --out=$(RULEDIR)/%s %s" % (
            name,
            " ".join(["model/%s=$(location %s)" % pair for pair in texts.items()]),
        ),
        tags = ["manual"],
    )
    cc_library(
        name = name,
        srcs = [name + "/" + file for file in files],
        copts = [
            "-w",
            # As in generate.py.
            "-Wno-c++11-narrowing",
        ],
        tags = ["manual"],
        deps = [
            ":mutant",
            "//model",
        ],
        alwayslink = 1,
    )
