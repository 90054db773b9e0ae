# SPDX-License-Identifier: GPL-2.0-only
"""Transitions that build a target with an instrumentation of its own.

Whatever --config the command line asks for, such a target is built once, in one
output folder: host and exec tools would otherwise inherit the sanitizer, be
rebuilt at each change of config and check the tool instead of the code. Read
next: bazel/fuzz.bzl and bazel/corpus.bzl, the two users."""

_INSTRUMENTATION = ["asan", "ubsan", "tsan", "libfuzzer", "edges", "afl"]

# Words of rules_fuzzing's flags, and features of bazel/toolchain. asan has UBSan with it everywhere here.
ENGINE_FEATURES = {"none": [], "libfuzzer": ["libfuzzer"], "aflpp": ["afl"]}
SANITIZER_FEATURES = {"none": [], "asan": ["asan"], "asan-ubsan": ["asan"], "ubsan": ["ubsan"], "tsan": ["tsan"]}

_INPUTS = ["//command_line_option:features"]
_OUTPUTS = _INPUTS + ["//command_line_option:platform_suffix"]

def _replaced(settings, instrumentation):
    kept = [f for f in settings["//command_line_option:features"] if f not in _INSTRUMENTATION]
    return {
        "//command_line_option:features": kept + instrumentation,
        "//command_line_option:platform_suffix": "",
    }

def _own(settings, attr):
    return _replaced(settings, attr.instrumentation)

# For a rule with an attribute instrumentation: exactly what that lists.
own_instrumentation = transition(implementation = _own, inputs = _INPUTS, outputs = _OUTPUTS)

def _none(settings, _attr):
    return _replaced(settings, [])

_ENGINE, _SANITIZER = [
    "@rules_fuzzing//fuzzing:cc_engine_instrumentation",
    "@rules_fuzzing//fuzzing:cc_engine_sanitizer",
]

def _asked(settings, _attr):
    return _replaced(settings, SANITIZER_FEATURES[settings[_SANITIZER]] + ENGINE_FEATURES[settings[_ENGINE]])

# What rules_fuzzing's flags say.
asked_instrumentation = transition(
    implementation = _asked,
    inputs = _INPUTS + [_ENGINE, _SANITIZER],
    outputs = _OUTPUTS,
)

def _word_flag_impl(ctx):
    if ctx.build_setting_value not in ctx.attr.words:
        fail("--%s: expected one of %s, found '%s'" %
             (ctx.label, ", ".join(ctx.attr.words), ctx.build_setting_value))

word_flag = rule(
    implementation = _word_flag_impl,
    build_setting = config.string(flag = True),
    attrs = {"words": attr.string_list(mandatory = True)},
)

# For tools that run while building.
no_instrumentation = transition(implementation = _none, inputs = _INPUTS, outputs = _OUTPUTS)
