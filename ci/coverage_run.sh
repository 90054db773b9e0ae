#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# bazel run //ci:coverage -- ARGUMENTS: ci/coverage, which builds with Bazel itself, so it runs
# after the outer one has let go and in the checkout.
exec "${BUILD_WORKSPACE_DIRECTORY:?is set by bazel run}/ci/coverage" "$@"
