"""What is live in two environments, side by side: what one would get if it became like the other.

Pure. Values of variables that differ by design are put back as `${name}` first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, agrees_on_default, is_alike, same
from mbflow.flow.edits import edits
from mbflow.model.flow import Json, SafeBody, steps_in
from mbflow.model.project import Variable
from mbflow.model.route import Route
from mbflow.plan.model import Change, ChangeKind
from mbflow.project.variables import as_text

_TELLING = 6
"""A shorter value stands in a flow by chance."""


class Side(NamedTuple):
    """What is live in one environment."""

    name: str
    place: str
    """For messages: `production (https://voice.messagebird.com)`."""
    flows: Mapping[str, SafeBody]
    """By name, without markers and service fields."""
    ids: frozenset[str] = frozenset()
    """Of all flows of the account."""
    variables: Mapping[str, Variable] = {}
    routes: Mapping[str, Route] = {}
    numbers: Mapping[str, tuple[str, ...]] = {}
    """Name of a flow to the numbers that lead to it now."""


class VariableDifference(NamedTuple):
    """A variable whose values differ by design."""

    name: str
    source: Json
    """Its value in the environment to become like; None where it has none, or is secret."""
    target: Json
    is_secret: bool = False


class NumbersDifference(NamedTuple):
    """A flow to which numbers lead in one environment only, without those at two flows."""

    flow: str
    source: tuple[str, ...]
    target: tuple[str, ...]


class NumberAtTwo(NamedTuple):
    """A number that both environments have, and that leads to other flows in each."""

    number: str
    source: tuple[str, ...]
    target: tuple[str, ...]


class CalendarDifference(NamedTuple):
    """A route by a calendar that numbers of one environment only have."""

    calendar: str
    flows: tuple[str, ...]
    environment: str


class Comparison(NamedTuple):
    source: Side
    """What the other would become like."""
    target: Side
    changes: tuple[Change, ...]
    """What would become of each flow of the target."""
    same: int
    numbers: tuple[NumbersDifference, ...] = ()
    at_two: tuple[NumberAtTwo, ...] = ()
    calendars: tuple[CalendarDifference, ...] = ()
    variables: tuple[VariableDifference, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything does but values that differ by design."""
        return bool(self.changes or self.numbers or self.at_two or self.calendars)


def compare_environments(source: Side, target: Side) -> Comparison:
    """Every flow by its name, then the numbers and calendars by the flows that they lead to."""
    variables = tuple(_variables(source, target))
    values = {
        one.name: (as_text(one.target), as_text(one.source))
        for one in variables
        if one.source is not None and one.target is not None and not one.is_secret
    }
    names = sorted({*source.flows, *target.flows})
    found = [_change(name, source, target, values) for name in names]
    changes = tuple(change for change in found if change is not None)
    at_two = tuple(_at_two(source, target))
    return Comparison(
        source,
        target,
        changes,
        len(names) - len(changes),
        tuple(_numbers(source, target, {one.number for one in at_two})),
        at_two,
        tuple(_calendars(source, target)),
        variables,
        (*_notes(source, target), *_foreign(source, target, values)),
    )


Values = Mapping[str, tuple[str, str]]
"""Name of a variable to its text in the target and in the source."""


def _change(name: str, source: Side, target: Side, values: Values) -> Change | None:
    after, before = source.flows.get(name), target.flows.get(name)
    title = str(((after if after is not None else before) or SafeBody({})).get("title") or "")
    if before is None:
        return Change(name, ChangeKind.CREATE, title=title, after=after)
    if after is None:
        return Change(name, ChangeKind.DELETE, title=title, before=before)
    before, after = by_design(before, after, values)
    shown, wanted = Form(before), Form(after)
    if is_alike(wanted, shown) and agrees_on_default(wanted, shown):
        return None
    changed = edits(shown, wanted, align(shown, wanted))
    return Change(name, ChangeKind.UPDATE, "", title, before, after, changed)


def by_design(before: SafeBody, after: SafeBody, values: Values) -> tuple[SafeBody, SafeBody]:
    """Both bodies with `${name}` where they differ just as the values of variables do."""
    if not values:
        return before, after
    alignment = align(Form(before), Form(after))
    first: list[Json] = [*steps_in(before)]
    second: list[Json] = [*steps_in(after)]
    for old, new in alignment.pairs:
        first[old], second[new] = _put_back(first[old], second[new], values)
    shown, wanted = dict(before), dict(after)
    for key in (shown.keys() & wanted.keys()) - {"steps"}:
        shown[key], wanted[key] = _put_back(shown[key], wanted[key], values)
    return SafeBody({**shown, "steps": first}), SafeBody({**wanted, "steps": second})


def _put_back(before: Json, after: Json, values: Values) -> tuple[Json, Json]:
    if isinstance(before, dict) and isinstance(after, dict):
        one, two = dict(before), dict(after)
        for key in one.keys() & two.keys():
            one[key], two[key] = _put_back(one[key], two[key], values)
        return one, two
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [_put_back(one, two, values) for one, two in zip(before, after, strict=True)]
        return [one for one, _ in pairs], [two for _, two in pairs]
    if isinstance(before, dict | list) or isinstance(after, dict | list) or same(before, after):
        return before, after
    template = _template(as_text(before), as_text(after), values)
    return (before, after) if template is None else (template, template)


def _template(before: str, after: str, values: Values) -> str | None:
    """The text of which both are made; None where they differ in more than values."""
    longest = sorted(values.items(), key=lambda one: -len(one[1][0]))
    made, at, to = "", 0, 0
    while at < len(before) or to < len(after):
        for name, (old, new) in longest:
            if before.startswith(old, at) and after.startswith(new, to):
                made, at, to = f"{made}${{{name}}}", at + len(old), to + len(new)
                break
        else:
            if before[at : at + 1] != after[to : to + 1]:
                return None
            made, at, to = made + before[at], at + 1, to + 1
    return made


def _variables(source: Side, target: Side) -> Iterator[VariableDifference]:
    for name in sorted({*source.variables, *target.variables}):
        one, two = source.variables.get(name), target.variables.get(name)
        own, other = (variable.value if variable else None for variable in (one, two))
        if not same(own, other):
            is_secret = any(variable.secret for variable in (one, two) if variable)
            shown = (None, None) if is_secret else (own, other)
            yield VariableDifference(name, *shown, is_secret)


def _at_two(source: Side, target: Side) -> Iterator[NumberAtTwo]:
    one, two = _leads(source), _leads(target)
    for number in sorted(one.keys() & two.keys()):
        if one[number] != two[number]:
            yield NumberAtTwo(number, one[number], two[number])


def _leads(side: Side) -> dict[str, tuple[str, ...]]:
    """Each number with the names of the flows that it leads to."""
    found: dict[str, tuple[str, ...]] = {}
    for name, numbers in sorted(side.numbers.items()):
        for number in numbers:
            found[number] = (*found.get(number, ()), name)
    return found


def _numbers(source: Side, target: Side, told: set[str]) -> Iterator[NumbersDifference]:
    for name in sorted({*source.numbers, *target.numbers}):
        sides = source.numbers.get(name, ()), target.numbers.get(name, ())
        one, two = (tuple(number for number in side if number not in told) for side in sides)
        if not all(sides) and (one or two):
            yield NumbersDifference(name, one, two)


def _calendars(source: Side, target: Side) -> Iterator[CalendarDifference]:
    routes = {side.name: {*_routes(side.routes.values())} for side in (source, target)}
    for side, other in ((source, target), (target, source)):
        for calendar, flows in sorted(routes[side.name] - routes[other.name]):
            yield CalendarDifference(calendar, flows, side.name)


def _routes(routes: Iterable[Route]) -> Iterator[tuple[str, tuple[str, ...]]]:
    return ((route.calendar, route.flows) for route in routes if route.calendar)


def _foreign(source: Side, target: Side, values: Values) -> Iterator[str]:
    """Where the target has the source's own value: written out, or from the wrong environment."""
    for flow, body in target.flows.items():
        text = json.dumps(body, ensure_ascii=False)
        for name, (_, own) in values.items():
            if len(own) >= _TELLING and re.search(rf"(?<!\w){re.escape(own)}(?!\w)", text):
                yield f"{flow} of {target.name} holds what ${{{name}}} is in {source.name}"


def _notes(source: Side, target: Side) -> Iterator[str]:
    both = source.ids & target.ids
    if both:
        yield (
            f"{source.name} and {target.name} are the same account: {len(both)} of its flows were "
            "read twice"
        )
    for side in (source, target):
        if side.ids and not side.flows:
            yield f"the lock names no flow of {side.name}: nothing was applied there from here yet"
