# SPDX-License-Identifier: GPL-2.0-only
"""trace_corpus: compiles .daxt files into the bytes that the engines mutate.

The result is one folder with one file a trace, for a cc_fuzz_test's corpus. The
corpus is kept as text only; bytes never enter the tree. Read next:
trace/compile_main.cc, the compiler."""

load(":instrumentation.bzl", "no_instrumentation")

def _trace_corpus_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    args = ctx.actions.args()
    args.add_all([out], expand_directories = False)
    args.add_all(ctx.files.srcs)
    ctx.actions.run(
        outputs = [out],
        inputs = ctx.files.srcs,
        executable = ctx.attr._compile[0][DefaultInfo].files_to_run,
        arguments = [args],
        mnemonic = "TraceCorpus",
        progress_message = "Compiling traces of %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = [out]))]

trace_corpus = rule(
    implementation = _trace_corpus_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".daxt"], allow_empty = False, mandatory = True),
        "_compile": attr.label(default = "//trace:compile", executable = True, cfg = no_instrumentation),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
