"""`mbflow validate`: check the flow files and the call files, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import flow_paths
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import FilePath, directory, environment, output_format, stated_base
from mbflow.cli.output import stdout_style
from mbflow.model.errors import Error, ExitCode, UsageError
from mbflow.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mbflow.model.problem import Problem
    from mbflow.testing.validate import CheckResult


@click.command("validate")
@click.argument("paths", metavar="[PATH|FLOW]...", nargs=-1, type=FilePath())
@directory
@environment
@output_format("text", "json", "github", "gitlab", "sarif")
@click.option(
    "--base",
    metavar="REF",
    callback=stated_base,
    help="Only count the warnings about files that are as at this git commit.",
)
def command(
    paths: tuple[Path, ...],
    directory: Path,
    environment: str | None,
    output_format: str,
    base: str | None,
) -> int:
    """Check the flow files, their call files, the calendars and mbflow.yaml, offline.

    PATHs are flow files, call files, calendars or folders; without one everything is checked.
    Without -e the files are checked for every environment of the project. Rules that compare flows
    see the given files only. Calls are not run: that is for mbflow test. Errors are always shown.

    Exit codes: 0 no errors, 1 errors, 64 wrong usage.
    """
    from pathlib import Path

    from mbflow.model.problem import has_errors
    from mbflow.project.discover import root_of_sources
    from mbflow.testing.validate import check

    if base and output_format not in ("text", "github"):
        raise UsageError("--base goes with --format text and github: other formats hold all.")
    of_sources = output_format in ("github", "gitlab", "sarif")
    seen_from = root_of_sources(Path.cwd()) if of_sources else directory
    chosen = [Path(path) for path in flow_paths(map(str, paths), directory, environment)]
    checked = check(directory, chosen, environment, seen_from=seen_from, progress=shown_progress())
    told = _since(base, checked.problems, seen_from) if base else checked.problems
    text = _view(checked, told, output_format, seen_from, base or "")
    if text:
        click.echo(text)
    return ExitCode.FAILED if has_errors(checked.problems) else ExitCode.DONE


def _since(base: str, problems: Sequence[Problem], seen_from: Path) -> Sequence[Problem]:
    """Errors, and the warnings about files that differ from the base; all where git cannot tell."""
    from mbflow.model.problem import Severity
    from mbflow.project.git import changed_since

    try:
        changed = changed_since(seen_from, base)
    except Error:
        note(f"Warnings about all files are shown: git cannot compare them with {printable(base)}.")
        return problems
    return [
        one
        for one in problems
        if one.severity is Severity.ERROR
        or changed is None
        or (seen_from / one.file).resolve() in changed
    ]


def _left_out(checked: CheckResult, told: Sequence[Problem], base: str) -> str:
    from mbflow.model.text import Command, plural
    from mbflow.project.git import label_of

    count = len(checked.problems) - len(told)
    of = f"{plural(count, 'warning')} about files that are as at {printable(label_of(base))}"
    return f"Not shown: {of}. To see all: {Command('mbflow', 'validate')}" if count else ""


def _view(
    checked: CheckResult, told: Sequence[Problem], output_format: str, seen_from: Path, base: str
) -> str:
    if output_format == "json":
        from mbflow.views.problems import problems_json
        from mbflow.views.text import json_text

        return json_text(problems_json(checked.problems))
    if output_format == "sarif":
        from mbflow.testing.validate import sources
        from mbflow.views.problems import sarif
        from mbflow.views.text import json_text

        return json_text(sarif(checked.problems, sources(seen_from, checked.problems)))
    if output_format == "gitlab":
        from mbflow.views.code_quality import code_quality
        from mbflow.views.text import json_text

        return json_text(code_quality(checked.problems))
    if output_format == "github":
        from mbflow.views.annotations import annotations_text, problem_annotations

        return annotations_text(problem_annotations(told), _left_out(checked, told, base))
    from mbflow.testing.validate import source_lines
    from mbflow.views.problems import counts_text, problems_text

    files = checked.flows, checked.call_files, checked.calendars
    counts = counts_text(checked.problems, *files)
    if not checked.problems:
        return counts
    text = problems_text(told, source_lines(seen_from, told), stdout_style())
    counts = "\n".join(filter(None, [counts, _left_out(checked, told, base)]))
    return "\n\n".join(filter(None, [text, counts]))
