"""`mbflow rollback`: bring back what was live before, by an ordinary plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from mbflow.cli.next_command import RunOptions, say_lines
from mbflow.cli.notes import shown_progress
from mbflow.cli.verbs.apply import run_options
from mbflow.model.text import Line

if TYPE_CHECKING:
    from mbflow.apply.result import NumberResult, Result
    from mbflow.project.load import Checkout

NOT_IN_FILES = "Take the files back too, or the next apply makes the same change again."
NOT_THE_LOCK = "Not with git revert: the lock has to stay, as it says what is live now. Instead:"
IN_FILES = "The files say what is live now: nothing is to be taken back in them."


def undo(asked: RunOptions) -> int:
    """Plan the way back, show it, and apply it like any plan. Returns the exit code."""
    from mbflow.apply.result import Status
    from mbflow.apply.rollback import as_before, former_state, names_of
    from mbflow.cli.run import in_turn, with_names
    from mbflow.plan.survey import Wishes
    from mbflow.project.load import read_checkout

    checkout = read_checkout(asked.directory, asked.environment, progress=shown_progress())
    asked = with_names(asked, checkout)
    assert asked.source is not None
    formers, numbers = former_state(checkout, asked.source, tell=lambda line: say_lines([line]))
    before = as_before(checkout, formers, numbers)
    wishes = Wishes(targets=names_of(formers, numbers), may_be_gone=True, allow=asked.allow)
    code, outcomes = in_turn(asked, before, wishes, None)
    say_lines(
        f"{one.number} led nowhere before: it is left where it leads, for nothing is ever unbound."
        for one in numbers
        if not one.flow
    )
    say_lines(_told(checkout, before, [o for o in outcomes if o.status is Status.DONE and o.wrote]))
    return code


def _told(checkout: Checkout, before: Checkout, made: Sequence[Result]) -> Iterator[Line]:
    """What to say in the end of what was made: new ids, and what the files still want."""
    from mbflow.apply.file_history import commands_back
    from mbflow.apply.result import NumberResult
    from mbflow.apply.rollback import unlike_files
    from mbflow.plan.model import ChangeKind
    from mbflow.project.discover import repository_root

    if not made:
        return
    flows = [outcome for outcome in made if not isinstance(outcome, NumberResult)]
    for outcome in flows:
        if outcome.change.action is ChangeKind.CREATE:
            yield f"{outcome.change.name} is back, with the new id {outcome.id}."
    names = {name for o in flows for name in (o.change.name, o.change.was) if name}
    unlike = unlike_files(checkout, before, names)
    others = [o.change for o in made if isinstance(o, NumberResult) and _wants_another(checkout, o)]
    yield NOT_IN_FILES if unlike or others else IN_FILES
    for lead in others:
        mend = (
            "change it" if lead.to.name else "take its line out, as no file here is for that flow"
        )
        yield f"mbflow.yaml does not say that {lead.number} leads to {lead.to.label}: {mend}."
    if unlike and repository_root(checkout.root) is not None:
        yield NOT_THE_LOCK
        yield from commands_back(checkout, before, unlike)


def _wants_another(checkout: Checkout, outcome: NumberResult) -> bool:
    """Whether the files lead the number to a flow other than that to which it was led back."""
    route = checkout.environment.numbers.get(outcome.change.number)
    return route is not None and outcome.change.to.name not in route.flows


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
