"""`mbflow init`: a project file, a first flow and its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.next_command import render, visited_folder
from mbflow.cli.options import FilePath, directory, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode
from mbflow.model.text import Command, printable

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.model.flow import Json
    from mbflow.project.init import Start

_NEXT = (("validate",), ("test", "--coverage"), ("plan",), ("apply",))


def started_text(start: Start, root: Path) -> str:
    """`root` is the folder as it was named."""
    told = _told(root)
    blocks = [
        "\n".join(f"{'wrote' if new else 'kept '}  {name}" for name, new in start.written.items())
    ]
    blocks += ["\n".join([head, *render(lines, told)]) for head, lines in start.todo]
    commands = render((Command("mbflow", *words) for words in _NEXT), told)
    blocks.append("\n".join(["Next, without account or network:", *commands]))
    return "\n\n".join("\n".join(map(printable, block.splitlines())) for block in blocks)


def _start_json(start: Start, folder: Path, root: Path) -> dict[str, Json]:
    """`todo` is what is left to people: a sentence, and the lines to copy for it."""
    files: list[Json] = [{"file": name, "written": new} for name, new in start.written.items()]
    told = _told(root)
    todo: list[Json] = [
        {"summary": head, "lines": list(render(lines, told))} for head, lines in start.todo
    ]
    return {"folder": str(folder), "files": files, "todo": todo}


def _told(root: Path) -> dict[str, str | None]:
    """What commands to copy must name: the folder, unless it is this one."""
    from pathlib import Path

    return {"to_visit": str(root) if root != Path() else None}


@click.command("init")
@click.argument("folder", metavar="[DIR]", required=False, type=FilePath())
@click.option(
    "--ci",
    type=click.Choice(("github", "gitlab")),
    help="Write the workflow or pipeline too: plan when reviewed, apply when merged.",
)
@click.option(
    "--editor",
    type=click.Choice(("vscode",)),
    help="Write the settings by which the editor knows the files.",
)
@directory
@output_format("text", "json")
def command(
    folder: Path | None, ci: str | None, editor: str | None, directory: Path, output_format: str
) -> int:
    """Start a project in DIR, or here: mbflow.yaml, a first flow with its calls, what git needs to
    know, and schemas for editors.

    Files that are there already are left as they are: lines to add to them are printed. Those of CI
    and of the editor go to the top of the repository. A second run writes only what is missing.
    """
    from mbflow.project.init import start_project

    root = folder or directory
    start = start_project(root, ci=ci or "", editor=editor or "")
    seen = visited_folder() / root
    show_as(output_format, _start_json(start, root, seen), started_text(start, seen))
    return ExitCode.DONE
