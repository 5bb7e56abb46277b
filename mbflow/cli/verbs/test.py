"""`mbflow test`: run simulated calls, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import flow_paths, name_of_flow
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import say_environments, say_problems, show_as, stdout_style
from mbflow.model.errors import ExitCode, UsageError
from mbflow.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mbflow.model.flow import Json
    from mbflow.testing.proposal import Proposal
    from mbflow.testing.run import Run


@click.command("test")
@click.argument("paths", metavar="[PATH|FLOW]...", nargs=-1)
@click.option(
    "--name", default="", metavar="TEXT", help="Only calls and promises with TEXT in their name."
)
@click.option(
    "--coverage", is_flag=True, help="Show which branches and states no call goes through."
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail when fewer branches are covered.",
)
@click.option(
    "--suggest", metavar="FLOW", help="Print calls for what no call of FLOW goes through."
)
@click.option("--update", is_flag=True, help="Write the transcripts to NAME.calls.txt.")
@directory
@environment
@output_format("text", "json", "junit", "markdown", "github")
def command(
    paths: tuple[str, ...],
    name: str,
    coverage: bool,
    fail_under: float | None,
    suggest: str | None,
    update: bool,
    directory: Path,
    environment: str | None,
    output_format: str,
) -> int:
    """Run the simulated calls of NAME.calls.yaml against the flow NAME.yaml beside it.

    The promises of mbflow.yaml are decided with them: what is to be true of all calls.

    PATHs are call files, flow files or folders. Where NAME.calls.txt is there, the transcripts must
    be what it says. Without -e a flow is called in the first environment of mbflow.yaml that has
    it. A call that dials a number is answered by the flow to which that leads. Nothing is sent
    anywhere.

    Exit codes: 0 all calls as expected and all promises hold, 1 not, 64 wrong usage.
    """
    from mbflow.testing.coverage import percent
    from mbflow.testing.runner import run_calls
    from mbflow.testing.selection import Selection

    if suggest is not None:
        suggest = name_of_flow(suggest, directory, environment)
        return _suggest(suggest, directory, environment, output_format)
    if update and name:
        raise UsageError("A snapshot holds every call of its file: use --update without --name.")
    chosen = Selection(flow_paths(paths, directory, environment), name)
    run = run_calls(directory, environment, chosen, update=update, progress=shown_progress())
    # To count the branches takes a quarter of a run: only where somebody asks.
    covered = fail_under is None or percent(run.whole) >= fail_under
    shortfall = "" if covered else f"Coverage is {percent(run.whole):g} %, below {fail_under:g} %."
    if output_format == "github":
        _annotate(run, directory, shortfall)
    else:
        click.echo(_view(run, output_format, coverage=coverage or not covered))
    if output_format in ("text", "markdown"):  # In the others they are part of the document.
        say_problems(run.problems, directory)
    say_environments(run.environments)
    if shortfall:
        click.echo(shortfall, err=True)
    return ExitCode.FAILED if run.has_failed or not covered else ExitCode.DONE


def _suggest(name: str, directory: Path, environment: str | None, output_format: str) -> int:
    from mbflow.testing.proposal import suggest_calls
    from mbflow.views.suggestions import suggestions_yaml

    proposal = suggest_calls(directory, environment, name, progress=shown_progress())
    lines = list(_left(proposal))
    calls = suggestions_yaml(proposal) if proposal.found.calls else ""
    show_as(output_format, _proposal_json(name, proposal, calls, lines), calls)
    if proposal.found.calls:
        if proposal.file:
            note(f"These go to the end of {printable(proposal.file)}.")
    elif not lines:
        note(f"Every branch of {printable(name)} is covered.")
    for line in lines:
        click.echo(line, err=True)
    for problem in proposal.unread:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        why = f"its calls are not counted: {problem.message}"
        click.echo(printable(f"{place}: {why}"), err=True)
    return ExitCode.DONE


def _proposal_json(
    name: str, proposal: Proposal, calls: str, lines: Sequence[str]
) -> dict[str, Json]:
    """`calls` are lines of a call file: of `file`, at its end, where that is not null."""
    from mbflow.model.problem import problem_json

    problems: list[Json] = [problem_json(problem) for problem in proposal.unread]
    found = {"flow": name, "file": proposal.file or None, "calls": calls}
    return {**found, "left": list(lines), "problems": problems}


def _left(proposal: Proposal) -> Iterator[str]:
    """For each branch without a call a line, and why there is none."""
    from mbflow.views.test_results import branch_text

    found = proposal.found
    for branch in found.left:
        yield f"No call could be found for: {branch_text(proposal.flow, branch)}"
    if found.left and found.is_cut:
        yield (
            "There may be calls for these all the same: the flow has more different calls than "
            "mbflow looks at."
        )
    if found.later:
        rest = f"{len(found.later):,} of {len(proposal.flow.missed):,}"
        yield f"Left out: {rest} branches without a call were not looked at, as it takes long."
        if found.calls:
            yield "Put these calls into the call file, then run this again for the rest."


def _view(run: Run, output_format: str, *, coverage: bool) -> str:
    from mbflow.views.test_results import calls_json, calls_text, coverage_text

    if output_format == "json":
        from mbflow.views.text import json_text

        return json_text(calls_json(run, coverage=coverage))
    if output_format == "junit":
        from mbflow.views.junit import junit_xml

        return junit_xml(run)
    if output_format == "markdown":
        from mbflow.views.test_results_markdown import calls_markdown

        return calls_markdown(run, coverage=coverage)
    more = [coverage_text(run)] if coverage else []
    return "\n\n".join([*more, calls_text(run, stdout_style())])


def _annotate(run: Run, directory: Path, shortfall: str) -> None:
    """Files are named from the repository, whatever folder a job works in."""
    import os

    from mbflow.project.discover import find_root, root_of_sources
    from mbflow.project.load import placed
    from mbflow.views.annotations import annotations_text, run_annotations

    root = find_root(directory)
    folder = os.path.relpath(root, root_of_sources(root))
    promises = [placed(one.problem(), root) for one in run.promises if not one.is_fine]
    below = "" if folder == "." else folder
    found = run_annotations(run, promises, folder=below, shortfall=shortfall)
    if found:
        click.echo(annotations_text(found))
