"""`mbflow page`: call flows as one HTML file to look at and to send to others, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import changes_named, flow_names
from mbflow.cli.notes import shown_progress
from mbflow.cli.options import FilePath, directory, environment, output_format
from mbflow.cli.output import say_environments, say_problems, show_as
from mbflow.model.errors import Error, ExitCode, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mbflow.model.flow import Json
    from mbflow.model.problem import Problem


@click.command("page")
@click.argument("names", metavar="[FLOW]...", nargs=-1)
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=FilePath(dir_okay=False),
    help="Where to write the page; one that is there is replaced.  [default: calls.html]",
)
@click.option(
    "--plan",
    "planfile",
    metavar="PLANFILE",
    type=FilePath(dir_okay=False),
    help="Show what a saved plan changes, before and after. Reads nothing but the file.",
)
@click.option("--open", "is_to_open", is_flag=True, help="Open the page in a browser, too.")
@directory
@environment
@output_format("text", "json")
def command(
    names: tuple[str, ...],
    file: Path | None,
    planfile: Path | None,
    is_to_open: bool,
    directory: Path,
    environment: str | None,
    output_format: str,
) -> int:
    """Write one HTML file that shows call flows: drawn, with their calls played back.

    Without a FLOW it shows all of them; without -e each as it is in the first environment that has
    it. The file needs nothing but a browser, and asks no server for anything: send it to whoever
    decides what callers hear. Flows with errors cannot be drawn: of all flows the page names them,
    and the verb exits with 1.

    With --plan the flows that a plan changes stand beside each other as they are and as they will
    be, with the calls that change.
    """
    from mbflow.model.text import printable
    from mbflow.project.whole_file import replace_file
    from mbflow.views.page import page_html

    file = file or directory / "calls.html"
    errors: Sequence[Problem] = ()
    if file.is_file() and not _is_page(file):
        raise UsageError(f"{file} is not a page of mbflow: it stays. Name another file with -o.")
    if planfile is not None:
        document = _changes(planfile, names, directory, environment)
    else:
        document, errors = _flows(names, directory, environment)
    replace_file(file, page_html(document).encode())
    show_as(output_format, {"file": str(file)}, f"Wrote {printable(str(file))}")
    say_problems(errors, directory)
    if is_to_open and not _open(file):
        raise Error("No browser could be started. Open the file yourself:", str(file.absolute()))
    return ExitCode.FAILED if errors else ExitCode.DONE


def _flows(
    names: Sequence[str], directory: Path, environment: str | None
) -> tuple[dict[str, Json], Sequence[Problem]]:
    """The document; and of all flows, what is wrong with those that can only be named in it."""
    from mbflow.testing.flows import called_flows
    from mbflow.testing.page_document import page_document

    names = flow_names(names, directory, environment)
    flows = called_flows(directory, environment, progress=shown_progress())
    document = page_document(directory, environment, names, progress=shown_progress(), flows=flows)
    environments = document["environments"]
    assert isinstance(environments, list)
    say_environments([str(name) for name in environments])
    secrets = _secrets(directory)
    hidden = {key: _hidden(of, secrets) for key, of in document.items()} if secrets else document
    return hidden, () if names else flows.errors()


def _secrets(directory: Path) -> dict[str, str]:
    """Value to `${name}`, of the secrets of all environments that a plan would take."""
    import os

    from mbflow.project.discover import find_root
    from mbflow.project.project_file import read_project
    from mbflow.project.variables import SHORTEST, secret_texts

    environments = read_project(find_root(directory), os.environ).project.environments.values()
    found = [pair for one in environments for pair in secret_texts(one.variables).items()]
    return {value: f"${{{name}}}" for name, value in found if len(value) >= SHORTEST}


def _hidden(value: Json, secrets: Mapping[str, str]) -> Json:
    """The value without secrets, which somebody may have typed into a flow."""
    if isinstance(value, str):
        for secret in sorted(secrets, key=len, reverse=True):
            value = value.replace(secret, secrets[secret])
        return value
    if isinstance(value, list):
        return [_hidden(item, secrets) for item in value]
    if isinstance(value, dict):
        return {key: _hidden(item, secrets) for key, item in value.items()}
    return value


def _changes(
    planfile: Path, names: Sequence[str], directory: Path, environment: str | None
) -> dict[str, Json]:
    from dataclasses import replace

    from mbflow.plan.planfile import read_plan_file
    from mbflow.views.page.plan_document import plan_document

    plan = read_plan_file(planfile)
    if environment not in (None, plan.environment):
        raise RefusedError(f"This plan is for {plan.environment}, and not for {environment}.")
    changes = changes_named(plan, flow_names(names, directory, plan.environment))
    return plan_document(replace(plan, changes=tuple(changes)))


def _is_page(file: Path) -> bool:
    """Whether it may be replaced: a page, or nothing yet."""
    from mbflow.views.page import MARK

    with file.open("rb") as stream:
        return stream.read(len(MARK)) in (MARK.encode(), b"")


def _open(file: Path) -> bool:
    import webbrowser

    return webbrowser.open(file.absolute().as_uri())
