# SPDX-License-Identifier: GPL-2.0-only
"""cc_fuzz_test by the name and the arguments that rules_fuzzing has, over bazel/fuzz.bzl.

NAME_bin and NAME_run heed its flags (BUILD); beside them each engine is a target of its own, NAME_libfuzzer,
NAME_aflpp, NAME_replay. Read next: bazel/testdata/rules_fuzzing."""

load("@daxfuzz//bazel:fuzz.bzl", _cc_fuzz_test = "cc_fuzz_test")

def cc_fuzz_test(
        name,
        corpus = None,
        dicts = None,
        engine = None,
        size = None,
        tags = None,
        timeout = None,
        **binary_kwargs):
    """A fuzz target and its regression test.

    Args:
      name: of the test; the other targets' begin with it.
      corpus: labels of inputs.
      dicts: labels of libFuzzer dictionaries.
      engine: none: the flags name it, and every engine has a target here.
      size: of the test.
      tags: of the test.
      timeout: of the test.
      **binary_kwargs: what a cc_binary takes: srcs, deps, copts, defines, ...
    """
    if engine:
        fail("engine: each has a target of its own here, %s_libfuzzer, %s_aflpp, %s_replay" % (name, name, name))
    _cc_fuzz_test(
        name = name,
        corpus = corpus,
        dicts = dicts,
        size = size or "small",
        tags = tags or [],
        timeout = timeout,
        **binary_kwargs
    )
