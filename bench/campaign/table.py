#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The tables of docs/campaigns.md from what `campaigns` left: table.py [--write=PAGE] OPTIONS OUT PROTOCOL...

--findings=DIR is corpus/findings, --switches=PAGE is docs/protocols.md. Of each protocol OUT has
PROTOCOL.txt, what campaign printed; PROTOCOL.causes, what causes says of the first program of each
signature, minimised; PROTOCOL.fixed, the same of the model with all fixes. With --write the tables
under the page's headings "### `PROTOCOL`" are replaced; what else is there stays.
"""
import pathlib
import re
import sys

HEADER = "| programs | signature | ops | with all fixes | findings with this signature / a switch that mends it |"
CURES_SHOWN = 3
# In this order where protocols are named, and which kernels came after one.
PROTOCOLS = "legacy60", "legacy", "upstream", "upstream71", "v1", "entry_ref", "zap"
AFTER = {"legacy60": PROTOCOLS[1:4], "legacy": PROTOCOLS[2:4], "upstream": PROTOCOLS[3:4], "upstream71": ()}


class Bad(Exception):
    """What cannot be made a table, and why."""


def counted(text):
    """What campaign printed: {signature: programs}, and its last count, "N of M programs failed"."""
    rows, total = {}, None
    for line in text.splitlines():
        if match := re.fullmatch(r" *(\d+)  (\S+)  (.+)", line):
            rows[match[3]] = int(match[1])
        elif match := re.fullmatch(r"(\d+) of (\d+) programs failed", line):
            total = int(match[1]), int(match[2])
    if total is None or sum(rows.values()) != total[0]:
        raise Bad(f"counts add up to {sum(rows.values())}, expected {total}: the campaign was cut short")
    return rows, total


def causes(plain, fixed):
    """{signature: (ops, verdict with all fixes, [cures])} from the two outputs, line by line the same files."""
    rows = {}
    plain, fixed = plain.splitlines(), fixed.splitlines()
    if len(plain) != len(fixed):
        raise Bad(f"causes tells of {len(plain)} traces without fixes and of {len(fixed)} with them")
    for line, mended in zip(plain, fixed):
        fields = line.split("  ")
        if len(fields) != 4:
            raise Bad(f"expected 'protocol  signature  N ops  cures', found '{line}'")
        signature, ops = fields[1], int(fields[2].removesuffix(" ops"))
        cures = [] if fields[3] == "no single switch" else fields[3].split(", ")
        end = mended.split("  ")[1]
        rows[signature] = ops, "passes" if end == "pass" else "the same" if end == signature else end, cures
    return rows


def recorded(folder):
    """{(protocol, signature): [findings]} of what the headers of corpus/findings expect."""
    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.daxt")):
        own = None
        said = []
        for line in path.read_text().splitlines():
            if match := re.fullmatch(r"protocol +(\S+)", line):
                own = match[1]
            elif match := re.fullmatch(r"# verdict +FAIL (.+)", line):
                said.append((None, match[1]))
            elif match := re.fullmatch(r"# expect +(?:without=\S+ +)?(\w+) +FAIL (.+)", line):
                said.append((match[1], match[2]))
            elif match := re.fullmatch(r"# also +(\w+) +(.+)", line):
                said.append((match[1], match[2]))
        for protocol, signature in said:
            names = found.setdefault((protocol or own, signature), [])
            if path.stem not in names:
                names.append(path.stem)
    return found


def switches(page):
    """{protocol: {"switch=value", ...}} of the first table of docs/protocols.md."""
    lines = (line for line in page.splitlines() if line.startswith("| "))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    if not rows or rows[0][0] != "switch" or not set(rows[0][1:]) >= set(PROTOCOLS):
        raise Bad("expected the page of switches to begin with the table of all protocols")
    values = {protocol: set() for protocol in rows[0][1:]}
    for cells in rows[1:]:
        if match := re.fullmatch(r"\[(\w+)\]\(#\1\)", cells[0]):
            for protocol, value in zip(rows[0][1:], cells[1:]):
                values[protocol].add(f"{match[1]}={value}")
    return values


def cured(protocol, cures, values):
    """Switches that mend it, those of a later kernel first, with its name."""
    later = AFTER.get(protocol, ("upstream", "upstream71"))
    by = {cure: next((kernel for kernel in later if cure in values[kernel]), None) for cure in cures}
    shown = sorted(cures, key=lambda cure: by[cure] is None)[:CURES_SHOWN]
    return " or ".join(cure + (f" (as {by[cure]})" if by[cure] else "") for cure in shown)


def elsewhere(protocol, signature, mended, findings):
    """What a row stands for whose signature no finding has here, and which no switch mends alone."""
    def named(is_one):
        found = {}
        for (other, said), names in findings.items():
            if is_one(other, said):
                for name in names:
                    found.setdefault(name, set()).add(other)
        return ", ".join(f"{name} ({', '.join(p for p in PROTOCOLS if p in found[name])})" for name in sorted(found))

    rule = signature.split(" in ")[0]
    if names := named(lambda other, said: said == signature):
        return "elsewhere: " + names
    if mended == "the same":
        return "the protocol's own"
    if names := named(lambda other, said: other == protocol and said.split(" in ")[0] == rule) or named(
            lambda other, said: said.split(" in ")[0] == rule):
        return "in another function: " + names
    return "no finding breaks this rule; a fix mends it"


def table(protocol, out, findings, values):
    def read(ending):
        return (pathlib.Path(out) / f"{protocol}.{ending}").read_text()

    counts, (failed, of) = counted(read("txt"))
    why = causes(read("causes"), read("fixed"))
    if missing := counts.keys() - why.keys():
        raise Bad(f"{protocol}: nothing is known of the causes of {sorted(missing)}")
    lines = [f"{failed:,} of {of:,} failed.", "", HEADER, "|---|---|---|---|---|"]
    for signature in sorted(counts):
        ops, mended, cures = why[signature]
        last = ", ".join(findings.get((protocol, signature), []))
        if cures:
            last += (" / " if last else "") + cured(protocol, cures, values)
        last = last or elsewhere(protocol, signature, mended, findings)
        lines.append(f"| {counts[signature]:,} | {signature} | {ops} | {mended} | {last} |")
    return "\n".join(lines) + "\n"


def replaced(page, protocol, text):
    """The page with the table under the heading of the protocol replaced."""
    pattern = rf"(### `{protocol}`\n\n)[\d,]+ of [\d,]+ failed\.\n\n(?:\|.*\n)+"
    new, times = re.subn(pattern, lambda m: m[1] + text, page)
    if times != 1:
        raise Bad(f"expected one heading '### `{protocol}`' with a table, found {times}")
    return new


def main(arguments):
    flags = dict(a[2:].split("=", 1) for a in arguments if a.startswith("--") and "=" in a)
    words = [a for a in arguments if not a.startswith("--")]
    if set(flags) - {"write"} != {"findings", "switches"} or len(words) < 2:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    out, protocols = words[0], words[1:]
    try:
        findings = recorded(flags["findings"])
        values = switches(pathlib.Path(flags["switches"]).read_text())
        tables = {protocol: table(protocol, out, findings, values) for protocol in protocols}
        if "write" in flags:
            page = pathlib.Path(flags["write"])
            text = page.read_text()
            for protocol, rows in tables.items():
                text = replaced(text, protocol, rows)
            page.write_text(text)
    except (Bad, OSError) as error:
        print(f"table: {error}", file=sys.stderr)
        return 3
    for protocol, rows in tables.items():
        print(f"### `{protocol}`\n\n{rows}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
