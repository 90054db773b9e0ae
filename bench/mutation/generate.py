# SPDX-License-Identifier: GPL-2.0-only
"""generate.py --out=DIR NAME=SOURCE...: copies of C++ files that hold all their mutants at once.

NAME ("model/wait.cc") is what the list calls the file, SOURCE the text that is taken. Writes
DIR/BASENAME for each, and DIR/mutants.tsv: a row a mutant, then how many were left out and why.
Each copy is compiled (to a syntax tree) before it is written; a mutant that does not compile is
left out. Read next: mutants.py, mutant.h."""

import argparse
import collections
import os
import re
import subprocess
import sys

from clang.cindex import Diagnostic, Index, TranslationUnit

import mutants

INCLUDE = '#include "bench/mutation/mutant.h"'
# As for the port, but a number that was constant may be narrowed where it no longer is.
FLAGS = ["-x", "c++", "-std=c++23", "-I.", "-w", "-Wno-c++11-narrowing"]
ROUNDS_MAX = 40


def parse(index, source, text):
    return index.parse(source, args=FLAGS, unsaved_files=[(source, text)],
                       options=TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD)


def errors(unit):
    """(line, column, text), values that outlive the unit."""
    return [(d.location.line, d.location.column, str(d)) for d in unit.diagnostics
            if d.severity >= Diagnostic.Error]


def copy_of(file):
    """Its lines are the file's: the include takes the place of the first, a comment."""
    first, rest = file.rendered().split("\n", 1)
    if not first.startswith("//"):
        raise ValueError("%s: the first line is no comment" % file.path)
    return INCLUDE + "\n" + rest


def culprit(text, error):
    """The mutant whose call begins last before the error, or else first after it on its line."""
    number, column, _ = error
    line = text.split("\n")[number - 1]
    calls = [(match.start(), int(match.group(1))) for match in re.finditer(r"mut::\w+\((\d+)", line)]
    before = [call for call in calls if call[0] < column]
    return (before[-1:] or calls[:1] or [(0, None)])[0][1]


def generate(index, source, first):
    """The file's mutants, all of which compile, and its copy."""
    with open(source, encoding="utf-8") as stream:
        text = stream.read()
    unit = parse(index, source, text)
    if errors(unit):
        raise ValueError("%s: %s" % (source, errors(unit)[0][2]))
    refused = set()
    for _ in range(ROUNDS_MAX):
        file = mutants.File(unit, source, text, first, refused)
        copy = copy_of(file)
        wrong = errors(parse(index, source, copy))
        if not wrong:
            file.left_out["does not compile"] += len(refused)
            return file, copy
        number = culprit(copy, wrong[0])
        if number is None:
            raise ValueError("%s: no mutant's: %s" % (source, wrong[0][2]))
        refused.add(file.keys[number])
        if os.environ.get("MUTATE_VERBOSE"):
            print(file.mutants[number], wrong[0][2], file=sys.stderr)
    raise ValueError("%s: too many mutants that do not compile" % source)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("files", nargs="+", metavar="NAME=SOURCE")
    settings = parser.parse_args()
    resources = subprocess.run(["clang-19", "-print-resource-dir"], capture_output=True, text=True,
                               check=True).stdout.strip()
    FLAGS.append("-resource-dir=" + resources)
    index, first = Index.create(), 1
    occurrences, left_out = collections.Counter(), collections.Counter()
    os.makedirs(settings.out, exist_ok=True)
    with open(os.path.join(settings.out, "mutants.tsv"), "w", encoding="utf-8") as table:
        table.write("# The mutants of this build, by generate.py.\n"
                    "id\tfile\tline\tfunction\toperator\toccurrence\tbefore\tafter\n")
        for pair in settings.files:
            name, source = pair.split("=")
            file, copy = generate(index, source, first)
            first = file.next
            left_out += file.left_out
            for number, mutant in sorted(file.mutants.items()):
                key = (mutant.function, mutant.operator, mutant.before, mutant.after)
                occurrences[key] += 1
                table.write("%d\t%s\t%d\t%s\t%s\t%d\t%s\t%s\n" % (
                    number, name, mutant.line, mutant.function, mutant.operator, occurrences[key],
                    mutant.before, mutant.after))
            with open(os.path.join(settings.out, os.path.basename(name)), "w",
                      encoding="utf-8") as out:
                out.write(copy)
        for reason, count in sorted(left_out.items()):
            table.write("# left out: %d\t%s\n" % (count, reason))


if __name__ == "__main__":
    main()
