# SPDX-License-Identifier: GPL-2.0-only
"""cc_fuzz_test: one LLVMFuzzerTestOneInput, a binary for each engine, one test.

cc_fuzz_test(name = "x_fuzz_test", ...) declares
  x_fuzz_test            the test: replays the corpus, under whatever --config
  x_fuzz_test_libfuzzer  libFuzzer with ASan and UBSan, under any --config
  x_fuzz_test_aflpp      for afl-fuzz: persistent, test cases in shared memory, no sanitizer
  x_fuzz_test_replay     feeds files to the target, under whatever --config
  x_fuzz_test_drawn      a counted number of inputs that a seed draws, under whatever --config
  x_fuzz_test_bin        by the engine and the sanitizer of rules_fuzzing's flags; without them as _libfuzzer
  x_fuzz_test_run        runs it: bazel run //fuzz:x_fuzz_test_run -- --timeout_secs=60; and
                         x_fuzz_test_aflpp_run, x_fuzz_test_aflpp
  x_fuzz_test_oss_fuzz   x_fuzz_test_oss_fuzz.tar: libFuzzer's binary, dictionary, options, corpus
  x_fuzz_test_corpus     the corpus, x_fuzz_test_dict the dictionaries,
                         x_fuzz_test_options what a fuzzing service reads
  x_fuzz_test_beside     x_fuzz_test.dict and x_fuzz_test_seed_corpus, which are built with _libfuzzer
                         and _aflpp: `daxfuzz fuzz` passes them (beside.bzl)
as in rules_fuzzing, so that its users find their way; @rules_fuzzing//fuzzing:cc_defs.bzl is this rule
with its arguments (third_party/bazel/rules_fuzzing). engine_binary
is for programs that are no such target (bugs/bugs.bzl). Read next: bazel/fuzz_run.sh,
bazel/fuzz_package.sh, bazel/replay_main.cc, bazel/drawn_main.cc; bazel/corpus.bzl for corpora of .daxt files."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_cc//cc:cc_test.bzl", "cc_test")
load("@rules_shell//shell:sh_binary.bzl", "sh_binary")
load(":beside.bzl", "beside")
load(":instrumentation.bzl", "asked_instrumentation", "own_instrumentation")

_ALLOWLIST = attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist")

def _engine_binary_impl(ctx):
    built = ctx.attr.binary[0][DefaultInfo]
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = out, target_file = built.files_to_run.executable, is_executable = True)
    return [
        DefaultInfo(
            executable = out,
            files = depset([out] + ctx.files.beside),
            runfiles = ctx.runfiles(files = [out] + ctx.files.beside).merge(built.default_runfiles),
        ),
        OutputGroupInfo(binary = depset([out])),
    ]

engine_binary = rule(
    implementation = _engine_binary_impl,
    attrs = {
        "beside": attr.label_list(allow_files = True),  # built with it and into the same folder
        "binary": attr.label(mandatory = True, executable = True, cfg = own_instrumentation),
        "instrumentation": attr.string_list(mandatory = True),
        "_allowlist_function_transition": _ALLOWLIST,
    },
    executable = True,
)

# The same, instrumented as rules_fuzzing's flags ask.
_asked_binary = rule(
    implementation = _engine_binary_impl,
    attrs = {
        "beside": attr.label_list(),
        "binary": attr.label(mandatory = True, executable = True, cfg = asked_instrumentation),
        "_allowlist_function_transition": _ALLOWLIST,
    },
    executable = True,
)

def cc_fuzz_test(
        name,
        srcs,
        deps = [],
        corpus = None,
        dicts = None,
        options = None,
        mutator = None,
        engines = [],
        tags = [],
        size = "small",
        timeout = None,
        **library_kwargs):
    """A fuzz target and its regression test.

    Args:
      name: ends in _fuzz_test.
      srcs: define LLVMFuzzerTestOneInput and, if wanted, a custom mutator.
      deps: what srcs use.
      corpus: labels of engine inputs: files, filegroups or trace_corpus.
      dicts: labels of libFuzzer dictionaries.
      options: label of a .options file as fuzzing services read it.
      mutator: label of a library for AFL_CUSTOM_MUTATOR_LIBRARY, for x_fuzz_test_aflpp_run.
      engines: those whose binaries are part of //... : "libfuzzer", "aflpp". The others are built
        for who names them, since a copy of the model takes a minute.
      tags: go to the test and to these binaries.
      size: of the test.
      timeout: of the test.
      **library_kwargs: what else a cc_library of srcs takes: copts, defines, ...
    """
    cc_library(
        name = name + "_target",
        testonly = 1,
        srcs = srcs,
        alwayslink = 1,
        tags = ["manual"],
        visibility = [
            "//bench/minimize:__pkg__",
            "//bench/target:__pkg__",
            "//bench/targets:__pkg__",
        ],
        deps = deps,
        **library_kwargs
    )
    target = [":%s_target" % name]

    beside(
        name = name + "_beside",
        testonly = 1,
        corpus = corpus or [],
        dicts = dicts or [],
        fuzz_test = name,
        tags = tags,
        visibility = ["//:__subpackages__"],
    )

    cc_binary(
        name = name + "_libfuzzer_raw",
        testonly = 1,
        tags = ["manual"],
        deps = target + ["//bazel:libfuzzer_engine"],
    )
    engine_binary(
        name = name + "_libfuzzer",
        testonly = 1,
        beside = [":%s_beside" % name],
        binary = ":%s_libfuzzer_raw" % name,
        instrumentation = ["asan", "libfuzzer"],
        tags = tags + ([] if "libfuzzer" in engines else ["manual"]),
        visibility = ["//:__subpackages__"],
    )

    cc_binary(
        name = name + "_raw",
        testonly = 1,
        tags = ["manual"],
        deps = target + ["@rules_fuzzing//fuzzing:cc_engine"],
    )
    _asked_binary(
        name = name + "_asked",
        testonly = 1,
        binary = ":%s_raw" % name,
        tags = tags + ["manual"],
    )

    # A copy of the model for what is there already would be one too many.
    native.alias(
        name = name + "_bin",
        testonly = 1,
        actual = select({
            "@rules_fuzzing//fuzzing:is_default": ":%s_libfuzzer" % name,
            "//conditions:default": ":%s_asked" % name,
        }),
        tags = ["manual"],
        visibility = ["//:__subpackages__"],
    )

    cc_binary(
        name = name + "_aflpp_raw",
        testonly = 1,
        tags = ["manual"],
        deps = target + ["@afl//:driver"],
    )
    engine_binary(
        name = name + "_aflpp",
        testonly = 1,
        beside = [":%s_beside" % name],
        binary = ":%s_aflpp_raw" % name,
        instrumentation = ["afl"],
        tags = tags + ([] if "aflpp" in engines else ["manual"]),
        visibility = ["//:__subpackages__"],
    )

    cc_binary(
        name = name + "_replay",
        testonly = 1,
        tags = tags,
        visibility = ["//:__subpackages__"],
        deps = target + ["//bazel:replay_engine"],
    )
    cc_binary(
        name = name + "_drawn",
        testonly = 1,
        tags = ["manual"],
        visibility = ["//:__subpackages__"],
        deps = target + ["//bazel:drawn_engine"],
    )
    native.filegroup(name = name + "_corpus", testonly = 1, srcs = corpus or [])
    native.filegroup(name = name + "_dict", testonly = 1, srcs = dicts or [])
    native.filegroup(name = name + "_options", testonly = 1, srcs = [options] if options else [])

    # Without a corpus the replay feeds the empty input: a target must take it.
    cc_test(
        name = name,
        size = size,
        timeout = timeout,
        args = ["$(locations %s)" % c for c in corpus or []],
        data = corpus or [],
        tags = tags + ["fuzz-test"],
        deps = target + ["//bazel:replay_engine"],
    )

    # $(locations) of nothing is an error.
    parts = {"corpus": corpus, "dict": dicts, "options": [options] if options else None}
    there = {part: ":%s_%s" % (name, part) for part, labels in parts.items() if labels}
    _launcher(name + "_run", ":%s_bin" % name, there, mutator, select({
        "@rules_fuzzing//fuzzing:engine_is_aflpp": ["--engine=aflpp"],
        "@rules_fuzzing//fuzzing:engine_is_replay": ["--engine=replay"],
        "//conditions:default": ["--engine=libfuzzer"],
    }))
    _launcher(name + "_aflpp_run", ":%s_aflpp" % name, there, mutator, ["--engine=aflpp"])
    native.filegroup(
        name = name + "_libfuzzer_alone",
        testonly = 1,
        srcs = [":%s_libfuzzer" % name],
        output_group = "binary",
        tags = ["manual"],
    )
    native.genrule(
        name = name + "_oss_fuzz",
        testonly = 1,
        srcs = [":%s_libfuzzer_alone" % name] + there.values(),
        outs = [name + "_oss_fuzz.tar"],
        cmd = "$(location //bazel:fuzz_package.sh) $@ %s $(location :%s_libfuzzer_alone) %s" %
              (name, name, " ".join(_files(there))),
        tags = ["manual"],
        tools = ["//bazel:fuzz_package.sh"],
        visibility = ["//:__subpackages__"],
    )

def _files(there):
    return ["'--%s=$(locations %s)'" % part for part in there.items()]

def _launcher(name, binary, there, mutator, engine):
    sh_binary(
        name = name,
        testonly = 1,
        srcs = ["//bazel:fuzz_run.sh"],
        args = engine + ["--binary=$(location %s)" % binary] + _files(there) +
               (["--mutator=$(location %s)" % mutator] if mutator else []),
        data = [binary] + there.values() + ([mutator] if mutator else []),
        tags = ["manual"],
    )
