# SPDX-License-Identifier: GPL-2.0-only
"""patched_library, patched_binary, patched_test: the model with a bug put back in.

A bug or a fix is a unified diff against model/*.cc. Only the files it touches
are copied, patched and compiled; their objects are linked ahead of the archive
with the clean ones. A linker takes an archive's member only for a symbol that is
still undefined, so the clean object is left out, and a bug costs one compile and
one link. A patch that takes away a symbol which others use draws the clean
object in and the link fails for duplicate symbols: loud, as it should be.

Headers cannot be patched this way: every object that includes one would differ.
Read next: bazel/apply_patch.sh; bazel/testdata tests the mechanism."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_cc//cc:cc_test.bzl", "cc_test")

def patched_sources(name, patch, srcs, texts = {}, testonly = 0):
    """Copies NAME/FILE of srcs with patch applied.

    Args:
      name: also the folder of the copies.
      patch: label of the diff, made for `patch -p1` at the top of the tree, or a
        list of them, applied in order.
      srcs: labels of exactly the files that the patch touches ("//model:dax.cc").
      texts: of some srcs, the label of a file that is patched in its stead.
      testonly: as everywhere.

    Returns:
      The copies, in the order of srcs.
    """
    outs = [name + "/" + src.split(":")[-1] for src in srcs]
    patches = patch if type(patch) == "list" else [patch]
    files = ["$(location %s)" % src for src in srcs if src not in texts]
    files += ["$(location %s)=$(location %s)" % pair for pair in texts.items()]
    native.genrule(
        name = name + "_srcs",
        testonly = testonly,
        srcs = patches + srcs + texts.values(),
        outs = outs,
        cmd = "$(location //bazel:apply_patch.sh) $(RULEDIR)/%s %s %s" % (
            name,
            ",".join(["$(location %s)" % one for one in patches]),
            " ".join(files),
        ),
        tags = ["manual"],
        tools = ["//bazel:apply_patch.sh"],
        visibility = ["//:__subpackages__"],
    )
    return outs

def patched_library(name, patch, srcs, deps, texts = {}, testonly = 0, visibility = None):
    """The objects of srcs with patch applied, to be linked ahead of deps.

    Args:
      name: also the folder that the patched copies are generated in.
      patch: as for patched_sources.
      srcs: as for patched_sources.
      deps: the clean library, e.g. ["//model"].
      texts: as for patched_sources.
      testonly: as everywhere.
      visibility: as everywhere.
    """
    object_library(
        name = name,
        testonly = testonly,
        srcs = patched_sources(name, patch, srcs, texts, testonly),
        visibility = visibility,
        deps = deps,
    )

def object_library(name, srcs, deps, testonly = 0, visibility = None):
    """The objects of srcs, all of them linked, and ahead of deps."""
    cc_library(
        name = name,
        testonly = testonly,
        srcs = srcs,
        # A bug may leave behind what only the correct code used.
        copts = ["-Wno-unused"],
        features = ["no_comparisons"],  # as //model and //exec have it
        tags = ["manual"],
        visibility = visibility,
        deps = deps,
        alwayslink = 1,
    )

def patched_binary(name, patch, srcs, base, deps, texts = {}, testonly = 0, tags = [], visibility = None):
    """A cc_binary of deps over base with patch applied; base is the clean library.

    The patched objects are NAME_model, for who links them with other deps."""
    patched_library(
        name = name + "_model",
        testonly = testonly,
        patch = patch,
        srcs = srcs,
        texts = texts,
        visibility = visibility,
        deps = base,
    )
    cc_binary(
        name = name,
        testonly = testonly,
        tags = tags,
        visibility = visibility,
        deps = [":%s_model" % name] + deps,
    )

def patched_test(name, patch, srcs, base, deps, size = "small", tags = [], **kwargs):
    """A cc_test of deps over base with patch applied; kwargs as for cc_test."""
    patched_library(name = name + "_model", testonly = 1, patch = patch, srcs = srcs, deps = base)
    cc_test(name = name, size = size, tags = tags, deps = [":%s_model" % name] + deps, **kwargs)
