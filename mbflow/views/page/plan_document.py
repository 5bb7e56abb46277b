"""What the page shows of a plan: each change before and after, with the calls that it touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mbflow.flow.steps import Program, parse_program
from mbflow.model.flow import Json, SafeBody
from mbflow.model.text import printable
from mbflow.plan.call_comparison import CallExample, ChangedCalls
from mbflow.plan.calls import calls_of_changes
from mbflow.plan.model import Change, ChangeKind, Hazard, Plan
from mbflow.testing.call_graph import CallGraph, call_graph
from mbflow.testing.dial_table import DIAL_RULES
from mbflow.testing.page_flow import call_json, side_json
from mbflow.views.call_changes import caller_words
from mbflow.views.plan import (
    acknowledgement,
    calendar_words,
    calls_lines,
    number_words,
    outcome,
    place,
    what_is_missing,
)

_MARKS = {"insert": "added", "remove": "removed", "change": "changed", "move": "moved"}
_RANK = (
    ChangeKind.UPDATE,
    ChangeKind.DELETE,
    ChangeKind.CREATE,
    ChangeKind.MOVE,
    ChangeKind.ADOPT,
)


def plan_document(plan: Plan) -> dict[str, Json]:
    """The document of a page; the plan's own words stand on top, changed calls come first."""
    told = [*calls_of_changes(plan.changes, plan.options)]
    told.sort(key=lambda one: (not (one[1] and one[1].changed), _RANK.index(one[0].action)))
    risky = [change for change in plan.everything if change.hazards]
    return {
        "project": printable(plan.project),
        "environments": [printable(plan.environment)],
        "plan": {
            "place": place(plan),
            "outcome": [*outcome(plan)],
            "missing": [*what_is_missing(plan)],
            "hazards": [
                {"name": printable(one.name), "texts": [*map(_hazard, one.hazards)]}
                for one in risky
            ],
            "acknowledgement": [line.strip() for line in acknowledgement(plan)],
            "deletes": [printable(change.name) for change in plan.deletes],
            "numbers": [number_words(change) for change in plan.numbers],
            "calendars": [printable(calendar_words(one)) for one in plan.calendars],
            "notes": [printable(note) for note in plan.notes],
        },
        "flows": [_change(*one) for one in told],
        "numbers": [],
        "problems": [],
        "rules": DIAL_RULES,
        "totals": {},
    }


def _hazard(hazard: Hazard) -> str:
    return printable(f"{hazard.kind.value}: {hazard}")


def _change(change: Change, calls: ChangedCalls | None) -> dict[str, Json]:
    examples = calls.examples if calls is not None else ()
    sides = {
        "before": change.before if change.action is not ChangeKind.CREATE else None,
        "after": change.after if change.action is not ChangeKind.DELETE else None,
    }
    return {
        "name": printable(change.name),
        "title": printable(change.title),
        "was": printable(change.was),
        "change": change.action.value,
        "numbers": [*change.numbers],
        "hazards": [*map(_hazard, change.hazards)],
        "lines": [printable(edit.text) for edit in change.edits],
        "calls": len(examples),
        "changed": " ".join(_counts(change, calls)),
        "problems": [],
        **{
            side: _side(change, side, body, [*map(_words, examples)], examples)
            for side, body in sides.items()
        },
    }


def _counts(change: Change, calls: ChangedCalls | None) -> Iterator[str]:
    """Only counts are told in words: the page plays the examples."""
    bare = calls and replace(calls, examples=())
    yield from calls_lines(change, bare)
    left = calls.changed - len(calls.examples) if calls is not None else 0
    if left:
        yield f"({left} not shown here: mbflow plan --calls all)"


def _words(example: CallExample) -> str:
    return caller_words(example.script)


def _side(
    change: Change,
    side: str,
    body: SafeBody | None,
    names: list[str],
    examples: tuple[CallExample, ...],
) -> Json:
    """The flow as it is, or as it will be, with the calls; None where there is none."""
    if body is None:
        return None
    program = parse_program(change.name, body)
    graph = call_graph(program)
    pairs = zip(names, examples, strict=True)
    return {
        "name": printable(change.name),
        "title": printable(change.title),
        **side_json(body, program, graph, {}),
        "file": f"{printable(change.name)}.yaml",
        "problems": [],
        "coverage": None,
        "marks": {str(step): mark for step, mark in _marks(change, side)},
        "calls": [_call(name, example, program, graph) for name, example in pairs],
    }


def _call(name: str, example: CallExample, program: Program, graph: CallGraph) -> Json:
    return {
        **call_json(name, example.script.call(program), graph),
        "file": "",
        "line": 0,
        "answer": "",
    }


def _marks(change: Change, side: str) -> Iterator[tuple[int, str]]:
    """What becomes of each step; one that both moved and changed counts as changed."""
    whole = {ChangeKind.CREATE: "added", ChangeKind.DELETE: "removed"}.get(change.action)
    found: dict[int, str] = {}
    for edit in change.edits:
        step = edit.live if side == "before" else edit.desired
        if step is not None and found.get(step) != "changed":
            found[step] = _MARKS[edit.kind]
    yield from found.items() if whole is None else ()
