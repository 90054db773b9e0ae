# SPDX-License-Identifier: GPL-2.0-only
# Re-exports Bazel's built-in rules under the labels that today's rule sets have.

cc_common_native = cc_common
CcInfo_native = CcInfo
