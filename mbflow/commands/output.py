"""How verbs write: colour only for a terminal that wants it, a plan in the format asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from mbflow.views.style import Style

if TYPE_CHECKING:
    from mbflow.plan.value import Plan


def stdout_style() -> Style:
    """Colour when standard output is a terminal and neither NO_COLOR nor TERM=dumb is set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(colour=wanted and sys.stdout.isatty())


def is_interactive() -> bool:
    """Whether somebody can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def plan_output(plan: Plan, output_format: str, style: Style) -> str:
    if output_format == "json":
        from mbflow.plan.document import plan_json
        from mbflow.views.json_text import json_text

        return json_text(plan_json(plan))
    if output_format == "markdown":
        from mbflow.views.plan_markdown import plan_markdown

        return plan_markdown(plan)
    from mbflow.views.plan import plan_text

    return plan_text(plan, style)
