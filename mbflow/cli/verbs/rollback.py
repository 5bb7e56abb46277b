"""`mbflow rollback`: bring back what was live before, by an ordinary plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from mbflow.cli.next_command import RunOptions, say_lines
from mbflow.cli.verbs.apply import run_options
from mbflow.model.text import Command, Line

if TYPE_CHECKING:
    from mbflow.apply.rollback import Former

NOT_IN_FILES = "Take the files back too, or the next apply makes the same change again."
NOT_THE_LOCK = "Not with git revert: the lock has to stay, as it says what is live now. Instead:"
IN_FILES = "The files say what is live now: nothing is to be taken back in them."


def undo(asked: RunOptions) -> int:
    """Plan the way back, show it, and apply it like any plan. Returns the exit code."""
    from mbflow.apply.file_history import commands_back
    from mbflow.apply.result import Status
    from mbflow.apply.rollback import as_before, former_flows, names_of, unlike_files
    from mbflow.cli.run import in_turn, with_names
    from mbflow.plan.model import ChangeKind
    from mbflow.plan.survey import Wishes
    from mbflow.project.discover import repository_root
    from mbflow.project.load import read_checkout

    checkout = read_checkout(asked.directory, asked.environment)
    asked = with_names(asked, checkout)
    assert asked.source is not None
    formers = former_flows(checkout, asked.source, tell=lambda line: say_lines([line]))
    before = as_before(checkout, formers)
    wishes = Wishes(targets=names_of(formers), may_be_gone=True, allow=asked.allow)
    code, outcomes = in_turn(asked, before, wishes, None)
    made = [o for o in outcomes if o.status is Status.DONE and o.wrote]
    new_ids = {o.change.name: o.id for o in made if o.change.action is ChangeKind.CREATE}
    told: list[Line] = [line for former in formers for line in _with_new_id(former, new_ids)]
    if made:
        names = {name for o in made for name in (o.change.name, o.change.was) if name}
        unlike = unlike_files(checkout, before, names)
        told.append(NOT_IN_FILES if unlike else IN_FILES)
        if unlike and repository_root(checkout.root) is not None:
            told += [NOT_THE_LOCK, *commands_back(checkout, before, unlike)]
    say_lines(told)
    return code


def _with_new_id(former: Former, new_ids: Mapping[str, str]) -> Iterator[Line]:
    """What to say of a flow that was deleted: it is back, but its numbers do not lead to it."""
    if former.name in new_ids:
        yield f"{former.name} is back, with the new id {new_ids[former.name]}."
        if former.numbers:
            yield "Its numbers do not lead there yet. To give them back:"
            yield Command("mbflow", "numbers", "assign", former.name, *former.numbers)


@click.command("rollback")
@click.argument("source", metavar="[SOURCE]", default="last")
@run_options
def command(**options: Any) -> int:
    """Bring back what was live before an apply.

    SOURCE is a saved plan, the results file of an apply on any machine, or a snapshot below
    .mbflow; `last`, which is taken where none is named, is the newest snapshot in this folder.
    Only the flows in it are touched. A flow that was deleted comes back with a new id. The plan
    is shown first; without a terminal and --auto-approve nothing else happens.

    Take the files back too, or the next apply makes the same change again. A rollback leaves a
    snapshot like any apply: a second `rollback last` takes back the first.
    """
    return undo(RunOptions(**options))
