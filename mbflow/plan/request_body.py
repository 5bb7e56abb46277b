"""The body that is sent: what the file says, with markers, and with what must not get lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mbflow.flow.alignment import Alignment
from mbflow.flow.canonical import condition_form, same
from mbflow.flow.vocabulary import (
    unknown_of_condition,
    unknown_of_step,
    unknown_options,
    unknown_top,
)
from mbflow.model.flow import Body, Json, RawBody, options_in, steps_in
from mbflow.plan.markers import Marker, account_bits, name_bits, read_marker

# Named with their empty value when git dropped them, so that a service that merges unsets them.
_SPELLED_OUT: dict[str, Json] = {"title": "", "record": False, "maxDuration": 0}


@dataclass(frozen=True, slots=True)
class Naming:
    """Whose markers a body gets."""

    project: str
    identity: str
    name: str

    def marker(self, number: int) -> str:
        account = account_bits(self.project, self.identity)
        return str(Marker(account, name_bits(self.name), number))


def body_for_create(desired: RawBody, naming: Naming) -> RawBody:
    """What POST sends: every step without an id of its own gets a marker."""
    body = RawBody({name: value for name, value in desired.items() if value is not None})
    steps = steps_in(desired)
    body["steps"] = [*_named(steps, {j: j for j in range(len(steps))}, naming)]
    return body


def body_for_update(
    desired: RawBody, live: RawBody, alignment: Alignment, naming: Naming
) -> RawBody:
    """What PUT sends: the whole flow.

    Steps that are still there keep the number of their marker; new ones take the lowest free.
    What mbflow has no name for goes back as it came.
    """
    wanted = {name: value for name, value in desired.items() if value is not None}
    body = RawBody({**unknown_top(live), **wanted})
    for name, empty in _SPELLED_OUT.items():
        if live.get(name) and name not in body:
            body[name] = empty
    if desired.get("default") is None and live.get("default") is not None:
        body["default"] = live["default"]
    body["steps"] = list(_marked_steps(desired, live, alignment.live_of, naming))
    return body


def _marked_steps(
    desired: Body, live: Body, live_of: Mapping[int, int], naming: Naming
) -> Iterator[Json]:
    wanted, found = steps_in(desired), steps_in(live)
    numbers = _numbers(wanted, found, live_of)
    for j, step in enumerate(_named(wanted, numbers, naming)):
        yield _with_unknown(step, found[live_of[j]] if j in live_of else None)


def _numbers(wanted: list[Body], found: list[Body], live_of: Mapping[int, int]) -> dict[int, int]:
    """Desired index to marker number, for the steps that get a marker."""
    numbers: dict[int, int] = {}
    taken: set[int] = set()
    for j in _unnamed(wanted):
        old = read_marker(found[live_of[j]].get("id")) if j in live_of else None
        if old and old.number not in taken:
            numbers[j] = old.number
            taken.add(old.number)
    free = (number for number in range(len(wanted) + len(taken)) if number not in taken)
    return {j: numbers[j] if j in numbers else next(free) for j in _unnamed(wanted)}


def _unnamed(steps: list[Body]) -> list[int]:
    """Indexes of the steps that get a marker: those without an id of their own.

    Where every step has one, the first gives its own up: without a marker nothing but the lock
    would tell whose the live flow is.
    """
    return [j for j, step in enumerate(steps) if not step.get("id")] or [0][: len(steps)]


def _named(steps: list[Body], numbers: Mapping[int, int], naming: Naming) -> list[Body]:
    """The steps with all their ids, as they are sent."""
    markers = {j: naming.marker(numbers[j]) for j in _unnamed(steps)}
    given_up = {steps[j]["id"]: name for j, name in markers.items() if steps[j].get("id")}
    named = []
    for j, step in enumerate(steps):
        named.append({"id": markers.get(j) or step["id"], **_without_id(step)})
        if step.get("onKeypressGoto") in given_up:
            named[j]["onKeypressGoto"] = given_up[step["onKeypressGoto"]]
    return named


def _with_unknown(step: Body, old: Body | None) -> Body:
    if old is None:
        return step
    step = {**unknown_of_step(old), **step}
    conditions, known = step.get("conditions"), old.get("conditions")
    if isinstance(conditions, list) and isinstance(known, list):
        step["conditions"] = [_condition_with_unknown(one, known) for one in conditions]
    strange = unknown_options(old) if old.get("action") == step.get("action") else {}
    if strange:
        step["options"] = {**strange, **options_in(step)}
    return step


def _condition_with_unknown(condition: Json, known: list[Json]) -> Json:
    same_one = (one for one in known if same(condition_form(one), condition_form(condition)))
    old = next(same_one, None)
    return {**unknown_of_condition(old), **condition} if isinstance(condition, dict) else condition


def _without_id(step: Body) -> Body:
    return {name: value for name, value in step.items() if name != "id"}
