"""`mbflow simulate`: walk a call flow by hand, offline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.options import directory, environment
from mbflow.cli.output import say_environments
from mbflow.model.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.testing.manual_call import ManualCall, Question


@click.command("simulate")
@click.argument("name", metavar="FLOW")
@click.option("--machine", is_flag=True, help="An answering machine picks up the call.")
@directory
@environment
def command(name: str, machine: bool, directory: Path, environment: str | None) -> int:
    """Call FLOW: read what a caller hears, and type what the caller does.

    Times are those of the call, nothing is waited for. The answers can come from a pipe, a line
    each; after the last one the caller only waits, and whoever is called answers. Without -e the
    flow is as it is in the first environment that has it.
    """
    from mbflow.testing.flows import called_flows
    from mbflow.testing.manual_call import ManualCall

    flows = called_flows(directory, environment)
    (program,) = flows.choose([name_of_flow(name, directory, environment)])
    say_environments(flows.environments)
    call = ManualCall(program, flows.find, machine=machine)
    while True:
        lines, question = call.advance()
        if lines:
            click.echo("\n".join(lines))
        if question is None:
            break
        _answer(call, question)
    if call.is_open:
        click.echo("The call goes on with the flow of that URL.")
    return ExitCode.DONE


def _answer(call: ManualCall, question: Question) -> None:
    """Ask until the answer is understood. Questions go to standard error, and only to people."""
    asked = sys.stdin.isatty()
    while True:
        if asked:
            click.echo(f"{question.text} ", err=True, nl=False)
        line = sys.stdin.readline()
        if not line:
            call.finish()
            return
        trouble = call.answer(question, line)
        if not trouble:
            return
        click.echo(trouble, err=True)
