"""`mbflow merge-lock`: merge two lock files, called by git."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.options import FilePath, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import Error, ExitCode
from mbflow.model.text import listed, listed_shortly, printable

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.model.flow import Json


@click.command("merge-lock")
@click.argument("base", type=FilePath())
@click.argument("ours", type=FilePath())
@click.argument("theirs", type=FilePath())
@output_format("text", "json")
def command(base: Path, ours: Path, theirs: Path, output_format: str) -> int:
    """Merge the lock THEIRS into OURS; BASE is what both came of.

    Flow by flow and number by number, for git, which merges neighbouring lines badly:

    \b
        git config merge.mbflow.driver "mbflow merge-lock %O %A %B"
        echo "mbflow.lock.yaml merge=mbflow" >> .git/info/attributes

    Exit codes: 0 merged, 1 somebody has to choose between two lines, 3 a lock cannot be read.
    """
    from mbflow.project.whole_file import replace_file
    from mbflow.state.lock import Lock, read_lock
    from mbflow.state.lock_merge import merge_locks

    try:
        # git gives an empty file where a side has none.
        sides = [read_lock(p) if p.read_bytes().strip() else Lock() for p in (base, ours, theirs)]
    except OSError as error:
        raise Error(f"{error.filename} cannot be read: {error.strerror}.") from error
    text, conflicts, doubles = merge_locks(*sides)
    try:
        replace_file(ours, text.encode())
    except OSError as error:
        raise Error(f"{ours} cannot be written: {error.strerror}.") from error
    twice: dict[str, Json] = {flow_id: list(names) for flow_id, names in doubles.items()}
    parts: dict[str, Json] = {"file": str(ours), "conflicts": list(conflicts), "doubles": twice}
    show_as(output_format, parts, "")
    if conflicts:
        both = f"Both sides changed: {listed_shortly(conflicts)}."
        click.echo(f"{printable(both)} Keep one line of each.", err=True)
    for flow_id, names in doubles.items():
        both = f"One live flow, {flow_id}, would have two names: {listed(names, last='and')}."
        click.echo(f"{printable(both)} Keep the line of the flow that is to stay.", err=True)
    return ExitCode.FAILED if conflicts or doubles else ExitCode.DONE
