#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh PROGRAM ARGS...: a bug's program as a test. Read next: bug_main.cc.
exec "$@"
