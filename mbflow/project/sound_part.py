"""The sound part of a flow that does not fit the schema, and what in it is in doubt.

A rule is silent where something that it reads is in doubt, and speaks everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mbflow.model.flow import Body, Json, Path
from mbflow.model.paths import value_at
from mbflow.model.text import nearest
from mbflow.rules.rule import EVERYTHING, Finding, Rule
from mbflow.schema.messages import Mistake
from mbflow.schema.validator import ACTION_NAMES, SETTINGS, flow_keys, options_of, step_keys


@dataclass(slots=True)
class Doubts:
    """The keys and options that may say something else than they seem to."""

    top: set[str] = field(default_factory=set)
    """Keys of the flow; `mbflow` where an exception may be lost."""
    steps: dict[int, set[str]] = field(default_factory=dict)
    """Index of a step to its keys and options; EVERYTHING for all of them."""

    def silence(self, rule: Rule) -> bool:
        """Whether the rule would judge by what is in doubt."""
        if not self.top and not self.steps:
            return False
        if rule.is_excepted_in_files and SETTINGS in self.top:
            return True
        in_steps = set().union(*self.steps.values())
        if EVERYTHING in rule.reads:
            return True
        return bool(rule.reads and (in_steps | self.top) & {*rule.reads, EVERYTHING})

    def cover(self, rule: Rule, finding: Finding) -> bool:
        """Whether the finding of a rule that looks at one step stands in a step in doubt."""
        path = finding.path
        return not rule.reads and path[:1] == ("steps",) and len(path) > 1 and path[1] in self.steps


def doubts_of(body: Body, mistakes: Iterable[Mistake]) -> Doubts:
    """What these mistakes leave in doubt of a body."""
    doubts = Doubts()
    for mistake in mistakes:
        path = mistake.path
        if path[:1] == ("steps",) and len(path) > 1:
            index = path[1]
            assert isinstance(index, int)
            doubts.steps.setdefault(index, set()).update(_in_step(body, mistake))
        elif path[:1] == (SETTINGS,):
            if len(path) == 1 or path[1] == "exceptions" or mistake.at_key:
                doubts.top.add(SETTINGS)
        elif path:
            key = str(path[0])
            known = nearest(key, [*flow_keys(), SETTINGS]) if mistake.at_key else key
            doubts.top.add(known or key)
    return doubts


def _in_step(body: Body, mistake: Mistake) -> set[str]:
    path, found = mistake.path, value_at(body, mistake.path)
    if len(path) == 2:
        return {"action", "options"} if isinstance(found, dict) else {EVERYTHING}
    key = str(path[2])
    if len(path) == 3:
        if not mistake.at_key:
            return {key} if key != "options" or isinstance(found, dict) else {EVERYTHING}
        return _meant(key, [*step_keys()])
    if key != "options":
        return {key}
    option = str(path[3])
    if not mistake.at_key:
        return {option}
    action = value_at(body, (*path[:2], "action"))
    own = options_of(action) if isinstance(action, str) else {}
    return _meant(option, own) | ({"action"} if _is_option(option) else set())


def _meant(key: str, known: Iterable[str]) -> set[str]:
    """What an unknown key may have been meant to be."""
    if key in step_keys() or _is_option(key):
        return {key}
    return {nearest(key, known) or EVERYTHING}


def _is_option(name: str) -> bool:
    return any(name in options_of(action) for action in ACTION_NAMES)


def sound_part(body: Json, mistakes: Iterable[Mistake]) -> Body | None:
    """The body without what the schema forbids; None where no steps can be judged.

    Steps keep their places: one that is no mapping at all becomes an empty one.
    """
    if not isinstance(body, dict) or not isinstance(body.get("steps"), list) or not body["steps"]:
        return None
    bad = {mistake.path for mistake in mistakes if not _is_incomplete(body, mistake)}
    part = _without(body, bad, ())
    assert isinstance(part, dict)
    return part


def _is_incomplete(body: Json, mistake: Mistake) -> bool:
    """Whether something is missing in a mapping, which is not at fault itself."""
    is_whole = not mistake.at_key and isinstance(value_at(body, mistake.path), dict)
    return is_whole and _may_be_mapping(mistake.path)


def _may_be_mapping(path: Path) -> bool:
    """Elsewhere in a flow a mapping is of the wrong kind, and a rule would trip over it."""
    if path[:1] == ("steps",):
        return path[2:] in ((), ("options",)) or (len(path) == 4 and path[2] == "conditions")
    return path in ((), (SETTINGS,), (SETTINGS, "exceptions"))


def _without(value: Any, bad: set[Path], at: Path) -> Any:
    if isinstance(value, dict):
        return {
            key: _without(item, bad, (*at, key))
            for key, item in value.items()
            if (*at, key) not in bad
        }
    if isinstance(value, list):
        items = enumerate(value)
        if at == ("steps",):
            return [{} if (*at, n) in bad else _without(item, bad, (*at, n)) for n, item in items]
        return [_without(item, bad, (*at, n)) for n, item in items if (*at, n) not in bad]
    return value
