"""The steps of a flow as lines of text: everything that they hold, so that no two flows look alike.

Keys are worded as in the diagrams of `graph`, conditions as in edits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbflow.flow.canonical import canonical
from mbflow.flow.control_flow import listens
from mbflow.flow.steps import MISSING, Program, Step, parse_program
from mbflow.flow.vocabulary import action_of, spelled
from mbflow.flow.words import WHOLE, conditions_words, is_told, step_words, value_words
from mbflow.model.flow import Body, Json, LiveFlow, SafeBody, options_in, steps_in
from mbflow.model.text import printable
from mbflow.schema.validator import SERVICE_FIELDS, SETTINGS
from mbflow.views.text import wrap

TITLE = 40
"""Characters of a title beside the name."""
_ELSEWHERE = {"title", "steps", SETTINGS, *SERVICE_FIELDS}


def flow_lines(body: SafeBody) -> list[str]:
    """The lines of a flow, not indented; texts are whole."""
    fields, form = spelled(body), canonical(body)
    settings = {name: value for name, value in fields.items() if name not in _ELSEWHERE}
    title = fields.get("title")
    if title and not (title == LiveFlow("", body).title and is_told(title, TITLE)):
        settings = {"title": title, **settings}
    lines = _values(settings, form)
    steps = list(steps_lines(body))
    width = len(str(len(steps)))
    for number, (words, details) in enumerate(steps, 1):
        head = f"{number:>{width}} "
        indent = " " * (len(head) + 2)
        lines += wrap(words, head, indent)
        for detail in details:
            lines += wrap(detail, indent, f"{indent}  ")
    return lines


def steps_lines(body: SafeBody, steps_named: str = "step") -> Iterator[tuple[str, list[str]]]:
    """Each step in words, and everything else that it holds. A step is named so where keys lead."""
    program = parse_program("", body)
    found = map(spelled, steps_in(spelled(body)))
    forms = steps_in(canonical(body))
    for step, form, parsed in zip(found, forms, program.steps, strict=True):
        details = _details(step, form, parsed, _target(parsed, program, steps_named))
        yield step_words(step, WHOLE), list(details)


def options_lines(body: SafeBody, length: int) -> Iterator[list[str]]:
    """Of each step what it holds beside its main option, conditions and keys, for `draw`."""
    program = parse_program("", body)
    found = map(spelled, steps_in(spelled(body)))
    for step, form, parsed in zip(found, steps_in(canonical(body)), program.steps, strict=True):
        yield _options(step, form, parsed, length)


def _details(step: Body, form: Body, parsed: Step, target: str) -> Iterator[str]:
    if step.get("conditions"):
        yield f"if {conditions_words(step.get('conditions'), WHOLE)}"
    yield from _options(step, form, parsed, WHOLE)
    if listens(parsed):
        stored = f" (stored as {parsed.variable})" if parsed.variable else ""
        yield printable(f"a key press goes {target}{stored}")


def _options(step: Body, form: Body, parsed: Step, length: int) -> list[str]:
    hidden = {"id", "action", "options", "conditions"}
    if listens(parsed):
        named = {"onKeypressGoto": parsed.goto, "onKeypressVar": parsed.variable}
        hidden |= {name for name, told in named.items() if step.get(name) == told}
    main = action_of(parsed.action).main
    options = {name: value for name, value in options_in(step).items() if name != main}
    others = {name: value for name, value in step.items() if name not in hidden}
    return _values(options | others, options_in(form) | form, length)


def _target(step: Step, program: Program, named: str) -> str:
    if step.jump == MISSING:
        return f"to no step {step.goto}"
    to = step.position + 1 if step.jump is None else step.jump
    on = "to" if step.jump is not None else "on to"
    return f"{on} {named} {to + 1}" if to < len(program.steps) else f"{on} the end of the flow"


def _values(of: Mapping[str, Json], form: Mapping[str, Json], length: int = WHOLE) -> list[str]:
    """`language "en-GB", voice "female"`; nothing of what is not there, or false by default."""
    told = [
        f"{printable(name)} {value_words(value, length)}"
        for name, value in of.items()
        if name in form or (value is not None and value is not False)
    ]
    return [", ".join(told)] if told else []
