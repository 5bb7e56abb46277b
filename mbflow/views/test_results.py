"""The results of simulated calls, as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mbflow.model.flow import Json
from mbflow.model.problem import in_order, problem_json
from mbflow.model.text import plural, printable
from mbflow.simulator.transcript import Event, Transcript
from mbflow.testing.coverage import Branch, FlowCoverage, percent
from mbflow.testing.expectations import Failure, Result
from mbflow.testing.runner import Run
from mbflow.testing.transcript_text import UPDATE, short_lines
from mbflow.views.text import WIDTH, Style, wrap


def transcript_text(
    transcript: Transcript, failures: Sequence[Failure] = (), style: Style | None = None
) -> str:
    """A line for each event; `>` marks where a failure shows, and `E` tells it, as pytest does.

    What comes again and again is told once.
    """
    style = style or Style()
    lines = []
    marked = {failure.event for failure in failures}
    for number, line in short_lines(transcript.events, transcript.flow, marked):
        here = [failure for failure in failures if failure.event == number]
        lines.append(style.paint(f"> {line}", "red") if here else f"  {line}")
        lines += [style.paint(told, "red", "bold") for one in here for told in _failure(one)]
    return "\n".join(lines)


def _failure(failure: Failure) -> list[str]:
    """At most 80 columns; a command that is to be copied stays in one piece."""
    if len(f"E   {failure.message}") <= WIDTH:
        return [f"E   {failure.message}"]
    kept = failure.message.replace(UPDATE, UPDATE.replace(" ", _NO_BREAK))
    return [line.replace(_NO_BREAK, " ") for line in wrap(kept, "E   ", "E     ")]


_NO_BREAK = "\ufffc"
"""Stands for a blank of a command while lines are broken: `printable` lets it through."""


def transcript_json(transcript: Transcript) -> dict[str, Json]:
    """Times are in seconds, steps count from 0, as in the paths of problems."""
    ending = transcript.ending
    return {
        "events": [_event(event) for event in transcript.events],
        "ends": {"kind": ending.kind.value, "at": ending.at / 1000, "text": ending.text},
        "variables": dict(transcript.variables),
    }


def _event(event: Event) -> dict[str, Json]:
    found: dict[str, Json] = {"at": event.at / 1000, "kind": event.kind.value}
    if event.step >= 0:
        found |= {"flow": event.flow, "step": event.step}
    if event.lasts:
        found["lasts"] = event.lasts / 1000
    texts = {"text": event.text, "detail": event.detail, "why": event.why}
    return found | {name: text for name, text in texts.items() if text}


NOTHING = "there is no flow that can be called."
UNCALLABLE = "cannot be called"


def coverage_text(flows: Sequence[FlowCoverage], uncallable: Sequence[str] = ()) -> str:
    """A line for each flow with what no call went through below it, and the share of all.

    Names of flows that cannot be called have a line too: they count for nothing.
    """
    if not flows:
        return f"Coverage of branches: {NOTHING}"
    names = [*(flow.program.name for flow in flows), *uncallable]
    width = max(len("all"), *(len(printable(name)) for name in names))
    lines = ["Coverage of branches:"]
    for flow in flows:
        lines.append(_line(flow.program.name, [flow], width))
        if flow.covered:
            lines += [f"    {branch_text(flow, branch)}" for branch in flow.missed]
    lines += [f"  {printable(name).ljust(width)}        -  {UNCALLABLE}" for name in uncallable]
    return "\n".join([*lines, _line("all", flows, width)])


def coverage_json(flows: Sequence[FlowCoverage]) -> dict[str, Json]:
    """Steps count from 0, as in the paths of problems."""
    return {
        "percent": percent(flows),
        "branches": sum(len(flow.branches) for flow in flows),
        "covered": sum(flow.covered for flow in flows),
        "flows": [
            {
                "flow": flow.program.name,
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


def calls_text(run: Run, style: Style) -> str:
    """A line for each flow, every failed call with its transcript, and the counts."""
    width = max((len(printable(result.name)) for result in run.results), default=0)
    by_flow = groupby(run.results, key=lambda result: result.name)
    blocks = ["\n".join(_flow_line(name, list(of), width, style) for name, of in by_flow)]
    blocks += [failed_text(result, style) for result in run.results if result.failures]
    blocks += _promises(run, style)
    blocks += ["\n".join(f"Wrote {printable(file)}." for file in run.written)]
    return "\n\n".join([*filter(None, blocks), counts_text(run, style)])


def failed_text(result: Result, style: Style) -> str:
    """One call that fell short."""
    head = f"FAILED {printable(result.name)}: {printable(result.call.name)}"
    place = f"{printable(result.file)}:{result.line}"
    told = transcript_text(result.transcript, result.failures, style)
    return f"{style.paint(head, 'red', 'bold')}\n{style.paint(place, 'dim')}\n{told}"


def counts_text(run: Run, style: Style) -> str:
    """`12 calls: 11 passed, 1 failed.` What could not be run is told: it is no success."""
    promises = [_promises_line(run, style)] if run.promises else []
    if run.promises and not (run.results or run.errors):
        return promises[0]
    return "\n".join([_calls_line(run, style), *promises])


def _promises(run: Run, style: Style) -> list[str]:
    if not run.promises:
        return []
    from mbflow.views.promises import result_text, told

    return [result_text(one, style) for one in told(run.promises)]


def _promises_line(run: Run, style: Style) -> str:
    from mbflow.views.promises import promises_line

    has_failed = any(one.has_failed for one in run.promises)
    return style.paint(promises_line(run.promises), "red" if has_failed else "green", "bold")


def _calls_line(run: Run, style: Style) -> str:
    count, files = len(run.results), len({problem.file for problem in run.errors})
    broken = f"{files} {'file has' if files == 1 else 'files have'} errors" if files else ""
    if not count and broken:
        return style.paint(f"No calls were run: {broken}.", "red", "bold")
    if not count:
        return (
            "No calls were run. They stand in NAME.calls.yaml beside a flow.\n"
            "To get suggestions: mbflow test --suggest FLOW"
        )
    counts = [f"{count - run.failed} passed", f"{run.failed} failed"]
    passed = ", ".join(counts[: 2 if run.failed else 1])
    text = f"{plural(count, 'call')}: {passed}{f'; {broken}' if broken else ''}."
    return style.paint(text, "red" if run.failed or broken else "green", "bold")


def calls_json(run: Run, *, coverage: bool) -> dict[str, Json]:
    """The document of `test --format json`."""
    document: dict[str, Json] = {
        "summary": {"calls": len(run.results), "failed": run.failed},
        "calls": [_result_json(result) for result in run.results],
        "promises": _promises_json(run),
        "problems": [problem_json(problem) for problem in in_order(run.problems)],
    }
    return document | ({"coverage": coverage_json(run.coverage)} if coverage else {})


def _promises_json(run: Run) -> list[Json]:
    if not run.promises:
        return []
    from mbflow.views.promises import promises_json

    return promises_json(run.promises)


def _flow_line(name: str, results: Sequence[Result], width: int, style: Style) -> str:
    failed = sum(bool(result.failures) for result in results)
    passed = f"{len(results) - failed} passed"
    told = f"{passed}, {style.paint(f'{failed} failed', 'red')}" if failed else passed
    return f"{printable(name).ljust(width)}  {told}"


def _result_json(result: Result) -> dict[str, Json]:
    return {
        "flow": result.name,
        "name": result.call.name,
        "file": result.file,
        "line": result.line,
        "passed": not result.failures,
        "failures": [
            {"message": failure.message, "event": failure.event} for failure in result.failures
        ],
        "transcript": transcript_json(result.transcript),
    }
