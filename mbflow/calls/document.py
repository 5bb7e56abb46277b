"""What a call file holds, as `Call` values: schema first, then what a schema cannot say.

Pure: takes plain data, gives calls and what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mbflow.calls.call import Call, Expectations, ExpectedEnd, Fetched, Inline
from mbflow.calls.durations import milliseconds
from mbflow.calls.filling import Filler
from mbflow.calls.mistakes import further_mistakes
from mbflow.mistakes import Mistake, SourceText, mistakes
from mbflow.model import Json
from mbflow.problem import Problem, Severity
from mbflow.project import Environment
from mbflow.schema import is_valid
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import Act, HangUp, Machine, Press, Speak, Wait
from mbflow.simulator.transcript import EndKind


@dataclass(frozen=True, slots=True)
class ParsedCalls:
    """The calls of a file, or what is wrong with it."""

    calls: tuple[Call, ...] = ()
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
    body, shown = filler.filled(document)
    found = [] if is_valid("calls", body) else mistakes("calls", body, source_text)
    if not found and not filler.problems:
        assert isinstance(body, dict) and isinstance(document, dict)
        found = [*filler.mistakes, *further_mistakes(body)]
    if found or filler.problems:
        return ParsedCalls((), tuple(found), tuple(filler.problems))
    assert isinstance(body, dict) and isinstance(shown, dict)
    pairs: Any = zip(body["calls"], shown["calls"], strict=True)  # type: ignore[arg-type]
    return ParsedCalls(tuple(_call(place, *pair) for place, pair in enumerate(pairs)))


def _call(place: int, body: Mapping[str, Any], shown: Mapping[str, Any]) -> Call:
    world = body.get("world", {})
    safe = shown.get("world", {}).get("fetches", {})
    return Call(
        name=shown["name"],
        place=place,
        expects=_expectations(shown),
        does=tuple(_act(act) for act in body.get("does", ())),
        transfers={to: Outcome(word) for to, word in world.get("transfers", {}).items()},
        fetches=dict(_fetches(world.get("fetches", {}), safe)),
        source=shown.get("from", ""),
        destination=shown.get("to", ""),
        environment=shown.get("environment"),
    )


def _expectations(shown: Mapping[str, Any]) -> Expectations:
    return Expectations(
        hears=tuple(shown.get("hears", ())),
        never_hears=tuple(shown.get("never_hears", ())),
        variables=shown.get("variables", {}),
        ends=_ends(shown["ends"]) if "ends" in shown else None,
        within_ms=milliseconds(shown["within"]) if "within" in shown else None,
    )


def _ends(stated: str | Mapping[str, str]) -> ExpectedEnd:
    if isinstance(stated, str):
        return ExpectedEnd(EndKind(stated))
    ((kind, text),) = stated.items()
    return ExpectedEnd(EndKind(kind), text)


def _act(act: Mapping[str, Any]) -> Act:
    at = milliseconds(act["at"]) if "at" in act else None
    if "press" in act:
        return Press(act["press"], at)
    if "say" in act:
        return Speak(act["say"])
    if "wait" in act:
        return Wait(milliseconds(act["wait"]))
    return HangUp(at) if "hang_up" in act else Machine()


def _fetches(body: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[tuple[str, Fetched]]:
    for (url, given), safe in zip(body.items(), shown.values(), strict=True):
        yield url, Inline(given, safe) if isinstance(given, dict) else given
