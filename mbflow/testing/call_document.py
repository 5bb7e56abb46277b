"""What a call file holds, as `Call` values: schema first, then what a schema cannot say.

Pure: takes plain data, gives calls and what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mbflow.model.duration import milliseconds
from mbflow.model.flow import Json, Path, RawBody, SafeBody
from mbflow.model.problem import Problem, Severity
from mbflow.model.project import Environment
from mbflow.model.text import did_you_mean, listed, shortened
from mbflow.project.variables import fill, names_in
from mbflow.schema.messages import Mistake, SourceText, mistakes
from mbflow.schema.validator import is_valid
from mbflow.simulator.replies import Outcome
from mbflow.simulator.transcript import EndKind
from mbflow.testing.call import (
    Expectations,
    ExpectedCall,
    ExpectedEnd,
    Fetched,
    Inline,
    parse_acts,
)

_EXPECTATIONS = ("hears", "never_hears", "variables", "ends", "within")


def further_mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Everything beyond the schema, in the order of the file."""
    first: dict[str, int] = {}
    for place, call in enumerate(document["calls"]):
        path: Path = ("calls", place)
        if first.setdefault(call["name"], place) != place:
            name = shortened(call["name"], 60)
            message = f'Another call of this file has the name "{name}". Change one.'
            yield Mistake((*path, "name"), message)
        yield from _of_call(call, path)


def _of_call(call: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
    if not any(call.get(name) for name in _EXPECTATIONS):
        names = listed(_EXPECTATIONS)
        message = f"This call expects nothing, so it can never fail. State {names}."
        yield Mistake(path, message)
    ends = call.get("ends")
    if isinstance(ends, dict) and len(ends) != 1:
        message = "A call ends in one way. Write transferred or fetched, with its value."
        yield Mistake((*path, "ends"), message)
    _, faults = parse_acts(call.get("does", []))
    for fault in faults:
        yield Mistake((*path, "does", *fault.path), fault.message, fault.at_key)


class Filler:
    """Puts the variables of each call's environment into the call."""

    def __init__(
        self, environments: Mapping[str, Environment], default: str, unset: Severity
    ) -> None:
        self.problems: list[Problem] = []
        self.mistakes: list[Mistake] = []
        self._environments = environments
        self._default = default
        self._unset = unset

    def fill_document(self, document: Json) -> tuple[Json, Json]:
        """The document with the values, and the same safe to show."""
        calls = document.get("calls") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(calls, list):
            return document, document
        pairs = [self._call(place, call) for place, call in enumerate(calls)]
        body, shown = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return document | {"calls": body}, document | {"calls": shown}

    def _call(self, place: int, call: Json) -> tuple[Json, Json]:
        if not isinstance(call, dict):
            return call, call
        name = call.get("environment", self._default)
        environment = self._environments.get(name) if isinstance(name, str) else None
        if environment is None:
            self._unknown_environment(place, name)
            return call, call
        secrets = {name for name, of in environment.variables.items() if of.secret}
        for spoken in sorted(names_in(call.get("does")) & secrets):
            message = (
                f'"{spoken}" is a secret, and what a caller does stands in the transcript. '
                "Write a value that is no secret."
            )
            self.mistakes.append(Mistake(("calls", place, "does"), message))
        return self._values(call, environment, ("calls", place))

    def _unknown_environment(self, place: int, name: Json) -> None:
        if isinstance(name, str):
            guess = did_you_mean(name, self._environments) or " Declare it in mbflow.yaml."
            message = f'There is no environment "{shortened(name, 60)}".{guess}'
            self.mistakes.append(Mistake(("calls", place, "environment"), message))

    def _values(
        self, call: dict[str, Json], environment: Environment, path: Path
    ) -> tuple[Json, Json]:
        found = fill(_with_pairs(call), environment.variables, unset=self._unset)
        self.problems += [
            replace(problem, path=(*path, *problem.path)) for problem in found.problems
        ]
        return _without_pairs(found.raw), _without_pairs(found.safe)


_MAPS = ("transfers", "fetches")
"""The keys of `world` whose own keys may hold references, which `fill` does not look at."""


def _with_pairs(call: dict[str, Json]) -> dict[str, Json]:
    world = call.get("world")
    if not isinstance(world, dict):
        return call
    pairs: dict[str, Json] = {
        name: [[key, value] for key, value in of.items()]
        for name in _MAPS
        if isinstance(of := world.get(name), dict)
    }
    return call | {"world": world | {"pairs": pairs}}


def _without_pairs(call: Json) -> Json:
    assert isinstance(call, dict)
    world: Any = call.get("world")
    if not isinstance(world, dict):
        return call
    pairs = world["pairs"]
    rest = {name: of for name, of in world.items() if name not in ("pairs", *pairs)}
    return call | {"world": rest | {name: dict(of) for name, of in pairs.items()}}


@dataclass(frozen=True, slots=True)
class ParsedCalls:
    """The calls of a file, or what is wrong with it."""

    calls: tuple[ExpectedCall, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Problems with variables, without places."""


def parse_calls(
    document: Json,
    environments: Mapping[str, Environment],
    default: str,
    source_text: SourceText,
    unset: Severity = Severity.ERROR,
) -> ParsedCalls:
    """Read a call file. Each call takes the variables of its own environment, else of `default`.

    Without the value of a variable (a problem of severity `unset`) there are no calls.
    """
    filler = Filler(environments, default, unset)
    raw, safe = filler.fill_document(document)
    found = [] if is_valid("calls", raw) else mistakes("calls", raw, source_text)
    if not found and not filler.problems:
        assert isinstance(raw, dict) and isinstance(document, dict)
        found = [*filler.mistakes, *further_mistakes(raw)]
    if found or filler.problems:
        return ParsedCalls((), tuple(found), tuple(filler.problems))
    assert isinstance(raw, dict) and isinstance(safe, dict)
    pairs: Any = zip(raw["calls"], safe["calls"], strict=True)  # type: ignore[arg-type]
    return ParsedCalls(tuple(_call(place, *pair) for place, pair in enumerate(pairs)))


def _call(place: int, raw: Mapping[str, Any], safe: Mapping[str, Any]) -> ExpectedCall:
    world, safe_world = raw.get("world", {}), safe.get("world", {})
    return ExpectedCall(
        name=safe["name"],
        place=place,
        expects=_expectations(safe),
        does=tuple(parse_acts(raw.get("does", []))[0]),
        transfers={to: Outcome(word) for to, word in world.get("transfers", {}).items()},
        fetches=dict(_fetches(world.get("fetches", {}), safe_world.get("fetches", {}))),
        shown={
            name: text
            for of in _MAPS
            for name, text in zip(world.get(of, {}), safe_world.get(of, {}), strict=True)
        },
        source=safe.get("from", ""),
        destination=safe.get("to", ""),
        at=safe.get("at", ""),
        environment=safe.get("environment"),
    )


def _expectations(stated: Mapping[str, Any]) -> Expectations:
    return Expectations(
        hears=tuple(stated.get("hears", ())),
        never_hears=tuple(stated.get("never_hears", ())),
        variables=stated.get("variables", {}),
        ends=_ends(stated["ends"]) if "ends" in stated else None,
        within_ms=milliseconds(stated["within"]) if "within" in stated else None,
    )


def _ends(stated: str | Mapping[str, str]) -> ExpectedEnd:
    if isinstance(stated, str):
        return ExpectedEnd(EndKind(stated))
    ((kind, text),) = stated.items()
    return ExpectedEnd(EndKind(kind), text)


def _fetches(raw: Mapping[str, Any], safe: Mapping[str, Any]) -> Iterator[tuple[str, Fetched]]:
    for (url, given), shown in zip(raw.items(), safe.values(), strict=True):
        yield url, Inline(RawBody(given), SafeBody(shown)) if isinstance(given, dict) else given
