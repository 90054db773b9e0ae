# SPDX-License-Identifier: GPL-2.0-only
"""asked(binary, engine, instrumentation, sanitizer): that target as with these of rules_fuzzing's flags on the command
line, so that one test can look at several. Read next: flags_test.sh."""

_FLAGS = ["@rules_fuzzing//fuzzing:cc_engine" + flag for flag in ["", "_instrumentation", "_sanitizer"]]

def _asked(_settings, attr):
    return dict(zip(_FLAGS, [attr.engine, attr.instrumentation, attr.sanitizer]))

_transition = transition(implementation = _asked, inputs = [], outputs = _FLAGS)

def _impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    built = ctx.attr.binary[0][DefaultInfo].files_to_run.executable
    ctx.actions.symlink(output = out, target_file = built, is_executable = True)
    return [DefaultInfo(executable = out, files = depset([out]))]

asked = rule(
    implementation = _impl,
    attrs = {
        "binary": attr.label(mandatory = True, executable = True, cfg = _transition),
        "engine": attr.string(mandatory = True),
        "instrumentation": attr.string(mandatory = True),
        "sanitizer": attr.string(mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    executable = True,
)
