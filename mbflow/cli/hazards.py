"""`--fail-on HAZARD`: the hazards at which a plan that was shown ends with exit code 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.model.errors import RefusedError

if TYPE_CHECKING:
    from mbflow.cli.options import Verb
    from mbflow.plan.model import Plan

ANY = "any"


def fail_on(command: Verb) -> Verb:
    """The option, given to the verb as `fail_on: tuple[str, ...]`."""
    return click.option(
        "--fail-on",
        metavar="HAZARD",
        multiple=True,
        callback=_known,
        help="Exit with 3 when the plan has such a hazard, acknowledged or not; any for all kinds.",
    )(command)


def _known(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    if not value:
        return value
    from mbflow.model.text import did_you_mean, listed
    from mbflow.plan.model import HazardKind

    kinds = [ANY, *(kind.value for kind in HazardKind)]
    for kind in value:
        if kind not in kinds:
            raise click.BadParameter(
                f'There is no hazard "{kind}".{did_you_mean(kind, kinds)} '
                f"There are {listed(kinds, last='and')}."
            )
    return value


def check_hazards(plan: Plan, kinds: tuple[str, ...]) -> None:
    """Raise RefusedError that names each change with a hazard of these kinds."""
    found = [
        f"{change.action} {change.name}: {hazard.kind.value}: {hazard}"
        for change in plan.everything
        for hazard in change.hazards
        if ANY in kinds or hazard.kind.value in kinds
    ]
    if found:
        said = " ".join(f"--fail-on {kind}" for kind in kinds)
        raise RefusedError(f"The plan has hazards, and {said} was given.", *found)
