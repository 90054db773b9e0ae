# SPDX-License-Identifier: GPL-2.0-only
"""The mutants of one C++ file: where they are and how its text holds them all at once.

A walk over clang's syntax tree collects edits; rendering the text with its edits gives a copy in
which each place asks bench/mutation/mutant.h whether its mutant runs. What is left out, and why, is counted.
Read next: edits.py, how they are written; generate.py, which writes the copies and the list."""

import bisect
import collections
import re

from clang.cindex import CursorKind, TypeKind

from edits import BOUND, DROP, LITERAL, NEGATE, SWAP, UNLOCK, WAKE, WAKES, Edit, Text, line_of_text

BOUNDS = {"<": ("lt", "<="), "<=": ("le", "<"), ">": ("gt", ">="), ">=": ("ge", ">")}
LOCKS = {"xas_lock_irq": "xas_unlock_irq", "lock": "unlock", "down_read": "up_read",
         "down_write": "up_write"}
# These tell the oracle what happens; they are no part of the port.
TELLERS = {"begin_write", "end_write", "tell", "counted"}
SWAP_MAX = 600  # characters of a statement that is copied

K = CursorKind
FUNCTIONS = {K.FUNCTION_DECL, K.CXX_METHOD, K.CONSTRUCTOR, K.DESTRUCTOR, K.FUNCTION_TEMPLATE,
             K.CONVERSION_FUNCTION}
JUMPS = {K.BREAK_STMT, K.CONTINUE_STMT}

Mutant = collections.namedtuple("Mutant", "line function operator before after")


class File(Text):
    """The mutants of one parsed file."""

    def __init__(self, unit, path, text, first, refused):
        """first: the number of its first mutant; refused: keys of those that do not compile."""
        super().__init__(path, text)
        self.next, self.refused = first, refused
        self.mutants, self.keys, self.left_out = {}, {}, collections.Counter()
        self.statements, self.seen = {}, set()
        self.function, self.lines = "", [0]
        for match in re.finditer("\n", text):
            self.lines.append(match.end())
        self.macros = []
        for cursor in unit.cursor.get_children():
            if cursor.kind == K.MACRO_INSTANTIATION and self.here(cursor):
                self.macros.append((cursor.extent.start.offset, cursor.extent.end.offset))
        self.macros.sort()
        self.find_functions(unit.cursor)
        self.nest()

    # Positions.

    def here(self, cursor):
        return cursor.location.file is not None and cursor.location.file.name == self.path

    def span(self, cursor):
        """Start and end; a macro at its end is in it as a whole."""
        start, end = cursor.extent.start.offset, cursor.extent.end.offset
        for begin, finish in self.macros:
            if begin < end < finish and start <= begin:
                end = finish
        return start, end

    def in_macro(self, start, end):
        return any(begin <= start and end <= finish for begin, finish in self.macros)

    def after(self, end):
        """Past the semicolon that follows."""
        match = re.compile(r"(\s|//[^\n]*\n)*;").match(self.text, end)
        return match.end() if match else end

    # Mutants.

    def mutant(self, operator, start, before, after):
        """The number of a new mutant, or None if it does not compile."""
        before, after = line_of_text(before), line_of_text(after)
        key = (start, operator, before, after)
        if key in self.refused:
            return None
        line = bisect.bisect_right(self.lines, start)
        number, self.next = self.next, self.next + 1
        self.mutants[number] = Mutant(line, self.function, operator, before, after)
        self.keys[number] = key
        return number

    def edit(self, start, end, kind, ids):
        if any(ids):
            edit = Edit(start, end, kind)
            edit.ids = [number or 0 for number in ids]
            self.edits.append(edit)
            return edit
        return None

    # The walk.

    def find_functions(self, cursor):
        for child in cursor.get_children():
            if child.location.file is not None and not self.here(child):
                continue
            if child.kind in FUNCTIONS and child.is_definition():
                self.walk_function(child)
            elif child.kind in (K.NAMESPACE, K.CLASS_DECL, K.STRUCT_DECL, K.UNEXPOSED_DECL,
                                K.LINKAGE_SPEC):
                self.find_functions(child)

    def walk_function(self, cursor):
        bodies = [c for c in cursor.get_children() if c.kind == K.COMPOUND_STMT]
        if not bodies:
            return
        name = cursor.spelling
        parent = cursor.semantic_parent
        if parent is not None and parent.kind in (K.CLASS_DECL, K.STRUCT_DECL):
            name = parent.spelling + "::" + name
        start = bodies[-1].extent.start.offset
        if re.search(r"\bconst(expr|eval)\b", self.text[cursor.extent.start.offset:start]):
            self.left_out["a constexpr function"] += 1
        elif name in TELLERS:
            self.left_out["a function that tells the oracle"] += 1
        else:
            self.function, self.locks = name, collections.defaultdict(list)
            self.walk(bodies[-1], cursor.result_type)
            self.drop_locks()

    def walk(self, cursor, result):
        """result: what a return statement here returns."""
        start, end = self.span(cursor)
        kind = cursor.kind
        if self.in_macro(start, end):
            self.left_out["within a macro"] += 1
            return
        if kind in FUNCTIONS or kind in (K.CASE_STMT, K.DEFAULT_STMT):
            children = list(cursor.get_children())
            if kind in FUNCTIONS:
                return
            if children:
                self.statement(children[-1])
                self.walk(children[-1], result)
            return
        if kind == K.LAMBDA_EXPR:
            bodies = [c for c in cursor.get_children() if c.kind == K.COMPOUND_STMT]
            for body in bodies:
                self.walk(body, None)
            return
        if kind == K.STATIC_ASSERT:
            return
        if kind == K.VAR_DECL and "constexpr" in self.text[start:end].split("=")[0].split():
            self.left_out["a constexpr value"] += 1
            return
        if self.tells(cursor, start):
            self.left_out["tells the oracle"] += 1
            return
        self.mutate(cursor, kind, start, end, result)
        for child in cursor.get_children():
            self.walk(child, result)

    def tells(self, cursor, start):
        if not cursor.kind.is_expression():
            return False
        text = self.text[start:start + 40]
        return text.startswith("world().observer.") or any(
            text.startswith(name + "(") for name in TELLERS)

    def mutate(self, cursor, kind, start, end, result):
        if (kind, start, end) in self.seen:
            return  # an initialiser has two forms in the tree
        self.seen.add((kind, start, end))
        children = list(cursor.get_children())
        if kind == K.COMPOUND_STMT:
            for child in children:
                self.statement(child)
            self.swaps(children)
        elif kind in (K.IF_STMT, K.WHILE_STMT, K.FOR_STMT, K.DO_STMT, K.SWITCH_STMT,
                      K.CXX_FOR_RANGE_STMT):
            self.control(cursor, kind, start, children)
        elif kind == K.CONDITIONAL_OPERATOR:
            self.negate(children[0])
        elif kind == K.RETURN_STMT and children and result is not None:
            if result.get_canonical().kind == TypeKind.BOOL:
                self.negate(children[0])
        elif kind == K.VAR_DECL and cursor.type.get_canonical().kind == TypeKind.BOOL and children:
            if children[-1].kind.is_expression():
                self.negate(children[-1])
        elif kind == K.BINARY_OPERATOR:
            self.binary(cursor, start, end, children)
        elif kind == K.INTEGER_LITERAL:
            self.literal(start, end)
        elif kind == K.CXX_BOOL_LITERAL_EXPR:
            self.negate(cursor, LITERAL)
        elif kind == K.DECL_REF_EXPR and self.text[start:end] in WAKES:
            word = self.text[start:end]
            self.edit(start, end, WAKE, [self.mutant(WAKE, start, word, WAKES[word])])

    def control(self, cursor, kind, start, children):
        """The condition of an if or a loop, and its branches, which are statements."""
        if kind == K.SWITCH_STMT or kind == K.CXX_FOR_RANGE_STMT:
            if kind == K.CXX_FOR_RANGE_STMT:
                self.statement(children[-1])
            return
        head, tail = self.parens(start if kind != K.DO_STMT else self.span(children[0])[1])
        if kind == K.DO_STMT:
            self.statement(children[0])
            self.negate(children[-1])
            return
        for child in children:
            if self.span(child)[0] > tail:
                self.statement(child)
        if self.text.startswith("if constexpr", start):
            self.left_out["a constexpr condition"] += 1
            return
        inside = [c for c in children if head < self.span(c)[0] < tail]
        if kind == K.FOR_STMT:
            first = self.semicolon(head, tail)
            second = self.semicolon(first, tail)
            inside = [c for c in inside if first < self.span(c)[0] < second]
        if not inside:
            return
        if any(c.kind == K.VAR_DECL for c in inside):
            self.left_out["a condition that declares"] += 1
            return
        self.negate(inside[-1])

    def parens(self, start):
        """Of the first parenthesis on and its counterpart."""
        head = self.text.index("(", start)
        depth = 0
        for i in range(head, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[i], 0)
            if depth == 0:
                return head, i
        raise ValueError("%s: a parenthesis is open" % self.path)

    def semicolon(self, start, end):
        depth = 0
        for i in range(start + 1, end):
            depth += {"(": 1, ")": -1, "{": 1, "}": -1}.get(self.text[i], 0)
            if depth == 0 and self.text[i] == ";":
                return i
        raise ValueError("%s: a for without semicolons" % self.path)

    def negate(self, cursor, operator=NEGATE):
        start, end = self.span(cursor)
        if self.in_macro(start, end) and (start, end) not in self.macros:
            return
        text = self.text[start:end]
        if operator == NEGATE and text in ("true", "false"):
            return  # is a literal
        after = {"true": "false", "false": "true"}.get(text, "!(%s)" % text)
        self.edit(start, end, NEGATE, [self.mutant(operator, start, text, after)])

    def operator_of(self, cursor):
        while cursor.kind == K.UNEXPOSED_EXPR and len(list(cursor.get_children())) == 1:
            cursor = next(cursor.get_children())
        if cursor.kind != K.BINARY_OPERATOR:
            return ""
        left, right = map(self.span, cursor.get_children())
        return re.sub(r"//[^\n]*", "", self.text[left[1]:right[0]]).strip()

    def binary(self, cursor, start, end, children):
        left, right = self.span(children[0]), self.span(children[1])
        operator = self.operator_of(cursor)
        if operator in ("&&", "||"):
            if self.operator_of(children[0]) != operator:  # of a chain each link, and the whole
                self.negate(children[0])
            self.negate(children[1])
        elif operator in BOUNDS:
            text = self.text[start:end]
            after = "%s %s %s" % (self.text[slice(*left)], BOUNDS[operator][1], self.text[slice(*right)])
            made = self.edit(start, end, BOUND, [self.mutant(BOUND, start, text, after)])
            if made:
                made.sides, made.word = (left[1], right[0]), BOUNDS[operator][0]
        elif operator == "=" and cursor.type.get_canonical().kind == TypeKind.BOOL:
            self.negate(children[1])

    def literal(self, start, end):
        text = self.text[start:end]
        up = self.mutant(LITERAL, start, text, text + " + 1")
        down = self.mutant(LITERAL, start, text, text + " - 1") if text.strip("u") != "0" else None
        self.edit(start, end, LITERAL, [up, down])

    # Statements.

    def statement(self, cursor):
        start, end = self.span(cursor)
        kind = cursor.kind
        if kind in (K.COMPOUND_STMT, K.CASE_STMT, K.DEFAULT_STMT, K.NULL_STMT):
            return
        if kind == K.DECL_STMT:
            self.left_out["a declaration"] += 1
            return
        if self.in_macro(start, end):
            self.left_out["a statement that is a macro"] += 1
            return
        if self.tells(cursor, start):
            return  # counted when it is walked
        text = self.text[start:end]
        if text.startswith("sched::yield_point("):
            self.left_out["a yield point"] += 1
            return
        edit = Edit(start, self.after(end), DROP)
        void_return = kind == K.RETURN_STMT and not list(cursor.get_children())
        if kind.is_expression() or kind in JUMPS or void_return:
            drop = self.mutant(DROP, start, text + ";", ";")
            if drop:
                edit.drops.append(drop)
            self.lock_call(text, edit)
        elif kind == K.RETURN_STMT:
            self.left_out["a return of a value"] += 1
            return
        self.edits.append(edit)
        self.statements[start] = edit

    def lock_call(self, text, edit):
        for pair in LOCKS.items():
            for word in pair:
                match = re.fullmatch(r"(?:(.*)(?:\.|->))?%s\((.*)\)" % word, text, re.S)
                if match:
                    what = match.group(1) or match.group(2)
                    self.locks[(pair, what)].append((word, edit))

    def drop_locks(self):
        for (pair, what), calls in self.locks.items():
            if {word for word, _ in calls} != set(pair):
                continue
            start = calls[0][1].start
            number = self.mutant(UNLOCK, start, "%s and %s of %s" % (*pair, what), "neither")
            if number:
                for _, edit in calls:
                    edit.drops.append(number)

    def swaps(self, children):
        for first, second in zip(children, children[1:]):
            one = self.statements.get(self.span(first)[0])
            two = self.statements.get(self.span(second)[0])
            if one is None or two is None:
                continue
            texts = [self.text[edit.start:edit.end] for edit in (one, two)]
            jumps = JUMPS | {K.RETURN_STMT}
            if first.kind in jumps or second.kind in jumps or max(map(len, texts)) > SWAP_MAX:
                self.left_out["a swap with a jump or a long statement"] += 1
            elif not all("(" in text for text in texts) and not self.touch(first, second):
                self.left_out["a swap of what cannot depend on each other"] += 1
            else:
                number = self.mutant(SWAP, one.start, " ".join(texts), " ".join(reversed(texts)))
                if number:
                    one.early = (number, two)
                    two.late = number

    def touch(self, first, second):
        """Both name the same thing."""
        names = [{c.spelling for c in s.walk_preorder() if c.kind in (
            K.DECL_REF_EXPR, K.MEMBER_REF_EXPR)} for s in (first, second)]
        return bool(names[0] & names[1])
