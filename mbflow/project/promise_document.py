"""The promises of `mbflow.yaml`: made from plain data, and what no schema can say of them.

Pure. Variables stay references until a promise is decided in an environment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mbflow.model.duration import milliseconds
from mbflow.model.flow import Json, Path
from mbflow.model.problem import Problem, Severity
from mbflow.model.project import Variable
from mbflow.model.promise import AtMost, Before, CanReach, Claim, Every, Promise, SilentCaller
from mbflow.model.text import did_you_mean, listed, shortened
from mbflow.project.variables import fill
from mbflow.schema.messages import Mistake

VERBS = ("can_reach", "silent_caller", "before", "every", "at_most")
_BESIDE = {"before": "heard", "every": "destination"}
"""Verbs that need a second key."""
_ANY = "any"
_DESTINATION = re.compile(r"(?:\+?[0-9]+|(?:sips?|client):[^\s*]*)\*?", re.IGNORECASE)
_REFERENCE = re.compile(r"\$\{[^{}]*\}")
_WITH_REFERENCE = re.compile(r"[^\s*]+\*?")


def parse_promises(
    stated: Sequence[Mapping[str, Any]], place: Callable[[Path], tuple[int, int]]
) -> tuple[Promise, ...]:
    """The promises of a document that fits the schema and has none of the mistakes below."""
    return tuple(
        Promise(
            name=of["name"],
            flows=_normal(of["flows"]),
            claim=_claim(of),
            level=Severity(of.get("level", "error")),
            exceptions={_normal(one["flow"]): one["reason"] for one in of.get("except", ())},
            allow_undecided=of.get("allow_undecided", False),
            place=place(("promises", number)),
        )
        for number, of in enumerate(stated)
    )


def _normal(name: str) -> str:
    """As names of flows are written: one sign for a letter with its accent."""
    return unicodedata.normalize("NFC", name)


def _claim(of: Mapping[str, Any]) -> Claim:
    if "can_reach" in of:
        stated = of["can_reach"]
        numbers = _several(stated.get("transfer", _ANY))
        numbers = () if _ANY in numbers else numbers
        return CanReach(stated.get("action", "transfer"), numbers, _within_ms(stated))
    if "silent_caller" in of:
        return SilentCaller(tuple(of["silent_caller"]["ends"]), _within_ms(of["silent_caller"]))
    if "before" in of:
        heard = of["heard"]
        return Before(of["before"]["action"], _several(heard["text"]), heard.get("whole", True))
    if "every" in of:
        return Every(of["every"]["action"], _several(of["destination"]))
    return AtMost(of["at_most"].get("options"), of["at_most"].get("menus"))


def _within_ms(of: Mapping[str, Any]) -> int | None:
    return milliseconds(of["within"]) if "within" in of else None


def _several(stated: str | Sequence[str]) -> tuple[str, ...]:
    return (stated,) if isinstance(stated, str) else tuple(stated)


def promise_mistakes(
    stated: Sequence[Mapping[str, Any]], variables: Mapping[str, Variable]
) -> Iterator[Mistake]:
    """What the schema cannot say. `variables` are those of all environments."""
    first: dict[str, int] = {}
    for number, of in enumerate(stated):
        path: Path = ("promises", number)
        if first.setdefault(of["name"], number) != number:
            message = f'Another promise has the name "{shortened(of["name"], 60)}". Change one.'
            yield Mistake((*path, "name"), message)
        yield from _verb_mistakes(of, path)
        yield from _destination_mistakes(of, path)
        claims: Json = {key: of[key] for key in (*VERBS, *_BESIDE.values()) if key in of}
        for problem in fill(claims, variables, unset=Severity.WARNING).problems:
            if problem.severity is Severity.ERROR:
                yield Mistake((*path, *problem.path), problem.message)


def _verb_mistakes(of: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
    verbs = [verb for verb in VERBS if verb in of]
    if len(verbs) != 1:
        said = f"this one has {listed(verbs, last='and')}" if verbs else "this one has none"
        yield Mistake(path, f"A promise makes one claim; {said}. Write one of {listed(VERBS)}.")
    for verb, beside in _BESIDE.items():
        if verb in of and beside not in of:
            yield Mistake((*path, verb), f"{verb} needs {beside} beside it.", at_key=True)
        elif beside in of and verb not in of:
            yield Mistake((*path, beside), f"{beside} belongs to {verb}: add that.", at_key=True)
    reach = of.get("can_reach")
    if reach is not None and ("transfer" in reach) == ("action" in reach):
        yield Mistake((*path, "can_reach"), "can_reach needs either transfer or action.")
    if "at_most" in of and not of["at_most"]:
        yield Mistake((*path, "at_most"), "at_most needs options, menus, or both.")


def _destination_mistakes(of: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
    places: dict[Path, Any] = {("destination",): of.get("destination", ())}
    places[("can_reach", "transfer")] = of.get("can_reach", {}).get("transfer", ())
    for below, value in places.items():
        numbers = {below: value} if isinstance(value, str) else {}
        numbers = numbers or {(*below, place): one for place, one in enumerate(value)}
        words = (_ANY,) if "transfer" in below else ()
        for place, number in numbers.items():
            if number not in words and not _is_destination(number):
                message = (
                    f'"{shortened(number, 60)}" is not a destination.{did_you_mean(number, words)} '
                    "Write a number in digits, a sip: address or a client: name, or how it begins "
                    'with a * at its end: "44207946*".'
                )
                yield Mistake((*path, *place), message)


def _is_destination(text: str) -> bool:
    filled = _REFERENCE.sub("1", text)  # a variable may hold the sip: of an address
    return bool((_DESTINATION if filled == text else _WITH_REFERENCE).fullmatch(filled))


def resolve(
    promise: Promise, variables: Mapping[str, Variable]
) -> tuple[Promise, tuple[Problem, ...]]:
    """The promise with the values of one environment, and what is wrong with them.

    A secret stands as `${name}`, whether or not it has a value here.
    """
    fields: Json = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in promise.claim._asdict().items()
    }
    known = {name: _with_stand_in(variable) for name, variable in variables.items()}
    filled = fill(fields, known, unset=Severity.ERROR)
    safe: Any = filled.safe
    values = {name: _frozen(value) for name, value in safe.items()}
    return promise._replace(claim=type(promise.claim)(**values)), filled.problems


def _with_stand_in(variable: Variable) -> Variable:
    if variable.secret and variable.value is None:
        return replace(variable, value=f"${{{variable.name}}}")
    return variable


def _frozen(value: Any) -> Any:
    return tuple(map(str, value)) if isinstance(value, list) else value
