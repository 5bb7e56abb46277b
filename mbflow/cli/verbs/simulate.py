"""`mbflow simulate`: walk a call flow by hand, offline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import say_environments
from mbflow.model.errors import ExitCode, UsageError
from mbflow.model.text import Command, shortened

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.testing.answer import Answer
    from mbflow.testing.flows import CalledFlows
    from mbflow.testing.manual_call import ManualCall, Question


NOW = "now"


@click.command("simulate")
@click.argument("name", metavar="[FLOW]", required=False)
@click.option("--to", "number", metavar="NUMBER", help="Call the flow to which NUMBER leads.")
@click.option(
    "--at",
    "moment",
    metavar="TIME",
    help="When NUMBER is dialled: 2026-12-25T10:00 in the calendar's zone, or with an offset. "
    "Else now.",
)
@click.option("--machine", is_flag=True, help="An answering machine picks up the call.")
@directory
@environment
@output_format("text", "json")
def command(
    name: str | None,
    number: str | None,
    moment: str | None,
    machine: bool,
    directory: Path,
    environment: str | None,
    output_format: str,
) -> int:
    """Call FLOW or a number: read what a caller hears, and type what the caller does.

    Times are those of the call, nothing is waited for. The answers can come from a pipe, a line
    each; after the last one the caller only waits, and whoever is called answers. Without -e the
    flow is as it is in the first environment that has it, and the number leads where the first
    environment leads it that does.

    With --format json the call goes by on standard error; the document comes when it is over.
    """
    from mbflow.testing.flows import called_flows
    from mbflow.testing.manual_call import ManualCall

    if not number and (name is None or number is not None):
        raise UsageError("Name a flow, or a number with --to.")
    if moment is not None and number is None:
        raise UsageError("--at is when a number is dialled. Name the number with --to.")
    if name is not None:
        name = name_of_flow(name, directory, environment)
    answered = ""
    flows = called_flows(directory, environment, progress=shown_progress())
    if number is not None:
        home, answer = _dial(flows, number, NOW if moment is None else moment)
        _check(answer, name)
        if len(flows.environments) > 1:
            note(f"Without -e: the number leads where {home} leads it.")
        flows, name = called_flows(directory, home, progress=shown_progress()), answer.flow
        answered = _who_answers(answer)
        click.echo(answered, err=output_format == "json")
    (program,) = flows.choose([name or ""])
    say_environments(flows.environments)
    call = ManualCall(program, flows.find, machine=machine)
    _walk(call, aside=output_format == "json")
    if output_format == "json":
        from mbflow.views.test_results import transcript_json
        from mbflow.views.text import json_text

        transcript = transcript_json(call.transcript())
        head = {"flow": program.name, "answer": answered or None, "open": call.is_open}
        click.echo(json_text({**head, "transcript": transcript}))
    return ExitCode.DONE


def _walk(call: ManualCall, *, aside: bool) -> None:
    """`aside`: what is heard goes to standard error, too."""
    while True:
        lines, question = call.advance()
        if lines:
            click.echo("\n".join(lines), err=aside)
        if question is None:
            break
        _answer(call, question)
    if call.is_open:
        click.echo("The call goes on with the flow of that URL.", err=aside)


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


def _dial(flows: CalledFlows, number: str, moment: str) -> tuple[str, Answer]:
    """The environment in which the number leads to a flow, and who answers it."""
    from datetime import UTC, datetime

    from mbflow.model.moment import parse_moment
    from mbflow.testing.answer import NoAnswer, answer_at, plain_number

    home = flows.leads(number := plain_number(number))
    now = datetime.now(UTC)
    answer = answer_at(
        number,
        home.numbers[number],
        lambda zone: now.astimezone(zone) if moment == NOW else parse_moment(moment, zone),
        flows.calendars.find,
    )
    if isinstance(answer, NoAnswer) and answer.is_of_calendar:
        raise UsageError(answer.message, "To see what is wrong:", Command("mbflow", "validate"))
    if isinstance(answer, NoAnswer):
        raise UsageError(f"--{answer.key}: {answer.message}")
    return home.name, answer


def _check(answer: Answer, name: str | None) -> None:
    if name not in (None, answer.flow):
        fit = f"{answer.text}. That is not {shortened(str(name), 80)}."
        raise UsageError(fit, "Leave out FLOW or --to.")


def _who_answers(answer: Answer) -> str:
    """`442079460100 is answered by support/menu: office is open, until Fri 2026-11-27 17:00`."""
    from mbflow.views.calendar import minute_text

    if answer.standing is None:
        return answer.text
    change = answer.next_change()
    if change is None:
        return f"{answer.text}, for two years at least"
    return f"{answer.text}, until {minute_text(change.moment)}"
