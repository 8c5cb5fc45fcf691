# SPDX-License-Identifier: MIT
"""Litmus tests in C, as herd7 reads them: parse one, and list its executions.

As much of the language as the tests in docs/litmus use: marked and plain accesses
of variables, fences, registers, expressions of constants and registers, if. What
else there is raises NotSupported. An execution says which write each read takes
its value from (rf) and in which order the writes of a variable come (co).
"""

import collections
import dataclasses
import itertools
import re

from catmodel import Rel, Set

FENCES = {"smp_mb": "Mb", "smp_rmb": "Rmb", "smp_wmb": "Wmb", "barrier": "Barrier"}
SETS = """Once Release Acquire Noreturn Mb Rmb Wmb Barrier Rcu-lock Rcu-unlock Sync-rcu
    Before-atomic After-atomic After-spinlock After-unlock-lock After-srcu-read-unlock
    Srcu-lock Srcu-unlock Sync-srcu RMW LKR LKW UL LF RL RU""".split()
TOKEN = re.compile(r"\s*([A-Za-z_]\w*|\d+|==|!=|&&|\|\||[-+*&|^<>!~(){};=,])")
ALLOWED = re.compile(r"[\w\s()=!<>&|^+*-]*")


class NotSupported(Exception):
    """A construct that this reader does not know."""


@dataclasses.dataclass(eq=False)
class Event:
    """An access or a fence: kind R, W, IW or F; mark as in the model."""

    kind: str
    mark: str = None
    var: str = None
    value: int = None
    thread: int = None
    data: set = dataclasses.field(default_factory=set)
    ctrl: set = dataclasses.field(default_factory=set)


Outcome = collections.namedtuple("Outcome", "events registers")
Execution = collections.namedtuple("Execution", "events names state")


class Test:
    """A litmus test: threads as lists of statements, and the final condition."""

    def __init__(self, text):
        # (* begins a comment; in WRITE_ONCE(*x, 1) it does not.
        text = re.sub(r"\(\*\s.*?\*\)|//[^\n]*|^locations \[.*?\]", "", text,
                      flags=re.S | re.M)
        self.name = re.match(r"C ([\w.+-]+)\s", text).group(1)
        head = re.search(r"\{([^}]*)\}", text)
        self.init = {}
        for item in filter(None, map(str.strip, head.group(1).split(";"))):
            found = re.fullmatch(r"(?:int )?(\w+) ?= ?(\d+)", item)
            if not found:
                raise NotSupported(item)
            self.init[found.group(1)] = int(found.group(2))
        parts = re.split(r"^exists\b", text[head.end():], flags=re.M)
        if len(parts) != 2:
            raise NotSupported("what is not one exists clause")
        body, self.condition = parts
        parts = re.split(r"P\d+\([^)]*\)", body)[1:]
        self.threads = [Statements(part).block() for part in parts]
        self.values = {int(n) for n in re.findall(r"\b\d+\b", body)} | {0, *self.init.values()}

    def executions(self):
        threads = [[Outcome(*o) for o in Runner(self.values, number).run(thread)]
                   for number, thread in enumerate(self.threads)]
        for outcomes in itertools.product(*threads):
            yield from self.join(outcomes)

    def join(self, outcomes):
        events = [e for o in outcomes for e in o.events]
        names = sorted({e.var for e in events if e.var} | set(self.init))
        writes = {v: [Event("IW", None, v, self.init.get(v, 0))] for v in names}
        for e in events:
            if e.kind == "W":
                writes[e.var].append(e)
        reads = [e for e in events if e.kind == "R"]
        sources = [[w for w in writes[r.var] if w.value == r.value] for r in reads]
        orders = [[(writes[v][0], *p) for p in itertools.permutations(writes[v][1:])]
                  for v in names]
        for order in itertools.product(*orders):
            state = {o[-1].var: o[-1].value for o in order}
            for number, outcome in enumerate(outcomes):
                state |= {f"{number}:{r}": v for r, v in outcome.registers.items()}
            co = Rel(p for o in order for p in itertools.combinations(o, 2))
            every = [o[0] for o in order] + events
            for chosen in itertools.product(*sources):
                rf = Rel(zip(chosen, reads))
                yield Execution(every, relations(every, outcomes, rf, co), state)

    def holds(self, state):
        """The condition, of a final state."""
        def value(match):
            name, number = match.groups()
            if name not in state:
                raise NameError(f"{self.name}: {name} is not known")
            return f" ({state[name]} == {number}) "
        text = re.sub(r"((?:\d+:)?[A-Za-z]\w*) *= *(\d+)", value, self.condition)
        text = text.replace("/\\", " and ").replace("\\/", " or ").replace("~", " not ")
        if not re.fullmatch(r"(\d|and|or|not|[()=\s])*", text):
            raise NotSupported(self.condition)
        return eval(text.strip(), {"__builtins__": {}})


class Statements:
    """The statements of a thread as tuples."""

    def __init__(self, text):
        self.left, self.plain, at = [], 0, 0
        text = text.strip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise NotSupported(text[at:at + 20])
            self.left.append(match.group(1))
            at = match.end()

    def until(self, end):
        """Tokens up to one that is not in brackets."""
        found, depth = [], 0
        while depth or self.left[0] != end:
            depth += {"(": 1, ")": -1}.get(self.left[0], 0)
            found.append(self.left.pop(0))
        self.left.pop(0)
        return found

    def block(self):
        found = []
        self.left.pop(0)
        while self.left[0] != "}":
            found += self.statement()
        self.left.pop(0)
        return found

    def body(self):
        return self.block() if self.left[0] == "{" else self.statement()

    def statement(self):
        if self.left[0] == "if":
            del self.left[:2]
            reads, condition = self.hoist(" ".join(self.until(")")))
            then, other = self.body(), []
            if self.left and self.left[0] == "else":
                self.left.pop(0)
                other = self.body()
            return [*reads, ("if", condition, then, other)]
        tokens = self.until(";")
        if tokens[0] == "int":
            tokens = tokens[1:]
            if "=" not in tokens:
                return []
        text = " ".join(tokens)
        if found := re.fullmatch(r"((?:\* )?\w+ =) (.*)", text):
            reads, right = self.hoist(found.group(2))
            return [*reads, self.simple(f"{found.group(1)} {right}")]
        return [self.simple(text)]

    def hoist(self, text):
        """Plain reads of variables in an expression as statements before it."""
        reads = []

        def register(match):
            self.plain += 1
            reads.append(("read", None, match.group(1), f"plain{self.plain}"))
            return f"plain{self.plain}"
        return reads, re.sub(r"(?<![\w),] )(?<!\( )\* (\w+)", register, text)

    @staticmethod
    def simple(text):
        if found := re.fullmatch(r"(\w+) \( \)", text):
            if found.group(1) in FENCES:
                return ("fence", FENCES[found.group(1)])
        if found := re.fullmatch(r"WRITE_ONCE \( \* (\w+) , (.*) \)", text):
            return ("write", "Once", found.group(1), found.group(2))
        if found := re.fullmatch(r"smp_store_release \( (\w+) , (.*) \)", text):
            return ("write", "Release", found.group(1), found.group(2))
        if found := re.fullmatch(r"\* (\w+) = (.*)", text):
            return ("write", None, found.group(1), found.group(2))
        if found := re.fullmatch(r"(\w+) = READ_ONCE \( \* (\w+) \)", text):
            return ("read", "Once", found.group(2), found.group(1))
        if found := re.fullmatch(r"(\w+) = smp_load_acquire \( (\w+) \)", text):
            return ("read", "Acquire", found.group(2), found.group(1))
        if (found := re.fullmatch(r"(\w+) = (.*)", text)) and ALLOWED.fullmatch(found.group(2)):
            return ("let", None, found.group(1), found.group(2))
        raise NotSupported(text)


class Runner:
    """All ways through one thread, whatever its reads return."""

    def __init__(self, values, thread):
        self.values, self.thread = values, thread

    def run(self, statements):
        for events, registers in self.step(list(statements), [], {}, set()):
            yield events, {name: value for name, (value, _) in registers.items()}

    def evaluate(self, text, registers):
        """(value, the reads it depends on)"""
        if not ALLOWED.fullmatch(text) or re.search(r"[a-zA-Z]\w* \(", text):
            raise NotSupported(text)
        used = re.findall(r"\b[A-Za-z_]\w*", text)
        for name in used:
            if name not in registers:
                raise NotSupported(f"{name} in {text}")
        value = eval(text.replace("&&", " and ").replace("||", " or "),
                     {"__builtins__": {}}, {n: registers[n][0] for n in used})
        return int(value), set().union(*(registers[n][1] for n in used))

    def step(self, left, events, registers, ctrl):
        """Execute what is left; ctrl: reads that decided to come here."""
        if not left:
            yield events, registers
            return
        (kind, *words), rest = left[0], left[1:]
        if kind == "leave":
            yield from self.step(rest, events, registers, words[0])
        elif kind == "if":
            value, sources = self.evaluate(words[0], registers)
            arm = words[1] if value else words[2]
            yield from self.step([*arm, ("leave", ctrl), *rest], events, registers,
                                 ctrl | sources)
        elif kind == "fence":
            fence = Event("F", words[0], thread=self.thread, ctrl=ctrl)
            yield from self.step(rest, [*events, fence], registers, ctrl)
        elif kind == "read":
            mark, var, register = words
            for value in sorted(self.values):
                e = Event("R", mark, var, value, self.thread, ctrl=ctrl)
                yield from self.step(rest, [*events, e], registers | {register: (value, {e})},
                                     ctrl)
        elif kind == "write":
            mark, var, text = words
            value, sources = self.evaluate(text, registers)
            e = Event("W", mark, var, value, self.thread, sources, ctrl)
            yield from self.step(rest, [*events, e], registers, ctrl)
        else:
            _, register, text = words
            found = self.evaluate(text, registers)
            yield from self.step(rest, events, registers | {register: found}, ctrl)


def relations(events, outcomes, rf, co):
    """The sets and relations that a model starts from."""
    def some(test):
        return Set(e for e in events if test(e))

    def pairs(test):
        return Rel((a, b) for a in events for b in events if test(a, b))
    po = Rel(p for o in outcomes for p in itertools.combinations(o.events, 2))
    internal = pairs(lambda a, b: a.thread == b.thread and a.thread is not None)
    ext = pairs(lambda a, b: a.thread != b.thread or a.thread is None and a is not b)
    loc = pairs(lambda a, b: a.var == b.var and a.var is not None)
    fr = Rel((a, b) for a, b in Rel((r, w) for w, r in rf).then(co) if a is not b)
    names = {name: Set() for name in SETS}
    for mark in {e.mark for e in events} - {None}:
        names[mark] = some(lambda e, mark=mark: e.mark == mark)
    return names | {
        "R": some(lambda e: e.kind == "R"), "W": some(lambda e: e.kind in ("W", "IW")),
        "M": some(lambda e: e.kind != "F"), "IW": some(lambda e: e.kind == "IW"),
        "F": some(lambda e: e.kind == "F"),
        "po": po, "rf": rf, "co": co, "fr": fr, "int": internal, "ext": ext, "loc": loc,
        "id": Rel((e, e) for e in events), "po-loc": Rel(po & loc), "rmw": Rel(), "addr": Rel(),
        "data": Rel((s, e) for e in events for s in e.data),
        "ctrl": Rel((s, e) for e in events for s in e.ctrl),
        **{name + side: Rel(rel & where) for name, rel in (("rf", rf), ("co", co), ("fr", fr))
           for side, where in (("i", internal), ("e", ext))},
    }


def verdict(test, model):
    """(Never, Sometimes or Always; the flags) over all executions allowed."""
    yes = no = 0
    flags = set()
    for execution in test.executions():
        raised = model.judge(execution.events, execution.names)
        if raised is None:
            continue
        flags |= raised
        if test.holds(execution.state):
            yes += 1
        else:
            no += 1
    return ("Always" if yes and not no else "Sometimes" if yes else "Never"), flags
