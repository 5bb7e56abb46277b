"""`mbflow page`: call flows as one HTML file to look at and to send to others, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import flow_names
from mbflow.cli.options import FilePath, directory, environment
from mbflow.cli.output import say_environments
from mbflow.model.errors import Error, ExitCode, UsageError

if TYPE_CHECKING:
    from pathlib import Path


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
@click.option("--open", "is_to_open", is_flag=True, help="Open the page in a browser, too.")
@directory
@environment
def command(
    names: tuple[str, ...],
    file: Path | None,
    is_to_open: bool,
    directory: Path,
    environment: str | None,
) -> int:
    """Write one HTML file that shows call flows: drawn, with their calls played back.

    Without a FLOW it shows all of them; without -e each as it is in the first environment that has
    it. The file needs nothing but a browser, and asks no server for anything: send it to whoever
    decides what callers hear.
    """
    from mbflow.model.text import printable
    from mbflow.project.whole_file import replace_file
    from mbflow.testing.page_document import page_document
    from mbflow.views.page import page_html

    chosen = flow_names(names, directory, environment)
    document = page_document(directory, environment, chosen)
    file = file or directory / "calls.html"
    if file.is_file() and not _is_page(file):
        raise UsageError(f"{file} is not a page of mbflow: it stays. Name another file with -o.")
    replace_file(file, page_html(document).encode())
    click.echo(f"Wrote {printable(str(file))}")
    environments = document["environments"]
    assert isinstance(environments, list)
    say_environments([str(name) for name in environments])
    if is_to_open and not _open(file):
        raise Error("No browser could be started. Open the file yourself:", str(file.absolute()))
    return ExitCode.DONE


def _is_page(file: Path) -> bool:
    """Whether it may be replaced: a page, or nothing yet."""
    from mbflow.views.page import MARK

    with file.open("rb") as stream:
        return stream.read(len(MARK)) in (MARK.encode(), b"")


def _open(file: Path) -> bool:
    import webbrowser

    return webbrowser.open(file.absolute().as_uri())
