# SPDX-License-Identifier: GPL-2.0-only
"""Transitions that build a target with an instrumentation of its own.

Whatever --config the command line asks for, such a target is built once, in one
output folder: host and exec tools would otherwise inherit the sanitizer, be
rebuilt at each change of config and check the tool instead of the code. Read
next: bazel/fuzz.bzl and bazel/corpus.bzl, the two users."""

_INSTRUMENTATION = ["asan", "tsan", "libfuzzer", "edges", "afl"]

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

# For tools that run while building.
no_instrumentation = transition(implementation = _none, inputs = _INPUTS, outputs = _OUTPUTS)
