# SPDX-License-Identifier: GPL-2.0-only
"""table.py [--stable] --executions=N --races=FILE RESULTS TARGET...: what all_targets has come to, as a table.

RESULTS holds of each target TARGET.json (what daxfuzz fuzz --json said), TARGET.log (its stderr) and
TARGET.ended (exit code and seconds); with --stable also TARGET.stats, AFL++'s fuzzer_stats, whose stability has
to be 100 %. Of races those are allowed whose pair of functions FILE has as "load / write". Exit code 1 if a
target failed. Read next: all_targets_test.sh."""

import argparse
import json
import pathlib
import re
import sys

RACE = re.compile(r"^data races: (\d+) runs?: (.*)$")


def races_of(worth):
    """What the target said of races: pairs of functions and in how many runs."""
    found = {}
    for line in worth.splitlines():
        match = RACE.match(line.removeprefix("worth: "))
        if match:
            found[match[2]] = int(match[1])
    return found


def stability_of(path):
    """As AFL++ has it; "-" where it has written nothing down."""
    match = re.search(r"^stability *: (.*)$", path.read_text(), re.M) if path.exists() else None
    return match[1] if match else "-"


def judged(results, target, asked, allowed):
    """The row of a target, and what is wrong with it."""
    code, seconds = (int(word) for word in (results / f"{target}.ended").read_text().split())
    try:
        said = json.loads((results / f"{target}.json").read_text())
    except ValueError:
        return [target, "-", "-", "-", "-", str(seconds)], [f"exit code {code}, and no result"]
    wrong = [f"finding: {f['protocol']}  {f['signature']}  {f['file']}" for f in said["findings"]]
    wrong += [f"the target died: {path}" for path in said["crashes"]]
    if said["execs_done"] < asked:
        wrong.append(f"{said['execs_done']} executions of {asked}")
    races = races_of(said["worth"])
    wrong += [f"data race in {n} runs: {pair}" for pair, n in sorted(races.items()) if pair not in allowed]
    if code != 0 and not wrong:
        wrong.append(f"exit code {code}")
    cells = [said["execs_done"], said["edges_found"], len(said["findings"]) + len(said["crashes"]), len(races), seconds]
    return [target] + [str(cell) for cell in cells], wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--executions", type=int, required=True)
    parser.add_argument("--stable", action="store_true")
    parser.add_argument("--races", type=pathlib.Path, required=True)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("targets", nargs="+")
    args = parser.parse_args()
    allowed = set(re.findall(r'"(\w+ / \w+)"', args.races.read_text()))
    if not allowed:
        sys.exit(f"{args.races}: no pairs of functions in it")
    stable = ["stability"] if args.stable else []
    print("| " + " | ".join(["target", "executions", "edges", "findings", "races", "seconds"] + stable) + " | |")
    print("|---" * (7 + len(stable)) + "|")
    failures = []
    for target in args.targets:
        row, wrong = judged(args.results, target, args.executions, allowed)
        if args.stable:
            row.append(stability_of(args.results / f"{target}.stats"))
            if row[-1] != "100.00%":
                wrong.append(f"stability {row[-1]}")
        print("| " + " | ".join(row + ["FAILED" if wrong else "ok"]) + " |")
        failures += [f"{target}: {what}" for what in wrong]
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
