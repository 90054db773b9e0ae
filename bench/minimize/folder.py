#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A folder of crashes of many bugs, and what `daxfuzz minimize` made of it, held against what is known of them.

  folder.py make --programs=DIR --root=DIR --out=DIR --count=N --seed=N [--alone] BUG...
      OUT/crashes has N crashes of each bug; OUT/made.tsv says of each what it is. ROOT has bugs/, corpus/litmus/bugs.
      --alone: whatever N hunts find, also what fails otherwise with all bugs
  folder.py check --programs=DIR --out=DIR
      OUT/findings is exactly one finding for each signature of made.tsv, with exactly its crashes, and in the median at
      most an op longer than the bug's own trace; a Markdown table of them
  folder.py time --programs=DIR --out=DIR
      exec::minimize() of each crash, in the model of its bug alone; Markdown

A crash is found in the model of one bug, and taken if it fails alike in the model of all: what its signature is was
known before anything looked at the folder. Exit code 0; 1 if it is not so; 3 if a program fails.
Read next: crashes_main.cc.
"""
import argparse
import collections
import pathlib
import re
import statistics
import subprocess
import sys

HUNTS = 40     # for each crash that is wanted, at most
SEEDS = 10000  # of one bug, so that no two bugs are hunted with the same programs

Made = collections.namedtuple("Made", "bug length file ops switches protocol signature")
Looked = collections.namedtuple("Looked", "path ops switches protocol signature")


def lines_of(*command, may_die=False):
    """Words of each line that it says. None if it died by a signal, where that may be: a model with a bug does."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if may_die and done.returncode < 0:
        return None
    if done.returncode != 0:
        print(f"folder.py: {command[0]} ended with {done.returncode}", file=sys.stderr)
        sys.exit(3)
    return [line.split("\t") for line in done.stdout.splitlines()]


def looked_at(words):
    return [Looked(path, int(ops), int(switches), *rest) for path, ops, switches, *rest in words]


def look(programs, files, *words):
    return looked_at(lines_of(programs / "look", "--look", *words, *files)) if files else []


def least(args, bug):
    """Ops of the bug's trace: as its header promises, and as the catalogue has it."""
    promised = re.search(r"^Length: *(\d+)$", (args.root / "bugs" / f"{bug}.patch").read_text(), re.M)
    trace = (args.root / "corpus/litmus/bugs" / f"{bug}.daxt").read_text()
    return min(int(promised.group(1)), len(re.findall(r"^T[0-3]:", trace, re.M)))


def crashes_of(args, number, bug):
    """The first of the bug's crashes that fail alike in both models, and of how many they are."""
    where = args.out / "made" / bug
    where.mkdir(parents=True)
    taken, hunts = {}, 0
    while len(taken) < args.count and hunts < (1 if args.alone else HUNTS) * args.count:
        # Alone one by one: what a hunt's model dies of is no crash of an engine's making.
        at_once = 1 if args.alone else args.count
        own = lines_of(args.programs / "crashes" / bug, f"--patch={args.root / 'bugs' / bug}.patch", f"--make={where}",
                       f"--hunts={at_once}", f"--seed={args.seed + SEEDS * number + hunts}", may_die=args.alone)
        if own is None:
            print(f"{bug}: the model dies in a hunt", file=sys.stderr)
        own = looked_at(own or [])
        both = own if args.alone else look(args.programs, [a.path for a in own])
        taken.update((a.path, a) for a, b in zip(own, both) if a[3:] == b[3:])
        hunts += at_once
    if len(taken) < args.count and not args.alone:
        print(f"folder.py: {bug}: of {hunts} hunts {len(taken)} fail alike with all bugs", file=sys.stderr)
        sys.exit(3)
    return list(taken.values())[:args.count], hunts


def make(args):
    (args.out / "crashes").mkdir(parents=True)
    with open(args.out / "made.tsv", "w") as told:
        for number, bug in enumerate(args.bugs):
            crashes, hunts = crashes_of(args, number, bug)
            print(f"{bug}: {len(crashes)} of {hunts} hunts", file=sys.stderr)
            for crash in crashes:
                to = args.out / "crashes" / pathlib.Path(crash.path).name
                if to.exists() and not args.alone:
                    sys.exit(f"folder.py: {to}: a crash of two bugs")
                to.write_bytes(pathlib.Path(crash.path).read_bytes())
                print(bug, least(args, bug), to.name, *crash[1:], sep="\t", file=told)


def made_of(out):
    rows = [line.rstrip("\n").split("\t") for line in open(out / "made.tsv")]
    return [Made(bug, int(length), file, int(ops), int(switches), *rest)
            for bug, length, file, ops, switches, *rest in rows]


def check(args):
    made = made_of(args.out)
    wanted = collections.defaultdict(list)
    for crash in made:
        wanted[crash.protocol, crash.signature].append(crash)
    folders = sorted({path.parent for path in (args.out / "findings").glob("*/*/*")})
    traces = [folder / "minimal.daxt" for folder in folders]
    wrong = [f"{trace}: is not there" for trace in traces if not trace.exists()]
    found = look(args.programs, [trace for trace in traces if trace.exists()])
    times = collections.Counter(it[3:] for it in found)
    wrong += [f"missing: {' '.join(key)}" for key in wanted if times[key] == 0]
    wrong += [f"found {count} times: {' '.join(key)}" for key, count in times.items() if count > 1]
    wrong += [f"of no crash: {' '.join(key)}: {it.path}" for it in found if (key := it[3:]) not in wanted]
    over, rows = [], []
    for it in found:
        crashes = wanted.get(it[3:], [])
        inputs = [line.rstrip("\n").split("\t")[-1].rsplit("/", 1)[-1]
                  for line in open(pathlib.Path(it.path).parent / "inputs.tsv")]
        if sorted(inputs) != sorted(crash.file for crash in crashes):
            wrong.append(f"{it.path}: of other crashes than have its signature")
        if not crashes:
            continue
        length = min(crash.length for crash in crashes)
        over.append(it.ops - length)
        bugs = " ".join(sorted({crash.bug.split("-")[0] for crash in crashes}))
        ops = sorted(crash.ops for crash in crashes)
        rows.append(f"| {it.protocol} | {it.signature} | {bugs} | {len(crashes)} | {ops[0]} to {ops[-1]} | {length} "
                    f"| {it.ops} | {it.switches} |")
    if over and statistics.median(over) > 1:
        wrong.append(f"in the median {statistics.median(over):g} ops longer than the bugs' own traces")
    print("| protocol | signature | bugs | crashes | their ops | bug's own trace | ops | switches |\n"
          "|---|---|---|---|---|---|---|---|")
    print(*rows, sep="\n")
    longer = sum(1 for ops in over if ops > 1)
    print(f"\n{len(made)} crashes of {len({it.bug for it in made})} bugs with {len(wanted)} signatures: {len(found)} "
          f"findings. Ops more than the bug's own trace has: median {statistics.median(over or [0]):g}, most "
          f"{max(over, default=0)}; {len(over) - longer} of {len(over)} at most one.")
    for what in wrong:
        print(f"WRONG: {what}")
    return 1 if wrong else 0


def time(args):
    of = collections.defaultdict(list)
    for crash in made_of(args.out):
        of[crash.bug].append(crash)
    rows, died = [], []
    for bug, crashes in of.items():
        files = [args.out / "made" / bug / crash.file for crash in crashes]
        told = lines_of(args.programs / "crashes" / bug, "--time", *files, may_die=True)
        if told is None:
            died.append(bug)
            continue
        for crash, words in zip(crashes, told):
            ops, switches, ops_left, switches_left, runs, us = map(int, words[1:])
            rows.append((ops, ops_left, ops_left - crash.length, switches, switches_left, runs, us / 1000))
    *columns, times = zip(*rows)
    print("| | least | median | nine of ten | most |\n|---|---|---|---|---|")
    for name, column in zip(("ops of a crash", "ops left", "more than the bug's own trace", "switches of a crash",
                             "switches left", "executions", "milliseconds"), (*columns, times)):
        values = sorted(column)
        told = values[0], statistics.median(values), values[len(values) * 9 // 10], values[-1]
        print(f"| {name} |", " | ".join(f"{value:.1f}" if column == times else f"{value:g}" for value in told), "|")
    print(f"\n{len(rows)} crashes of {len(of) - len(died)} bugs, each in the model of its bug, one after the other.")
    if died:
        print(f"Left out, for their models die of a CHECK on the way: {', '.join(died)}.")
    return 0


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("what", choices=["make", "check", "time"])
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("bugs", nargs="*")
    args = parser.parse_intermixed_args()
    sys.exit({"make": make, "check": check, "time": time}[args.what](args) or 0)


if __name__ == "__main__":
    main()
