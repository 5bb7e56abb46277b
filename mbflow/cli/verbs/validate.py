"""`mbflow validate`: check the flow files and the call files, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import flow_paths
from mbflow.cli.notes import shown_progress
from mbflow.cli.options import FilePath, directory, environment, output_format
from mbflow.cli.output import stdout_style
from mbflow.model.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.testing.validate import CheckResult


@click.command("validate")
@click.argument("paths", metavar="[PATH|FLOW]...", nargs=-1, type=FilePath())
@directory
@environment
@output_format("text", "json", "github", "gitlab", "sarif")
def command(
    paths: tuple[Path, ...], directory: Path, environment: str | None, output_format: str
) -> int:
    """Check the flow files, their call files, the calendars and mbflow.yaml, offline.

    PATHs are flow files, call files, calendars or folders; without one everything is checked.
    Without -e the files are checked for every environment of the project. Rules that compare flows
    see the given files only. Calls are not run: that is for mbflow test.

    Exit codes: 0 no errors, 1 errors, 64 wrong usage.
    """
    from pathlib import Path

    from mbflow.model.problem import has_errors
    from mbflow.project.discover import root_of_sources
    from mbflow.testing.validate import check

    of_sources = output_format in ("github", "gitlab", "sarif")
    seen_from = root_of_sources(Path.cwd()) if of_sources else directory
    chosen = [Path(path) for path in flow_paths(map(str, paths), directory, environment)]
    checked = check(directory, chosen, environment, seen_from=seen_from, progress=shown_progress())
    text = _view(checked, output_format, seen_from)
    if text:
        click.echo(text)
    return ExitCode.FAILED if has_errors(checked.problems) else ExitCode.DONE


def _view(checked: CheckResult, output_format: str, seen_from: Path) -> str:
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

        return annotations_text(problem_annotations(checked.problems))
    from mbflow.testing.validate import source_lines
    from mbflow.views.problems import counts_text, problems_text

    files = checked.flows, checked.call_files, checked.calendars
    counts = counts_text(checked.problems, *files)
    if not checked.problems:
        return counts
    lines = source_lines(seen_from, checked.problems)
    return f"{problems_text(checked.problems, lines, stdout_style())}\n\n{counts}"
