# SPDX-License-Identifier: GPL-2.0-only
# Re-exports Bazel's built-in rules under the labels that today's rule sets have.

load(":defs.bzl", _r = "cc_binary")

cc_binary = _r
