# SPDX-License-Identifier: MIT
"""Evaluate a memory model written in cat, the language of herd7, on one execution.

As much of the language as the kernel's linux-kernel.bell and linux-kernel.cat
use. A model is a list of statements that name sets of events and relations
between them, and of checks; here sets are Set, relations are Rel.
"""

import itertools
import re

TOKEN = re.compile(r"""\s+|\(\*.*?\*\)|//[^\n]*|"[^"]*" | (?P<t>
    [A-Za-z_][\w.-]* | \^-1 | '[\w-]+ | \|\| | [|;\\&*?+~=()\[\]{},:])""", re.S | re.X)
CHECKS = ("acyclic", "irreflexive", "empty")
STATEMENTS = CHECKS + ("let", "flag", "include", "enum", "instructions")


class Set(frozenset):
    """Events."""


class Rel(frozenset):
    """Pairs of events."""

    def then(self, other):
        after = {}
        for a, b in other:
            after.setdefault(a, []).append(b)
        return Rel((a, c) for a, b in self for c in after.get(b, ()))

    def closure(self):
        found = self
        while more := found.then(self) - found:
            found = Rel(found | more)
        return found

    def reflexive(self):
        return any(a == b for a, b in self)


def tokens(text):
    at, found = 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise SyntaxError(f"cat: {text[at:at + 40]!r}")
        if match.group("t"):
            found.append(match.group("t"))
        at = match.end()
    return found


class Parser:
    """Statements and expressions as nested tuples."""

    BINARY = ("|", ";", "\\", "&")    # from the loosest to the tightest

    def __init__(self, text):
        self.left = tokens(text)

    def peek(self):
        return self.left[0] if self.left else None

    def take(self, *wanted):
        token = self.left.pop(0)
        if wanted and token not in wanted:
            raise SyntaxError(f"cat: {token!r} where {wanted} belongs")
        return token

    def accept(self, token):
        return self.peek() == token and bool(self.take())

    def statements(self):
        while self.left:
            word = self.take(*STATEMENTS)
            if word == "let":
                yield self.bindings()
            elif word in ("flag", *CHECKS):
                yield self.check(word)
            else:
                # Declarations for the programs, and a file for those with locks.
                while self.left and self.peek() not in STATEMENTS:
                    self.take()

    def check(self, word):
        flag = word == "flag"
        if flag:
            self.take("~")
            word = self.take("empty")
        expression = self.expression()
        self.take("as")
        return ("flag" if flag else word, expression, self.take())

    def bindings(self):
        recursive, found = self.accept("rec"), []
        while True:
            name, parameter = self.take(), None
            if self.accept("("):
                parameter = self.take()
                self.take(")")
            self.take("=")
            found.append((name, parameter, self.expression()))
            if not self.accept("and"):
                return ("let", recursive, found)

    def expression(self, level=0):
        if self.accept("let"):
            bindings = self.bindings()
            self.take("in")
            return ("in", bindings, self.expression())
        if level == len(self.BINARY):
            return self.product()
        found = self.expression(level + 1)
        while self.accept(self.BINARY[level]):
            found = (self.BINARY[level], found, self.expression(level + 1))
        return found

    def starts_operand(self):
        token = self.left[1] if len(self.left) > 1 else None
        return bool(token) and token not in (*STATEMENTS, "in", "and", "as") \
            and bool(re.match(r"[\w(\[~]", token))

    def product(self):
        found = self.unary()
        while self.peek() == "*" and self.starts_operand():
            self.take()
            found = ("product", found, self.unary())
        return found

    def unary(self):
        if self.accept("~"):
            return ("~", self.unary())
        if self.accept("["):
            found = ("identity", self.expression())
            self.take("]")
        elif self.accept("("):
            found = self.expression()
            self.take(")")
        else:
            found = ("name", self.take())
            if self.accept("("):
                found = ("call", found[1], self.expression())
                self.take(")")
        while self.peek() in ("?", "+", "^-1") or (
                self.peek() == "*" and not self.starts_operand()):
            found = (self.take() + "postfix", found)
        return found


class Model:
    """What a model says of executions."""

    def __init__(self, *texts):
        self.program = [s for text in texts for s in Parser(text).statements()]

    def judge(self, events, names):
        """The flags raised by an allowed execution; None if it is forbidden."""
        env, flags = Environment(events, names), set()
        for kind, *rest in self.program:
            if kind == "let":
                env.bind(*rest)
                continue
            expression, name = rest
            found = env.value(expression)
            if kind == "flag":
                flags |= {name} if found else set()
            elif kind == "empty" and found or kind != "empty" and (
                    found.closure() if kind == "acyclic" else found).reflexive():
                return None
        return flags


class Environment:
    """Names and their values; the functions of the language."""

    def __init__(self, events, names):
        self.events, self.names = Set(events), dict(names)
        self.identity = Rel((e, e) for e in events)

    def bind(self, recursive, bindings):
        if not recursive:
            for name, parameter, body in bindings:
                self.names[name] = (parameter, body) if parameter else self.value(body)
            return
        for name, _, _ in bindings:
            self.names[name] = Rel()
        while True:
            before = [self.names[name] for name, _, _ in bindings]
            for name, _, body in bindings:
                self.names[name] = self.value(body)
            if before == [self.names[name] for name, _, _ in bindings]:
                return

    def call(self, name, value):
        if name == "domain":
            return Set(a for a, _ in value)
        if name == "range":
            return Set(b for _, b in value)
        po = self.names["po"]
        if name == "fencerel":
            return Rel((a, b) for a, b in po if b in value).then(po)
        if name == "different-values":
            return Rel((a, b) for a, b in value if a.value != b.value)
        parameter, body = self.names[name]
        inner = Environment(self.events, {**self.names, parameter: value})
        return inner.value(body)

    def value(self, node):
        kind, *rest = node
        if kind == "name":
            return self.names[rest[0]]
        if kind == "call":
            return self.call(rest[0], self.value(rest[1]))
        if kind == "in":
            inner = Environment(self.events, self.names)
            inner.bind(*rest[0][1:])
            return inner.value(rest[1])
        return self.operator(kind, [self.value(part) for part in rest])

    def operator(self, kind, parts):
        left, right = parts if len(parts) == 2 else (parts[0], None)
        if kind == "|":
            return type(left or right)(left | right)
        if kind == ";":
            return left.then(right)
        if kind in "\\&":
            return type(left)(left - right if kind == "\\" else left & right)
        if kind == "product":
            return Rel(itertools.product(left, right))
        if kind == "identity":
            return Rel((e, e) for e in left)
        if kind == "~":
            every = self.events if isinstance(left, Set) else itertools.product(
                self.events, repeat=2)
            return type(left)(set(every) - left)
        if kind == "^-1postfix":
            return Rel((b, a) for a, b in left)
        closed = left if kind == "?postfix" else left.closure()
        return closed if kind == "+postfix" else Rel(closed | self.identity)
