"""What a file and a live flow have made of what was applied last, one side below the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mbflow.apply.file_history import ThreeWay
from mbflow.flow.edits import Edit
from mbflow.model.text import Command, Line, printable
from mbflow.plan.model import Change, ChangeKind
from mbflow.views.plan import change_body
from mbflow.views.text import Style


def three_way_lines(found: ThreeWay, style: Style | None = None) -> list[Line]:
    """Both sides, what each changed, and the commands that keep one of them."""
    file = printable(found.file)
    if found.commit:
        lines = [
            f"{file} since it was applied last, in the commit {found.commit}:",
            *_side(found.by_file, style),
            f"The live flow {printable(found.id)} since then:",
            *_side(found.by_hand, style),
        ]
    else:
        lines = [
            f"What was applied last is not in the history of {file}, so the two sides only.",
            f"From {file} to the live flow {printable(found.id)}:",
            *_side(found.by_hand, style),
        ]
    return [
        *lines,
        "To keep both, write into the file what was changed live, then plan and apply.",
        "To keep what is live:",
        Command("mbflow", "import", found.name, "--force"),
        "To keep the file:",
        Command("mbflow", "plan", "--target", found.name, "--out", "plan.json"),
    ]


def _side(made: Sequence[Edit], style: Style | None) -> Iterator[str]:
    change = Change("", ChangeKind.UPDATE, edits=tuple(made))
    yield from change_body(change, style) or ["    nothing was changed"]
