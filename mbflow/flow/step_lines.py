"""The steps of a flow as lines of text: everything that they hold, so that no two flows look alike.

Keys are worded as in the diagrams of `graph`, conditions as in edits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbflow.flow.canonical import canonical
from mbflow.flow.control_flow import listens
from mbflow.flow.steps import MISSING, Program, Step, parse_program
from mbflow.flow.vocabulary import action_of, spelled
from mbflow.flow.words import WHOLE, conditions_words, extent, step_words, value_words
from mbflow.model.flow import Body, Json, SafeBody, options_in, steps_in
from mbflow.model.text import printable, shortened


def steps_lines(
    body: SafeBody, steps_named: str = "step", length: int = WHOLE
) -> Iterator[tuple[str, list[str]]]:
    """Each step in words, and everything else that it holds; texts up to `length`.

    A step is named so where keys lead.
    """
    program = parse_program("", body)
    found = map(spelled, steps_in(spelled(body)))
    forms = steps_in(canonical(body))
    for step, form, parsed in zip(found, forms, program.steps, strict=True):
        target = _target(parsed, program, steps_named)
        yield step_words(step, length), list(_details(step, form, parsed, target, length))


def options_lines(body: SafeBody, length: int) -> Iterator[list[str]]:
    """Of each step what it holds beside its main option, conditions and keys, for `draw`."""
    program = parse_program("", body)
    found = map(spelled, steps_in(spelled(body)))
    for step, form, parsed in zip(found, steps_in(canonical(body)), program.steps, strict=True):
        yield _options(step, form, parsed, length)


def _details(step: Body, form: Body, parsed: Step, target: str, length: int) -> Iterator[str]:
    if step.get("conditions"):
        yield f"if {conditions_words(step.get('conditions'), length)}"
    leads = not listens(parsed) and parsed.jump not in (None, MISSING)
    if leads:  # The id is only a label: what counts is the step.
        step = {name: value for name, value in step.items() if name != "onKeypressGoto"}
    yield from _options(step, form, parsed, length)
    if leads:
        yield f"onKeypressGoto {target}"
    if listens(parsed):
        stored = f" (stored as {_named(parsed.variable)})" if parsed.variable else ""
        yield printable(f"a key press goes {target}{stored}")


def _options(step: Body, form: Body, parsed: Step, length: int) -> list[str]:
    hidden = {"id", "action", "options", "conditions"}
    if listens(parsed):
        named = {"onKeypressGoto": parsed.goto, "onKeypressVar": parsed.variable}
        hidden |= {name for name, told in named.items() if step.get(name) == told}
    main = action_of(parsed.action).main
    given = options_in(step).items()
    options = {name: value for name, value in given if name != main or value is None}
    others = {name: value for name, value in step.items() if name not in hidden}
    return values_lines(options | others, options_in(form) | form, length)


def _target(step: Step, program: Program, named: str) -> str:
    if step.jump == MISSING:
        return f"to no step {_named(step.goto)}"
    to = step.position + 1 if step.jump is None else step.jump
    on = "to" if step.jump is not None else "on to"
    return f"{on} {named} {to + 1}" if to < len(program.steps) else f"{on} the end of the flow"


def _named(name: str) -> str:
    return f"{shortened(name, WHOLE)}{extent(name)}"


def values_lines(
    of: Mapping[str, Json], form: Mapping[str, Json], length: int = WHOLE
) -> list[str]:
    """`language "en-GB", voice "female"`; nothing of what is not there, or false by default."""
    told = [
        f"{printable(name)} {value_words(value, length)}"
        for name, value in of.items()
        if name in form or (value is not None and value is not False)
    ]
    return [", ".join(told)] if told else []
