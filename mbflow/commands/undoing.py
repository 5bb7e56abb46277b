"""What `mbflow rollback` does once its options are read."""

from __future__ import annotations

import click

from mbflow.apply.outcome import Status
from mbflow.commands.applying import Asked, check_usage, in_turn
from mbflow.files.checkout import read_checkout
from mbflow.plan.value import Action
from mbflow.planning.survey import Wishes
from mbflow.printable import printable
from mbflow.rollback import as_before, former_flows, keys_of


def undo(asked: Asked, source: str) -> int:
    """Plan the way back, and apply it like any plan. Returns the exit code."""
    check_usage(asked)
    checkout = read_checkout(asked.directory, asked.environment)
    formers = former_flows(checkout, source)
    before = as_before(checkout, formers)
    wishes = Wishes(targets=keys_of(formers), allow=tuple(sorted(asked.allow)))
    code, outcomes = in_turn(asked, before, wishes, None)
    made = [o for o in outcomes if o.status is Status.DONE and o.wrote]
    created = {outcome.change.key for outcome in made if outcome.change.action is Action.CREATE}
    for former in formers:
        if former.numbers and former.key in created:
            numbers = " ".join(printable(number) for number in former.numbers)
            click.echo(f"{printable(former.key)} had numbers. To give them back:", err=True)
            click.echo(f"    mbflow numbers assign {printable(former.key)} {numbers}", err=True)
    if made:
        click.echo(
            "Revert the commit too, or the next apply makes the same change again.", err=True
        )
    return code
