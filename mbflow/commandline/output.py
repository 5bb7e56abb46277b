"""How verbs write: colour only for a terminal that wants it, a plan in the format asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mbflow.commandline.suggested import advised
from mbflow.suggestion import listed
from mbflow.views.style import Style

if TYPE_CHECKING:
    from mbflow.plan.value import Plan


def stdout_style() -> Style:
    """Colour when standard output is a terminal and neither NO_COLOR nor TERM=dumb is set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(colour=wanted and sys.stdout.isatty())


def say_environments(names: Sequence[str]) -> None:
    """What an offline verb took where it was told no environment and could have taken several."""
    if len(names) > 1:
        first = f"the flows as they are in {names[0]}, or in the first environment that has them"
        click.echo(f"Without -e: {first}, of {listed(names, last='and')}.", err=True)


def is_interactive() -> bool:
    """Whether somebody can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def plan_output(plan: Plan, output_format: str, style: Style) -> str:
    plan = advised(plan, output_format)
    if output_format == "json":
        from mbflow.plan.document import plan_json
        from mbflow.views.json_text import json_text

        return json_text(plan_json(plan))
    if output_format == "markdown":
        from mbflow.views.plan_markdown import plan_markdown

        return plan_markdown(plan)
    from mbflow.views.plan import plan_text

    return plan_text(plan, style)
