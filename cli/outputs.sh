# SPDX-License-Identifier: GPL-2.0-only
# For tests that run campaigns: what a campaign has found outlives the test, in its undeclared outputs, which Bazel
# packs as test.outputs/outputs.zip.

# keep_findings NAME OUT SAID: the findings below OUT, and SAID, which has their reports, as NAME/. Nothing if
# nothing was found or nobody collects.
keep_findings() {
  local to=${TEST_UNDECLARED_OUTPUTS_DIR:-}
  [ -n "$to" ] && [ -n "$(find "$2/findings" -type f 2>/dev/null)" ] || return 0
  mkdir -p "$to/$1"
  cp -r "$2/findings" "$to/$1/"
  cp "$3" "$to/$1/reports.txt"
}
# kept NAME: the files of findings that are there, and whether a report is.
kept() {
  find "${TEST_UNDECLARED_OUTPUTS_DIR:?}/$1/findings" -type f -name '*.daxt' 2>/dev/null | wc -l
  grep -c '^BUG: DAXFUZZ: ' "$TEST_UNDECLARED_OUTPUTS_DIR/$1/reports.txt" 2>/dev/null || true
}
