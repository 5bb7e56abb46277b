"""Which calls a change touches, as lines of text: what the caller does, hears and will hear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile, zip_longest

from mbflow.flow.canonical import Form, agrees_on_default
from mbflow.model.duration import seconds
from mbflow.model.flow import SafeBody
from mbflow.model.text import Command, listed, plural, printable, shortened
from mbflow.plan.call_comparison import CallExample, ChangedCalls, ToldCall, end_of
from mbflow.plan.model import Change
from mbflow.simulator.caller import Act, Machine, Wait, deed_text
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import Script
from mbflow.simulator.transcript import EndKind
from mbflow.views.steps import NO_DIFFERENCE
from mbflow.views.text import DiffLine, wrap

_TEXT = 60
"""Characters of a text that somebody hears."""
_MOST_TEXTS = 3
"""Texts that are told of one call, from the first that differs on."""
_MOST_NUMBERS = 3
"""Numbers that are named of one call."""
_BEFORE = 12
"""Characters that stay before the first that differs, of a longer text."""
_UNHEARD, _NOT_SO = "nothing at this point", "not so"
"""What stands for a side that has nothing where the other has something."""


def changed_calls_lines(
    change: Change, calls: ChangedCalls | None, more: str = ": plan --calls all"
) -> list[str]:
    """A line with the counts, then some lines for each example; not indented.

    Of an update whose calls were not looked at, just that. `more` says how to see the rest.
    """
    if calls is None:
        return wrap(printable(_unseen(change.name)), "", "  ")
    if not calls.changed and not calls.not_decided:
        before, after = (Form(body or SafeBody({})) for body in (change.before, change.after))
        is_same = agrees_on_default(after, before)
        return [
            NO_DIFFERENCE if is_same else f"its {NO_DIFFERENCE}; which calls come to it changes"
        ]
    lines = wrap(_counts(calls), "", "  ")
    lines += [line.text for example in calls.examples for line in example_lines(example)]
    left = calls.changed - len(calls.examples)
    if left and calls.examples:
        lines.append(f"  and {left} more{more}")
    return lines


def sum_of_calls(every: Iterable[ChangedCalls | None]) -> str:
    """`35 simulated calls: 33 hear the same`; "" where no calls were looked at.

    A kind of call counts as one: callers in it do the same and hear the same.
    """
    found = [one for one in every if one is not None]
    kinds, changed = (sum(getattr(one, name) for one in found) for name in ("kinds", "changed"))
    if not found:
        return ""
    told = plural(kinds, "simulated call")
    if any(one.not_decided for one in found):
        return f"{told}: {changed:,} or more change"
    if not changed:
        return f"{told}: all hear the same" if kinds > 1 else f"{told}: hears the same"
    if changed == kinds:
        return f"{told}: all change" if kinds > 1 else f"{told}: changes"
    same = kinds - changed
    return f"{told}: {same:,} {'hears' if same == 1 else 'hear'} the same"


def _unseen(name: str) -> str:
    """No command on a line of its own: there may be thousands of such updates."""
    command = Command("plan", "--target", name)
    return f"its calls were not looked at, for the plan is large: {command}"


def _counts(calls: ChangedCalls) -> str:
    if calls.not_decided:
        found = f"{calls.changed} or more " if calls.changed else "not decided which "
        return f"{found}kinds of calls change: {calls.not_decided}"
    changed, kinds = calls.changed, calls.kinds
    if changed == kinds:
        every = {1: "every call changes", 2: "both kinds of calls change"}
        return every.get(kinds, f"all {kinds} kinds of calls change")
    return f"{changed} of {kinds} kinds of calls {'changes' if changed == 1 else 'change'}"


def example_lines(example: CallExample) -> Iterator[DiffLine]:
    """What the caller does; then what was heard, or what happened, and what will be."""
    before, after = example.before, example.after
    if before.happens:
        was, will_be = _happenings(example)
        told = f"before: {was}", f"after: {will_be}{_as_before(after)}"
    else:
        told = f"heard {_told(before, after, 0)}", f"will hear {_told(after, before, 1)}"
    for line in wrap(printable(f"{caller_words(example.script)}:"), "  ", "    "):
        yield DiffLine(line, line)
    for sign, side in zip("-+", told, strict=True):
        for line in wrap(printable(side), "    ", "      "):
            yield DiffLine(line, f"{sign}{line[1:]}")


def _happenings(example: CallExample) -> Iterator[str]:
    """What happens in both calls, without what is the same at their beginnings and ends."""
    before, after = example.before.happens, example.after.happens
    for side, other in ((before, after), (after, before)):
        yield ", ".join(_differing(side, other)) or _NOT_SO


def _differing(side: Sequence[str], other: Sequence[str], *, to_end: bool = False) -> Sequence[str]:
    """The part in which a side is another, or all from its beginning on."""
    first = _common(side, other)
    last = min(_common(side[::-1], other[::-1]), len(side) - first, len(other) - first)
    return side[first : len(side) if to_end else len(side) - last]


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many both have in common at their beginnings."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def caller_words(script: Script) -> str:
    """`a caller who presses 2, and 442079460100 does not answer`: what is special about a call."""
    acts = [act for act in script.does if not isinstance(act, Machine)]
    does = listed(map(_did, acts), last="and")
    if len(acts) < len(script.does):
        who = f"an answering machine{f' that {does}' if does else ''}"
    else:
        who = f"a caller who {does or 'does nothing'}"
    others = [f"{to} {_MET[outcome]}" for to, outcome in script.transfers.items()]
    if len(others) > _MOST_NUMBERS:
        others = [f"{others[0]}, nor do {len(others) - 1} more numbers"]
    others += [f"{url} gives no flow" for url in sorted(script.failing)]
    return ", and ".join([who, *others])


_MET = {
    Outcome.ANSWERED: "answers",
    Outcome.BUSY: "does not answer",
    Outcome.NO_ANSWER: "does not answer",
    Outcome.FAILED: "does not answer",
    Outcome.MACHINE: "is answered by a machine",
}


def _did(act: Act) -> str:
    return f"waits {seconds(act.ms)}" if isinstance(act, Wait) else deed_text(act)


_ENDS = {
    EndKind.HANGUP: ("the call was hung up", "the call will be hung up"),
    EndKind.END_OF_FLOW: ("the flow ended", "the flow will end"),
    EndKind.TRANSFERRED: ("was transferred to {}", "will be transferred to {}"),
    EndKind.FETCHED: ("went on with the flow of {}", "will go on with the flow of {}"),
    EndKind.FETCH_FAILED: ("no flow came from {}", "no flow will come from {}"),
    EndKind.MAX_DURATION: ("was cut off ({})", "will be cut off ({})"),
    EndKind.ENDLESS: ("the call went on without end", "the call will go on without end"),
    EndKind.BROKEN: ("the call broke off: {}", "the call will break off: {}"),
}


def _told(call: ToldCall, other: ToldCall, side: int) -> str:
    """What differs of the call, and its end; `side` 0 was, 1 will be."""
    ends_alike = end_of(call) == end_of(other)
    texts, others = (
        _differing(*pair, to_end=not ends_alike)
        for pair in ((call.heard, other.heard), (other.heard, call.heard))
    )
    told = [_quoted(*pair) for pair in zip_longest(texts, others, fillvalue="")][: len(texts)]
    told[_MOST_TEXTS:] = [f"{len(told) - _MOST_TEXTS} more"] if len(told) > _MOST_TEXTS else []
    if ends_alike:
        return (", ".join(told) or _UNHEARD) + (_as_before(call) if side else "")
    if len(texts) < len(call.heard):
        told[:1] = [f"… {told[0] if told else 'the same'}"]
    message = ("left a message", "will leave a message")[side] if call.leaves_message else ""
    return ", ".join(filter(None, [*(told or ["nothing"]), message, f"and {_end(call, side)}"]))


def _end(call: ToldCall, side: int) -> str:
    words = _ENDS.get(call.ending.kind, (call.ending.kind.value,) * 2)[side]
    return words.format(shortened(call.ending.text, _TEXT))


def _as_before(call: ToldCall) -> str:
    return f", and {_end(call, 1)} as before"


def _quoted(text: str, other: str) -> str:
    """Where breaks of lines are all that differs, they are shown."""
    if text.split() != other.split():
        text, other = (" ".join(one.split()) for one in (text, other))
    same = _common(text, other)
    from_where = 0 if same < _TEXT - _BEFORE else text.rfind(" ", 0, same - _BEFORE) + 1
    return f'"{"…" if from_where else ""}{shortened(text[from_where:], _TEXT)}"'
