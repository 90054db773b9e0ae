# SPDX-License-Identifier: GPL-2.0-only
"""The text of a file with its edits: each place asks bench/mutation/mutant.h whether its mutant runs.

An edit is a range of the text and the numbers of the mutants that are there; edits nest.
Read next: mutants.py, which finds them."""

import re

NEGATE, DROP, SWAP, BOUND, LITERAL, WAKE, UNLOCK = (
    "negate", "drop", "swap", "bound", "literal", "wake", "unlock")
WAKES = {"WAKE_NEXT": "WAKE_ALL", "WAKE_ALL": "WAKE_NEXT"}


def line_of_text(text, most=120):
    """One line, without comments, at most so long."""
    text = " ".join(re.sub(r"//[^\n]*", "", text).split())
    return text if len(text) <= most else text[:most - 3] + "..."


class Edit:
    """A range of the text that is written otherwise, with the numbers of its mutants."""

    def __init__(self, start, end, kind):
        self.start, self.end, self.kind = start, end, kind
        self.ids, self.inner = [], []
        self.drops, self.early, self.late = [], None, None  # of a statement
        self.sides = None  # of a bound: (end of the left one, start of the right one)


class Text:
    """A file's text and its edits."""

    def __init__(self, path, text):
        self.path, self.text, self.edits = path, text, []

    def nest(self):
        self.edits = [e for e in self.edits if e.kind != DROP or e.drops or e.early or e.late]
        self.edits.sort(key=lambda e: (e.start, -e.end, e.kind != DROP, e.kind != NEGATE))
        self.roots, open_ = [], []
        for edit in self.edits:
            while open_ and open_[-1].end <= edit.start:
                open_.pop()
            if open_ and edit.end > open_[-1].end:
                raise ValueError("%s: edits cross at %d" % (self.path, edit.start))
            (open_[-1].inner if open_ else self.roots).append(edit)
            open_.append(edit)

    def rendered(self):
        return self.render(0, len(self.text), self.roots)

    def render(self, start, end, edits):
        out, at = [], start
        for edit in edits:
            if edit.start < start or edit.end > end:
                continue
            out += [self.text[at:edit.start], self.written(edit)]
            at = edit.end
        return "".join(out) + self.text[at:end]

    def written(self, edit):
        if edit.kind == DROP:
            return self.written_statement(edit)
        inner = self.render(edit.start, edit.end, edit.inner)
        if edit.kind == NEGATE:
            return "mut::neg(%d, static_cast<bool>(%s))" % (edit.ids[0], inner)
        if edit.kind == LITERAL:
            return "mut::off(%d, %d, %s)" % (*edit.ids, inner)
        if edit.kind == WAKE:
            return "mut::other(%d, %s, %s)" % (edit.ids[0], inner, WAKES[inner])
        left, right = edit.sides
        return "mut::%s(%d, %s, %s)" % (edit.word, edit.ids[0],
                                        self.render(edit.start, left, edit.inner),
                                        self.render(right, edit.end, edit.inner))

    def written_statement(self, edit):
        core = self.core(edit)
        if edit.late:
            core = "if (mut::late(%d)) %s" % (edit.late, core)
        if edit.early:
            number, other = edit.early
            # On one line, so that the lines of the copy are those of the file.
            copy = " ".join(re.sub(r"//[^\n]*", "", self.core(other)).split())
            core = "if (mut::early(%d)) %s %s" % (number, copy, core)
        return "{ %s }" % core

    def core(self, edit):
        text = self.render(edit.start, edit.end, edit.inner)
        if not edit.drops:
            return "{ %s }" % text
        return "{ if (mut::keep(%s)) %s }" % (", ".join("%du" % i for i in edit.drops), text)
