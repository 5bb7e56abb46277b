"""The results of simulated calls, as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.model.flow import Json
from mbflow.model.problem import in_order, problem_json
from mbflow.model.text import Command, plural, printable
from mbflow.simulator.transcript import Event, Transcript
from mbflow.testing.answer import Answer
from mbflow.testing.coverage import Branch, Coverage, FlowCoverage, percent
from mbflow.testing.expectations import Failure, Result
from mbflow.testing.number_coverage import StateBranch
from mbflow.testing.run import Run
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


def coverage_text(run: Run) -> str:
    """A line for each flow and number, below it what no call went through; the share of all.

    Names of flows that cannot be called have a line too: they count for nothing.
    """
    if not run.whole:
        return f"Coverage of branches: {NOTHING}"
    names = [*(part.name for part in run.whole), *run.uncallable]
    width = max(len("all"), *(len(printable(name)) for name in names))
    lines = ["Coverage of branches:"]
    for flow in run.coverage:
        lines.append(_line(flow.name, [flow], width))
        if flow.covered:
            lines += [f"    {branch_text(flow, branch)}" for branch in flow.missed]
    lines += [f"  {printable(name).ljust(width)}        -  {UNCALLABLE}" for name in run.uncallable]
    for number in run.numbers:
        lines.append(_line(number.name, [number], width))
        lines += [f"    {state_text(branch)}" for branch in number.missed]
    return "\n".join([*lines, _line("all", run.whole, width)])


def coverage_json(run: Run) -> dict[str, Json]:
    """Steps count from 0, as in the paths of problems."""
    return {
        **_share(run.whole),
        "flows": [
            {
                "flow": flow.name,
                **_share([flow]),
                "missed": [
                    {"step": branch.step, "branch": branch.kind.name.lower()}
                    for branch in flow.missed
                ],
            }
            for flow in run.coverage
        ],
        "numbers": [
            {
                "number": of.number,
                "calendar": of.calendar.name,
                **_share([of]),
                "missed": [
                    {"states": [state.value for state in branch.states], "flow": branch.flow}
                    for branch in of.missed
                ],
            }
            for of in run.numbers
        ],
    }


def _share(parts: Sequence[Coverage]) -> dict[str, Json]:
    return {
        "percent": percent(parts),
        "branches": sum(len(part.branches) for part in parts),
        "covered": sum(part.covered for part in parts),
    }


def branch_text(flow: FlowCoverage, branch: Branch) -> str:
    """`step 4, transfer: the transfer is answered`. Steps count from 1 here."""
    action = flow.program.steps[branch.step].action
    return f"step {branch.step + 1}, {printable(action)}: {branch.kind.value}"


def state_text(branch: StateBranch) -> str:
    """`closed or holiday: support/after-hours answers`."""
    return f"{branch.name}: {printable(branch.flow)} answers"


def _line(name: str, parts: Sequence[Coverage], width: int) -> str:
    branches = sum(len(part.branches) for part in parts)
    covered = sum(part.covered for part in parts)
    counts = f"{covered} of {branches}" if covered or not branches else "no call comes here"
    return f"  {printable(name).ljust(width)}  {percent(parts):>5g} %  {counts}"


def calls_text(run: Run, style: Style) -> str:
    """A line for each flow, every failed call with its transcript, and the counts."""
    width = max((len(printable(result.name)) for result in run.results), default=0)
    lines = (_flow_line(name, of, width, style) for name, of in run.by_flow.items())
    blocks = ["\n".join(lines)]
    blocks += [failed_text(result, style) for result in run.results if result.failures]
    blocks += _promises(run, style)
    blocks += ["\n".join(f"Wrote {printable(file)}." for file in run.written)]
    return "\n\n".join([*filter(None, blocks), counts_text(run, style)])


def failed_text(result: Result, style: Style) -> str:
    """One call that fell short."""
    head = f"FAILED {printable(result.name)}: {printable(result.call.name)}"
    place = f"{printable(result.file)}:{result.line}"
    told = call_text(result, style)
    return f"{style.paint(head, 'red', 'bold')}\n{style.paint(place, 'dim')}\n{told}"


def call_text(result: Result, style: Style | None = None) -> str:
    """Which flow answered, and why, where a number led to it; then the transcript."""
    told = transcript_text(result.transcript, result.failures, style)
    return told if result.answer is None else f"{result.answer.text}\n{told}"


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
    count, files = len(run.results), len(run.broken_files)
    broken = f"{files} {'file has' if files == 1 else 'files have'} errors" if files else ""
    if not count and broken:
        return style.paint(f"No calls were run: {broken}.", "red", "bold")
    if not count:
        names = [one.name for one in run.coverage]
        suggest = Command("mbflow", "test", "--suggest", names[0] if len(names) == 1 else "FLOW")
        return (
            "No calls were run. They stand in NAME.calls.yaml beside a flow.\n"
            f"To get suggestions: {printable(str(suggest))}"
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
    return document | ({"coverage": coverage_json(run)} if coverage else {})


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
        "answer": _answer_json(result.answer),
        "name": result.call.name,
        "file": result.file,
        "line": result.line,
        "passed": not result.failures,
        "failures": [
            {"message": failure.message, "event": failure.event} for failure in result.failures
        ],
        "transcript": transcript_json(result.transcript),
    }


def _answer_json(answer: Answer | None) -> Json:
    """Null where the flow is that beside the call file; without a state where none decides."""
    if answer is None:
        return None
    found: dict[str, Json] = {"number": answer.number}
    if answer.standing is not None and answer.moment is not None:
        at, (state, why) = answer.moment.isoformat(), answer.standing
        found |= {"at": at, "calendar": answer.route.calendar, "state": state.value, "why": why}
    return found
