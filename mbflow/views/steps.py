"""A whole flow as a plan shows it, to be reviewed: its settings, and each step with all of its own.

Keys are worded as in the diagrams of `graph`, conditions as in edits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbflow.compare.words import MAIN_OPTIONS, conditions_words, step_words, value_words
from mbflow.graph.program import MISSING, Program, Step, parse_program
from mbflow.graph.ways import listens
from mbflow.model import Body, Json, options_in
from mbflow.printable import printable
from mbflow.schema import SERVICE_FIELDS, SETTINGS
from mbflow.views.wrapping import wrapped

_WHOLE = 2_000
"""Characters of a text: more than anybody listens to."""
_ELSEWHERE = {"title", "steps", SETTINGS, *SERVICE_FIELDS}


def flow_lines(body: Body) -> list[str]:
    """The lines of a flow, not indented; texts are whole."""
    settings = {name: value for name, value in body.items() if name not in _ELSEWHERE}
    lines = _values(settings)
    steps = body.get("steps")
    found = steps if isinstance(steps, list) else []
    program = parse_program("", body)
    width = len(str(len(found)))
    for step, parsed in zip(found, program.steps, strict=False):
        if isinstance(step, dict):
            head = f"{parsed.position + 1:>{width}} "
            indent = " " * (len(head) + 2)
            lines += wrapped(step_words(step, _WHOLE), head, indent)
            for detail in _details(step, parsed, program):
                lines += wrapped(detail, indent, f"{indent}  ")
    return lines


def _details(step: Body, parsed: Step, program: Program) -> Iterator[str]:
    if parsed.conditions:
        yield f"if {conditions_words(step.get('conditions'))}"
    hidden = {"id", "action", "options", "conditions"}
    hidden |= {"onKeypressGoto", "onKeypressVar"} if listens(parsed) else set()
    main = MAIN_OPTIONS.get(parsed.action)
    options = {name: value for name, value in options_in(step).items() if name != main}
    keys = {name: value for name, value in step.items() if name not in hidden}
    yield from _values(options | keys)
    if listens(parsed):
        key = f"key into {parsed.variable}" if parsed.variable else "key"
        yield printable(f"{key} leads to {_target(parsed, program)}")


def _target(step: Step, program: Program) -> str:
    if step.jump == MISSING:
        return f"no step {step.goto}"
    to = step.position + 1 if step.jump is None else step.jump
    return f"step {to + 1}" if to < len(program.steps) else "the end of the flow"


def _values(of: Mapping[str, Json]) -> list[str]:
    """`language "en-GB", voice "female"`; what is not there, or false, is not told."""
    told = [
        f"{printable(name)} {value_words(value, _WHOLE)}"
        for name, value in of.items()
        if value is not None and value is not False
    ]
    return [", ".join(told)] if told else []
