"""`mbflow explain`: the manual of a rule."""

from __future__ import annotations

import shutil

import click

from mbflow.errors import ExitCode, UsageError


@click.command("explain")
@click.argument("rule", metavar="[RULE]", required=False)
def command(rule: str | None) -> int:
    """Print the manual of RULE, with a file that fails and one that passes.

    Without RULE: every rule with its severity. The id of a rule stands in [brackets] behind its
    problems.
    """
    from mbflow.rules import RULES
    from mbflow.suggestion import did_you_mean
    from mbflow.views.rules import manual_text, rules_text

    if rule is None:
        click.echo(rules_text(RULES.values(), shutil.get_terminal_size().columns))
        return ExitCode.DONE
    if rule not in RULES:
        message = f'There is no rule "{rule}".{did_you_mean(rule, RULES)}'
        raise UsageError(message, "All rules:", "    mbflow explain")
    click.echo(manual_text(RULES[rule]))
    return ExitCode.DONE
