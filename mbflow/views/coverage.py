"""Coverage as text and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.model.flow import Json
from mbflow.model.text import printable
from mbflow.testing.coverage import Branch, FlowCoverage, percent

_NOTHING = "there is no flow that can be called."
_UNCALLABLE = "cannot be called"


def coverage_text(flows: Sequence[FlowCoverage], uncallable: Sequence[str] = ()) -> str:
    """A line for each flow with what no call went through below it, and the share of all.

    Keys of flows that cannot be called have a line too: they count for nothing.
    """
    if not flows:
        return f"Coverage of branches: {_NOTHING}"
    names = [*(flow.program.name for flow in flows), *uncallable]
    width = max(len("all"), *(len(printable(name)) for name in names))
    lines = ["Coverage of branches:"]
    for flow in flows:
        lines.append(_line(flow.program.name, [flow], width))
        if flow.covered:
            lines += [f"    {branch_text(flow, branch)}" for branch in flow.missed]
    lines += [f"  {printable(key).ljust(width)}        -  {_UNCALLABLE}" for key in uncallable]
    return "\n".join([*lines, _line("all", flows, width)])


def coverage_markdown(flows: Sequence[FlowCoverage], uncallable: Sequence[str] = ()) -> str:
    """A table, and below it what no call went through."""
    if not flows:
        return f"Coverage: {_NOTHING}"
    rows = [_row(flow.program.name, [flow]) for flow in flows]
    rows += [f"| {_cell(key)} | - | {_UNCALLABLE} |" for key in uncallable]
    table = ["| Flow | Covered | Branches |", "|---|---:|---:|", *rows, _row("**all**", flows)]
    missed = [
        f"- {_cell(flow.program.name)}: {_cell(branch_text(flow, branch))}"
        for flow in flows
        for branch in flow.missed
        if flow.covered
    ]
    return "\n".join([*table, *(["", "Not covered:", "", *missed] if missed else [])])


def coverage_json(flows: Sequence[FlowCoverage]) -> dict[str, Json]:
    """Steps count from 0, as in the paths of problems."""
    return {
        "percent": percent(flows),
        "branches": sum(len(flow.branches) for flow in flows),
        "covered": sum(flow.covered for flow in flows),
        "flows": [
            {
                "key": flow.program.name,
                "percent": percent([flow]),
                "branches": len(flow.branches),
                "covered": flow.covered,
                "missed": [
                    {"step": branch.step, "branch": branch.kind.name.lower()}
                    for branch in flow.missed
                ],
            }
            for flow in flows
        ],
    }


def branch_text(flow: FlowCoverage, branch: Branch) -> str:
    """`step 4, transfer: the transfer is answered`. Steps count from 1 here."""
    action = flow.program.steps[branch.step].action
    return f"step {branch.step + 1}, {printable(action)}: {branch.kind.value}"


def _line(name: str, flows: Sequence[FlowCoverage], width: int) -> str:
    branches = sum(len(flow.branches) for flow in flows)
    covered = sum(flow.covered for flow in flows)
    counts = f"{covered} of {branches}" if covered or not branches else "no call comes here"
    return f"  {printable(name).ljust(width)}  {percent(flows):>5g} %  {counts}"


def _row(name: str, flows: Sequence[FlowCoverage]) -> str:
    branches = sum(len(flow.branches) for flow in flows)
    covered = sum(flow.covered for flow in flows)
    return f"| {_cell(name)} | {percent(flows):g} % | {covered} of {branches} |"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("<", "&lt;")
