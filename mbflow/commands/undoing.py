"""What `mbflow rollback` does once its options are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from mbflow.apply.outcome import Outcome, Status
from mbflow.commandline.asked import Asked
from mbflow.commandline.suggested import as_called_here
from mbflow.commands.applying import in_turn
from mbflow.files.checkout import read_checkout
from mbflow.plan.value import Action
from mbflow.planning.survey import Wishes
from mbflow.printable import command, printable
from mbflow.rollback import Former, as_before, differ_from_files, former_flows, keys_of

NOT_IN_FILES = "Revert the commit too, or the next apply makes the same change again."
IN_FILES = "The files say what is live now: there is no commit to revert."


def undo(asked: Asked, source: str) -> int:
    """Plan the way back, show it, and apply it like any plan. Returns the exit code."""
    checkout = read_checkout(asked.directory, asked.environment)
    torn: list[str] = []
    formers = former_flows(checkout, source, tell=torn.append)
    _say(torn)
    before = as_before(checkout, formers)
    allow = tuple(sorted(asked.allow))
    wishes = Wishes(targets=keys_of(formers), may_be_gone=True, allow=allow)
    code, outcomes = in_turn(asked, before, wishes, None)
    made = [o for o in outcomes if o.status is Status.DONE and o.wrote]
    told = [line for former in formers for line in _with_new_id(former, made)]
    if made:
        keys = {name for o in made for name in (o.change.key, o.change.was) if name}
        told.append(NOT_IN_FILES if differ_from_files(checkout, before, keys) else IN_FILES)
    _say(told)
    return code


def _say(told: Sequence[str]) -> None:
    for line in as_called_here(told):
        click.echo(printable(line), err=True)


def _with_new_id(former: Former, made: Sequence[Outcome]) -> Iterator[str]:
    """What to say of a flow that was deleted: it is back, but its numbers do not lead to it."""
    for outcome in made:
        if outcome.change.key == former.key and outcome.change.action is Action.CREATE:
            yield f"{former.key} is back, with the new id {outcome.id}."
            if former.numbers:
                yield "Its numbers do not lead there yet. To give them back:"
                yield f"    {command('mbflow', 'numbers', 'assign', former.key, *former.numbers)}"
