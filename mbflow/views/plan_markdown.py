"""A plan as Markdown for a pull request: it never grows beyond what a comment can hold.

Counts, hazards and deletes are always there; what does not fit is cut from the middle.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence

from mbflow.model.problem import Severity
from mbflow.model.text import plural, printable
from mbflow.plan.model import Change, ChangeKind, Plan
from mbflow.views.plan import change_body, change_head, outcome, place, what_is_missing
from mbflow.views.problems import problems_text
from mbflow.views.text import code, fence

BUDGET = 60_000
"""Characters. GitHub refuses comments of more than 65,536."""
_PROBLEMS = 5_000
_NOTES = 3_000
_BLOCK = 4_000
_LEAST = 300
"""What a block has more than a line, at the least, unless it needs less."""
_MORE = "\n    … more in the plan file"


def plan_markdown(plan: Plan, budget: int = BUDGET) -> str:
    """The plan in at most `budget` characters."""
    told = outcome(plan)
    head = [f"### mbflow plan: {code(place(plan))}", *(f"**{line}**" for line in told)]
    errors = [problem for problem in plan.problems if problem.severity is Severity.ERROR]
    if errors:
        head.append(fence(_counted(problems_text(errors), _PROBLEMS)))
    missing = " ".join(what_is_missing(plan))
    head += [f"**{missing}**"] if missing else []
    notes = "\n".join(printable(note) for note in plan.notes)
    head += [fence(_counted(notes, _NOTES))] if notes else []
    is_long = plan.changes or plan.notes or errors
    foot = [f"{code(place(plan))}: {told[0]}"] if is_long else []
    room = budget - sum(len(part) + 2 for part in [*head, *foot]) - 200
    return "\n\n".join([*head, *_changes(plan.changes, plan.allowed, room), *foot]) + "\n"


def _changes(changes: tuple[Change, ...], allowed: Collection[str], room: int) -> list[str]:
    """First a line a change, deletes and hazards before all others; then blocks, all alike."""
    lines: list[str] = []
    more: list[str] = []
    for change in changes:
        line = _line(change)
        if len(line) + 2 > room:
            left = len(changes) - len(lines)
            more = [f"*{left} more changes do not fit here; the plan file holds them all.*"]
            break
        room -= len(line) + 2
        lines.append(line)
    shown = changes[: len(lines)]
    texts = ["\n".join(change_body(one, is_allowed=one.name in allowed)) for one in shown]
    blocks = [_block(one, text) for one, text in zip(shown, texts, strict=True)]
    # What a block has beside its text, and a line has not.
    frames = [len(b) - len(t) - len(n) for b, t, n in zip(blocks, texts, lines, strict=True)]
    rooms = _rooms(shown, [len(t) + f for t, f in zip(texts, frames, strict=True)], room)
    cut = 0
    for number, (change, text) in enumerate(zip(shown, texts, strict=True)):
        most = rooms[number] - frames[number]
        cut += len(text) > most
        if most >= min(len(text), len(_MORE)):
            lines[number] = _block(change, _within(text, most))
    short = f"*{plural(cut, 'change')} cut short here; the plan file holds all of it.*"
    return [*lines, *([short] if cut else []), *more]


def _rooms(changes: Sequence[Change], sizes: Sequence[int], room: int) -> list[int]:
    """Characters for each block: what it needs, or as much as any other.

    Where that is too little to say anything, those with hazards and the shortest have blocks.
    """
    sizes = [min(size, _BLOCK) for size in sizes]
    share = _share(sizes, room)
    if share >= min(_LEAST, max(sizes, default=0)):
        return [min(size, share) for size in sizes]
    rooms = [0] * len(sizes)
    for number in sorted(range(len(sizes)), key=lambda n: (not changes[n].hazards, sizes[n])):
        wanted = min(sizes[number], _LEAST)
        if wanted <= room:
            rooms[number] = wanted
            room -= wanted
    return rooms


def _share(sizes: Sequence[int], room: int) -> int:
    """The most that each of the sizes may be so that they fit together."""
    for count, size in zip(range(len(sizes), 0, -1), sorted(sizes), strict=True):
        if size * count > room:
            return max(room // count, 0)
        room -= size
    return max(sizes, default=0)


def _within(text: str, most: int) -> str:
    """The text in at most so many characters, cut at a line; empty where none fits."""
    if len(text) <= most:
        return text
    kept = text[: max(most - len(_MORE), 0)].rpartition("\n")[0]
    return f"{kept}{_MORE}" if kept else _MORE[1:]


def _line(change: Change) -> str:
    kinds = ", ".join(hazard.kind.value for hazard in change.hazards)
    return f"- {code(change_head(change))}{f' ⚠ {kinds}' if kinds else ''}"


def _block(change: Change, text: str) -> str:
    opened = " open" if change.hazards or change.action is ChangeKind.DELETE else ""
    summary = f"<code>{html.escape(change_head(change))}</code>"
    warning = " ⚠" if change.hazards else ""
    return f"<details{opened}><summary>{summary}{warning}</summary>\n\n{fence(text)}\n\n</details>"


def _counted(text: str, most: int) -> str:
    """The lines that fit, and how many do not."""
    if len(text) <= most:
        return text
    kept = text[:most].rpartition("\n")[0]
    left = text.count("\n") - kept.count("\n") + (not kept)
    return f"{kept}\n… {plural(left, 'line')} more".lstrip("\n")
