"""`mbflow import`: live flows become flow files. Writes nothing to the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from mbflow.cli.context import survey_account
from mbflow.cli.flow_names import flow_names, name_of_flow
from mbflow.cli.next_command import completed, render, say_lines
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import show_as, stdout_style
from mbflow.model.errors import Error, ExitCode, UsageError
from mbflow.model.text import Command, plural, printable
from mbflow.views.objects import document
from mbflow.views.text import json_text

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.api.client import Client
    from mbflow.apply.import_flows import Import
    from mbflow.apply.import_numbers import NumbersImport
    from mbflow.model.flow import Json
    from mbflow.model.progress import Progress
    from mbflow.plan.survey import Survey


@click.command("import")
@click.argument("names", metavar="[ID|FLOW]...", nargs=-1)
@directory
@environment
@output_format("text", "json")
@click.option(
    "--all", "everything", is_flag=True, help="Import every flow that has no file yet, and numbers."
)
@click.option("--numbers", is_flag=True, help="Write into mbflow.yaml which number leads where.")
@click.option("--as", "name", metavar="NAME", help="The name of the new file, for one ID.")
@click.option(
    "--force",
    is_flag=True,
    help="Also where unapplied changes of the file, or a variable's value, are lost.",
)
@click.option(
    "--show", is_flag=True, help="Only show what the file of FLOW and the live flow changed."
)
def command(
    names: tuple[str, ...],
    directory: Path,
    environment: str | None,
    output_format: str,
    everything: bool,
    numbers: bool,
    name: str | None,
    force: bool,
    show: bool,
) -> int:
    """Write live flows into flow files, and note in the lock which belongs to which.

    An ID gets a new file, named after its title. A FLOW has its file edited, so that it says what
    is live: the way to keep an edit that was made outside git. Comments, ${names} and all that
    does not differ stay. Nothing is written to the service. A flow that cannot be imported does
    not keep the others from it.

    --numbers writes a line into mbflow.yaml for each number that leads to a flow with a file, and
    takes lines to where their numbers lead; alone, it imports no flow.

    Exit codes: 0 done, 1 some flows were left out, a line does not say where its number leads, or
    something failed, 3 refused, 64 wrong usage.
    """
    choice = Choice(names, everything=everything, name=name, force=force)
    _check_usage(choice, numbers=numbers, show=show)
    if show:
        return _show(names, directory, environment, output_format)
    left: list[tuple[str, Error]] = []
    with survey_account(directory, environment) as (seen, client):
        written = _import_flows(seen, client.progress, choice, directory, left)
        _tell_flows(written, left, seen.checkout.root, output_format)
        table = _import_numbers(seen, client, written, wanted=numbers or everything)
    _tell_numbers(table, seen.checkout.environment.name, output_format)
    if output_format == "json":
        parts = _parts(written, left, table)
        click.echo(json_text(document(seen.checkout.environment, parts)))
    if left or table.contrary:
        return ExitCode.FAILED
    if not written and not table.written:
        note("There is nothing to import: the files say what is live.")
    return ExitCode.DONE


class Choice(NamedTuple):
    """Which flows are imported, and how."""

    names: tuple[str, ...]
    everything: bool
    name: str | None
    """Of the new file, for one id."""
    force: bool


def _check_usage(choice: Choice, *, numbers: bool, show: bool) -> None:
    names, everything, name, force = choice
    if (names and everything) or not (names or everything or numbers):
        raise UsageError(
            "Name the flows to import, or say --all or --numbers.",
            Command("mbflow", "flows", "list"),
        )
    if show and (not names or name or force or everything or numbers):
        raise UsageError("--show goes with the names of flows, and with nothing else.")
    if name is not None and len(names) != 1:
        raise UsageError("--as names the file of one ID.")


def _import_flows(
    seen: Survey,
    progress: Progress,
    choice: Choice,
    directory: Path,
    left: list[tuple[str, Error]],
) -> Sequence[Import]:
    """The files that were written; what was not goes into `left`."""
    from mbflow.apply.import_flows import imports, write_imports

    def leave_out(what: str, error: Error) -> None:
        left.append((what, error))

    here = directory, seen.checkout.environment.name
    planned = imports(
        seen,
        flow_names(choice.names, *here),
        everything=choice.everything,
        name=None if choice.name is None else name_of_flow(choice.name, *here),
        force=choice.force,
        leave_out=leave_out,
        progress=progress,
    )
    return write_imports(seen, planned, leave_out=leave_out, progress=progress)


def _import_numbers(
    seen: Survey, client: Client, written: Sequence[Import], *, wanted: bool
) -> NumbersImport:
    from mbflow.apply.import_numbers import NumbersImport, import_numbers

    return import_numbers(seen, client, written) if wanted else NumbersImport()


def _parts(
    written: Sequence[Import], left: Sequence[tuple[str, Error]], table: NumbersImport
) -> dict[str, Json]:
    """What became of it, for JSON: `numbers` are the lines that were written."""
    flows: list[Json] = [
        {
            "flow": one.name,
            "file": one.file,
            "id": one.live.id,
            "title": one.live.title,
            "status": _became(one),
            "comments_gone": one.draft.comments,
            "shared": list(one.draft.shared),
            "unknown": list(one.left_out),
        }
        for one in written
    ]
    out: list[Json] = [
        {"flow": what, "summary": error.summary, "details": list(render(error.details))}
        for what, error in left
    ]
    lines: list[Json] = [{"number": number, "flow": flow} for number, flow in table.written.items()]
    return {
        "flows": flows,
        "left_out": out,
        "numbers": lines,
        "numbers_left_out": list(table.left_out),
        "numbers_contrary": list(table.contrary),
    }


def _show(
    names: Sequence[str],
    directory: Path,
    environment: str | None,
    output_format: str,
) -> int:
    """Both sides of each flow; nothing is written."""
    from mbflow.apply.file_history import compare
    from mbflow.plan.document import edit_json
    from mbflow.views.three_way import three_way_lines

    with survey_account(directory, environment) as (seen, _):
        names = flow_names(names, directory, seen.checkout.environment.name)
        each = shown_progress().each("Comparing call flows", names)
        found = [compare(seen, name) for name in each]
    flows: list[Json] = [
        {
            "flow": one.name,
            "file": one.file,
            "id": one.id,
            "commit": one.commit or None,
            "same": one.is_same,
            "by_file": [edit_json(edit) for edit in one.by_file.edits],
            "by_hand": [edit_json(edit) for edit in one.by_hand.edits],
        }
        for one in found
    ]
    texts = ("\n".join(render(three_way_lines(one, stdout_style()))) for one in found)
    both = document(seen.checkout.environment, {"flows": flows})
    show_as(output_format, both, "\n".join(texts))
    return ExitCode.DONE


def _tell_flows(
    written: Sequence[Import], left: Sequence[tuple[str, Error]], root: Path, output_format: str
) -> None:
    for one in written:
        _tell(one, root, output_format)
    for what, error in left:
        say_lines([f"left out {what}: {error.summary}", *error.details])
    if left:
        note(f"{len(written)} imported, {len(left)} left out.")


def _tell(one: Import, root: Path, output_format: str) -> None:
    title = f' "{one.live.title}"' if one.live.title else ""
    if output_format == "text":
        click.echo(printable(f"{_became(one)} {one.file}: {one.live.id}{title}"))
    for path in one.left_out:
        click.echo(f"  left out: {printable(path)}, which mbflow does not know", err=True)
    for sentence in one.draft.shared:
        click.echo(f"  {printable(sentence)}", err=True)
    if one.replaces and not one.draft.is_edit:
        click.echo("  the whole file is written anew: it could not be edited", err=True)
    if one.draft.comments:
        from mbflow.project.git import git_command

        count = plural(one.draft.comments, "comment")
        click.echo(f"  {count} went with the text around. To see what changed:", err=True)
        click.echo(f"      {completed(git_command(root, 'diff', '--', one.file))}", err=True)


def _became(one: Import) -> str:
    """Of the file: a whole new one, one where there was one, or only what differs in it."""
    if one.is_kept:
        return "kept"
    return "edited" if one.draft.is_edit else "replaced" if one.replaces else "wrote"


def _tell_numbers(table: NumbersImport, environment: str, output_format: str) -> None:
    if table.written and output_format == "text":
        count = plural(len(table.written), "number")
        click.echo(printable(f"wrote mbflow.yaml: {count} of {environment}"))
    say_lines([*table.left_out, *table.contrary])
