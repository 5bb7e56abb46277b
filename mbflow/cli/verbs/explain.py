"""`mbflow explain`: the manual of a rule."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from typing import TYPE_CHECKING

import click

from mbflow.cli.options import output_format
from mbflow.cli.output import show_as
from mbflow.cli.streams import terminal_columns
from mbflow.model.errors import ExitCode, UsageError
from mbflow.model.text import Command

if TYPE_CHECKING:
    from mbflow.model.flow import Json
    from mbflow.rules import Rule

_NOTES = {
    "error": "An error: it cannot be excepted, lowered or turned off.",
    "warning": (
        "A warning. mbflow.yaml can make it an error or turn it off (rules: {ID: off});\n"
        "a flow can be excepted with a reason (mbflow: {exceptions: {ID: why}})."
    ),
}


def rules_text(rules: Iterable[Rule], width: int) -> str:
    """Id, severity, what it is about: wrapped below itself where a line has more columns."""
    listed = sorted(rules, key=lambda rule: rule.id)
    longest = max(len(rule.id) for rule in listed)
    indent = " " * (longest + 11)
    room = max(width, len(indent) + 20)
    heads = [f"{rule.id:{longest}}  {rule.severity:7}  " for rule in listed]
    return "\n".join(
        fill(f"{head}{rule.summary}", room, subsequent_indent=indent, break_on_hyphens=False)
        for head, rule in zip(heads, listed, strict=True)
    )


def manual_text(rule: Rule) -> str:
    note = _NOTES[rule.severity.value].replace("ID", rule.id)
    return f"{rule.id}\n{'=' * len(rule.id)}\n\n{rule.manual}\n\n{note}"


def _head(rule: Rule) -> dict[str, Json]:
    return {"id": rule.id, "severity": rule.severity.value, "summary": rule.summary}


@click.command("explain")
@click.argument("rule", metavar="[RULE]", required=False)
@output_format("text", "json")
def command(rule: str | None, output_format: str) -> int:
    """Print the manual of RULE, with a file that fails and one that passes.

    Without RULE: every rule with its severity. The id of a rule stands in [brackets] behind its
    problems.
    """
    from mbflow.model.text import did_you_mean
    from mbflow.rules import RULES

    if rule is None:
        known: list[Json] = [_head(one) for one in sorted(RULES.values(), key=lambda one: one.id)]
        show_as(output_format, {"rules": known}, rules_text(RULES.values(), terminal_columns()))
        return ExitCode.DONE
    if rule not in RULES:
        message = f'There is no rule "{rule}".{did_you_mean(rule, RULES)}'
        raise UsageError(message, "All rules:", Command("mbflow", "explain"))
    found = RULES[rule]
    show_as(output_format, {"rule": {**_head(found), "manual": found.manual}}, manual_text(found))
    return ExitCode.DONE
