"""What a file and a live flow have made of what was applied last, one side below the other."""

from __future__ import annotations

from mbflow.apply.file_history import ThreeWay
from mbflow.model.text import Command, Line, printable
from mbflow.plan.model import Change
from mbflow.views.plan import change_body
from mbflow.views.text import Style


def three_way_lines(found: ThreeWay, style: Style | None = None) -> list[Line]:
    """Both sides, what each changed, and the commands that keep one of them."""
    file, live = printable(found.file), f"the live flow {printable(found.id)}"
    if found.is_same:
        return [f"{file} says what {live} says: there is nothing to choose."]
    if found.commit:
        lines = [
            f"{file} since both were last the same, in the commit {found.commit}:",
            *_side(found.by_file, style),
            f"T{live[1:]} since then:",
            *_side(found.by_hand, style),
        ]
    else:
        lines = [
            f"No commit of {file} is known in which both were the same, so the two sides only.",
            f"From {file} to {live}:",
            *_side(found.by_hand, style),
        ]
    both = "To keep both, write into the file what was changed live, then plan and apply."
    one_side = found.commit and not (found.by_file.edits and found.by_hand.edits)
    return [
        *lines,
        *([] if one_side else [both]),
        "To keep what is live:",
        Command("mbflow", "import", found.name, "--force"),
        "To keep the file:",
        Command("mbflow", "plan", "--target", found.name, "--out", "plan.json"),
    ]


def _side(made: Change, style: Style | None) -> list[str]:
    return change_body(made, style=style) or ["    nothing was changed"]
