"""A plan as Markdown for a pull request: what a reviewer decides on first, then each change.

It never grows beyond what a comment can hold: counts, errors, hazards, deletes and numbers come
before all else, and what does not fit is counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from mbflow.model.errors import Stop
from mbflow.model.problem import Problem
from mbflow.model.project import place_words
from mbflow.model.text import Command, plural, printable, shortened
from mbflow.plan.calls import calls_of_changes
from mbflow.plan.model import AnyChange, Cause, Change, ChangeKind, Hazard, Plan
from mbflow.views.call_changes import sum_of_calls
from mbflow.views.change_markdown import alike, group_entry, head_words
from mbflow.views.comment import (
    RESERVE,
    Files,
    Section,
    cut_lines,
    fit,
    fit_sections,
    marker,
    size_of,
)
from mbflow.views.plan import (
    VALIDATE,
    acknowledgement,
    calendars_lines,
    causes_line,
    is_broken,
    number_words,
    outcome,
    told_problems,
    warnings_lines,
    what_is_missing,
)
from mbflow.views.problems import place_text, stop_markdown
from mbflow.views.text import BUDGET, LEAST, code, fence

_TEXT, _NAME = 600, 80
"""Characters of a hazard or a problem, and of a name above all."""
_ACKNOWLEDGEMENT, _NOTES = 2_000, 3_000
_MOST_OPEN = 20
"""Changes: of more all are folded."""
_COUNTS = {
    ChangeKind.UPDATE: "update",
    ChangeKind.DELETE: "delete",
    ChangeKind.CREATE: "create",
    ChangeKind.ADOPT: "adoption",
    ChangeKind.MOVE: "move",
}
_CAUSES = (Cause.BEHIND, Cause.DRIFT, Cause.PENDING, Cause.BRANCH, None)


def plan_markdown(
    plan: Plan,
    budget: int = BUDGET,
    *,
    see: Command = VALIDATE,
    files: Files = Files(),  # noqa: B008
    refusal: Stop | None = None,
) -> str:
    """The plan in at most `budget` characters, or `LEAST` where that is less.

    `see` is the command that shows the warnings, `files` say where files can be read, and
    `refusal` is what apply would say.
    """
    budget = max(budget, LEAST)
    elsewhere = f"the plan file holds it all ({_checksum(plan)})"
    parts = _head(plan)
    if refusal is not None:
        room = max((budget - size_of(parts)) // 2, RESERVE)
        parts.append(stop_markdown(refusal, "#### Refused", room))
    sections = [one for one in _sections(plan, files) if one.lines]
    parts += fit_sections(sections, budget - size_of(parts) - RESERVE, elsewhere)
    for part in _rest(plan, see):
        if size_of([*parts, part]) + RESERVE <= budget:
            parts.append(part)
    told = [*calls_of_changes(plan.changes, plan.options)]
    told.sort(key=lambda one: (_CAUSES.index(one[0].cause), not one[0].hazards))
    groups = alike(told)
    # The hazards stand above: what most flows come to is next.
    groups.sort(key=lambda one: (_CAUSES.index(one.change.cause), -len(one.others)))
    is_open = len(groups) <= _MOST_OPEN
    entries = [group_entry(one, files, is_open=is_open) for one in groups]
    parts += ["#### Changes"] if entries else []
    parts += fit(entries, budget - size_of(parts) - RESERVE, "change", elsewhere)
    return "\n\n".join(parts)


def _checksum(plan: Plan) -> str:
    """Of both sides of the changes: tells two plans apart that are cut to the same text."""
    sides = [(change.name, change.digest, change.preconditions.digest) for change in plan.changes]
    numbers = [(change.number, *change.to, *(change.former or ())) for change in plan.numbers]
    text = repr((sides, numbers) if numbers else sides)
    return f"checksum {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _head(plan: Plan) -> list[str]:
    """The marker, the counts, and what is known of the whole; short whatever the plan is."""
    environment = shortened(plan.environment, _NAME)
    parts = [
        marker("plan", plan.project, plan.environment),
        " · ".join([f"### mbflow plan: {code(environment)}", *_counts(plan)]),
        " · ".join(_facts(plan)),
    ]
    missing = " ".join(what_is_missing(plan))
    return [*parts, *filter(None, [missing and f"**{missing}**"])]


def _counts(plan: Plan) -> Iterator[str]:
    if is_broken(plan):
        first = outcome(plan)[0]
        yield first[:1].lower() + first[1:]
    counts = [(getattr(plan.summary, kind.value), noun) for kind, noun in _COUNTS.items()]
    counts.append((len(plan.numbers), "number"))
    told = ", ".join(plural(*one) for one in counts if one[0])
    if told or not is_broken(plan):
        yield told or "nothing to change"
    hazards = sum(len(change.hazards) for change in plan.everything)
    if hazards:
        yield f"⚠ {plural(hazards, 'hazard')}"


def _facts(plan: Plan) -> Iterator[str]:
    yield code(shortened(place_words("", plan.endpoint).strip(" ()"), 2 * _NAME))
    if plan.commit:
        yield f"commit {code(plan.commit[:10])}"
    summary = plan.summary
    for name in ("unchanged", "unmanaged", "orphaned"):
        if getattr(summary, name):
            yield f"{getattr(summary, name)} {name}"
    causes = causes_line(plan)
    if causes:
        yield causes
    calls = sum_of_calls(calls for _, calls in calls_of_changes(plan.changes, plan.options))
    if calls:
        yield f"**{calls}**"


def _sections(plan: Plan, files: Files) -> Iterator[Section]:
    problems = told_problems(plan)
    title = "#### Errors in the files" if is_broken(plan) else "#### Promises"
    yield Section(
        title, "problem", [_problem(one, files) for one in problems], [*map(_place, problems)]
    )
    risky = sorted(plan.everything, key=lambda one: _CAUSES.index(one.cause))
    full, brief = [], []
    for change in risky:
        for hazard in change.hazards:
            kind = hazard.kind.value
            head = f"- {head_words(change)} {_named(change, files)}: **{kind}**"
            full.append(f"{head} {_hazard(hazard)}")
            brief.append(f"- {head_words(change)} {code(change.name)}: {kind}")
    yield Section("#### ⚠ Hazards", "hazard", full, brief)
    deletes = plan.deletes
    yield Section(
        "#### Deletes",
        "delete",
        [_delete(change) for change in deletes],
        [f"- {code(change.name)}" for change in deletes],
    )
    numbers = [code(number_words(change)) for change in plan.numbers]
    briefs = [f"- {code(change.number)}" for change in plan.numbers]
    yield Section("#### Numbers", "number", [f"- {one}" for one in numbers], briefs)


def _hazard(hazard: Hazard) -> str:
    command = f" {code(str(hazard.command))}" if hazard.command is not None else ""
    return code(shortened(hazard.text, _TEXT)) + command


def _named(change: AnyChange, files: Files) -> str:
    if isinstance(change, Change) and change.action is not ChangeKind.DELETE and change.file:
        return files.link(change.file)
    return code(change.name)


def _problem(problem: Problem, files: Files) -> str:
    place = place_text(problem).removeprefix(printable(problem.file))
    at = f"{files.link(problem.file, place)}: " if problem.file else ""
    text = code(shortened(problem.message, _TEXT))
    return f"- {at}**{problem.severity}** {text} ({code(problem.rule)})"


def _place(problem: Problem) -> str:
    return f"- {code(place_text(problem) or problem.rule)}"


def _delete(change: Change) -> str:
    told = [code(change.file or change.name), code(shortened(change.title, _NAME))]
    told += [f"live flow {code(change.id)}"] if change.id else []
    return f"- {' · '.join(filter(None, told))}"


def _rest(plan: Plan, see: Command) -> Iterator[str]:
    """What helps to decide, the most important first."""
    lines = [line.removeprefix("  ") for line in acknowledgement(plan)[1:]]
    if lines:
        shown = fence(cut_lines(lines, _ACKNOWLEDGEMENT))
        yield f"How the hazards are acknowledged:\n\n{shown}"
    yield from map(_fenced, filter(None, [calendars_lines(plan), [*map(printable, plan.notes)]]))
    warnings = warnings_lines(plan, see)
    if warnings:
        yield f"{warnings[0]} {code(warnings[1].strip())}"


def _fenced(lines: Sequence[str]) -> str:
    return fence(cut_lines(lines, _NOTES))
