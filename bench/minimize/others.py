#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The same crashes by others: `daxfuzz minimize FILE`, libFuzzer's -minimize_crash=1 and afl-tmin, one after the other.

  others.py --programs=DIR --out=DIR --files=N [--runs=N]

Of the folder that folder.py made, N files, of as many bugs as there are. The target is the same in all three, the model
with all bugs. Neither of the others asks whether an input fails as the first one did; with `known` their target goes on
after every other failure of the folder (DAXFUZZ_KNOWN), which is the best that they can be told. libFuzzer has --runs
executions to find a smaller input, then again for the next; afl-tmin ends by itself. Markdown; exit code 0, or 3 if a
program fails. Read next: folder.py, README.md.
"""
import argparse
import collections
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

import folder

SECONDS = 300  # for one file; what takes longer is cut short, and counted

Result = collections.namedtuple("Result", "ops switches same seconds executions")


def timed(command, log, **environment):
    """Seconds, and what it said; in a group of its own, so that all of it ends."""
    start = time.monotonic()
    with open(log, "wb") as to:
        running = subprocess.Popen([str(word) for word in command], stdout=to, stderr=subprocess.STDOUT,
                                   env={**os.environ, **environment}, start_new_session=True)
        try:
            running.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
    return time.monotonic() - start, re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))  # bar colours


def executions(pattern, text):
    return sum(int(number) for number in re.findall(pattern, text))


class Sample:
    def __init__(self, args):
        self.programs, self.out, self.runs = args.programs, args.out / "others", args.runs
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        self.made = folder.made_of(args.out)
        by_bug = collections.defaultdict(list)
        for crash in self.made:
            by_bug[crash.bug].append(crash)
        turns = [crash for turn in zip(*by_bug.values()) for crash in turn]
        step = max(1, len(by_bug) // args.files)
        self.crashes = turns[::step][:args.files]
        self.folder = args.out / "crashes"

    def result(self, crash, file, seconds, executed):
        """Of the file that a minimiser left; of the crash itself if it left none."""
        it, = folder.look(self.programs, [file if file.exists() else self.folder / crash.file],
                          f"--protocol={crash.protocol}")
        return Result(it.ops, it.switches, (it.protocol, it.signature) == (crash.protocol, crash.signature), seconds,
                      executed)

    def known(self, crash):
        path = self.out / f"{crash.file}.known"
        rows = {(it.protocol, it.signature) for it in self.made} - {(crash.protocol, crash.signature)}
        path.write_text("".join(f"{protocol}\t{signature}\n" for protocol, signature in sorted(rows)))
        return {"DAXFUZZ_KNOWN": str(path.resolve())}

    def daxfuzz(self, crash):
        seconds, said = timed([self.programs / "daxfuzz", "minimize", "--quiet", f"--out={self.out}",
                               self.folder / crash.file], self.out / "log")
        made = self.out / f"{crash.file}.min.daxt"
        if not made.exists():
            print(said, file=sys.stderr)
            sys.exit(3)
        return self.result(crash, made, seconds, executions(r"(\d+) executions", said))

    def libfuzzer(self, crash, **environment):
        to = self.out / f"{crash.file}.libfuzzer"
        seconds, said = timed([self.programs / "libfuzzer", "-minimize_crash=1", "-seed=1", f"-runs={self.runs}",
                               "-print_final_stats=1", f"-exact_artifact_path={to}", self.folder / crash.file],
                              self.out / "log", DAXFUZZ_PROTOCOL=crash.protocol, UBSAN_OPTIONS="symbolize=0",
                              **environment)
        if "CRASH_MIN: minimizing crash input" not in said:
            print(said, file=sys.stderr)
            sys.exit(3)
        # An input that fails is run once more in a process of its own, and the last step finds none.
        executed = (executions(r"stat::number_of_executed_units: (\d+)", said) +
                    said.count("CRASH_MIN: minimizing crash input") + ("no crashes found" in said) * self.runs)
        result = self.result(crash, to, seconds, executed)
        to.unlink(missing_ok=True)
        return result

    def tmin(self, crash, **environment):
        to = self.out / f"{crash.file}.tmin"
        seconds, said = timed(["afl-tmin", "-i", self.folder / crash.file, "-o", to, "-t", "1000", "-m", "none", "--",
                               self.programs / "aflpp"], self.out / "log", DAXFUZZ_PROTOCOL=crash.protocol,
                              **environment)
        if "Number of execs done" not in said and seconds < SECONDS:
            print(said, file=sys.stderr)
            sys.exit(3)
        result = self.result(crash, to, seconds, executions(r"Number of execs done : (\d+)", said))
        to.unlink(missing_ok=True)
        return result


def row(name, results, ours):
    middle = {key: statistics.median(getattr(it, key) for it in results) for key in Result._fields}
    ratio = {key: statistics.median(getattr(it, key) / getattr(own, key) for it, own in zip(results, ours))
             for key in ("ops", "seconds")}
    cut = sum(1 for it in results if it.seconds > SECONDS)
    print(f"| {name} | {middle['ops']:g} | {ratio['ops']:.1f} | {middle['switches']:g} | {middle['seconds']:.2f} "
          f"| {ratio['seconds']:.1f} | {middle['executions']:g} | {sum(it.same for it in results)} of {len(results)} |"
          + (f" {cut} cut short |" if cut else ""), flush=True)


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--files", type=int, required=True)
    parser.add_argument("--runs", type=int, default=10000)
    args = parser.parse_args()
    sample = Sample(args)
    print("| | ops left | times ours | switches | seconds | times ours | executions | fails as it did |\n"
          "|---|---|---|---|---|---|---|---|")
    ours = [sample.daxfuzz(crash) for crash in sample.crashes]
    row("`daxfuzz minimize FILE`", ours, ours)
    others = {"libFuzzer `-minimize_crash=1`": sample.libfuzzer}
    if shutil.which("afl-tmin") and (args.programs / "aflpp").exists():
        others["`afl-tmin`"] = sample.tmin
    for name, minimise in others.items():
        row(name, [minimise(crash) for crash in sample.crashes], ours)
        row(name + ", known", [minimise(crash, **sample.known(crash)) for crash in sample.crashes], ours)
    if len(others) == 1:
        print("\nNo afl-tmin here, or no aflpp among the programs.")
    sizes = [crash.ops for crash in sample.crashes]
    print(f"\nMedians of {len(sizes)} crashes of {min(sizes)} to {max(sizes)} ops.")


if __name__ == "__main__":
    main()
