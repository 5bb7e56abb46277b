"""Promises that were decided: as text, JSON, and the call that breaks one as an item of a file."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.model.flow import Json
from mbflow.model.problem import Severity
from mbflow.model.text import plural, printable, shortened
from mbflow.project.discover import PROJECT_FILE
from mbflow.simulator.verdict import Broken, Holds
from mbflow.testing.promises import PromiseResult
from mbflow.views.suggestions import call_item, what_is_done
from mbflow.views.text import Style, wrap

_LONGEST_NAME = 200
"""What call files take."""
_WORDS = {"holds": "holds", "broken": "is broken", "not_decided": "is not decided"}


def verdict_word(result: PromiseResult) -> str:
    """`holds`, `broken` or `not_decided`."""
    if isinstance(result.verdict, Holds):
        return "holds"
    return "broken" if isinstance(result.verdict, Broken) else "not_decided"


def told(results: Sequence[PromiseResult]) -> list[PromiseResult]:
    """Those that a reader has to look at: broken, or not decided where that is not allowed."""
    return [result for result in results if not result.is_fine]


def promises_line(results: Sequence[PromiseResult]) -> str:
    """`5 promises hold over 12 flows.`, or how many do, and what became of the others."""
    flows = plural(len({result.name for result in results}), "flow")
    by_name: dict[str, set[str]] = {}
    for result in results:
        by_name.setdefault(result.promise.name, set()).add(verdict_word(result))
    count = len(by_name)
    broken = sum("broken" in words for words in by_name.values())
    open_ = sum(
        "not_decided" in words - {"broken"} for words in by_name.values() if "broken" not in words
    )
    if not broken and not open_:
        return f"{plural(count, 'promise')} {'holds' if count == 1 else 'hold'} over {flows}."
    held = count - broken - open_
    parts = [f"{held} {'holds' if held == 1 else 'hold'}"]
    parts += [f"{broken} broken"] if broken else []
    parts += [f"{open_} not decided"] if open_ else []
    return f"{plural(count, 'promise')} over {flows}: {', '.join(parts)}."


def result_text(result: PromiseResult, style: Style | None = None) -> str:
    """What is wrong, and the call that shows it, to be pasted into the flow's call file."""
    style = style or Style()
    colour = "red" if result.has_failed else "yellow"
    word = "BROKEN" if verdict_word(result) == "broken" else "NOT DECIDED"
    word += "" if result.promise.level is Severity.ERROR else " (warning)"
    head = f"{word} {printable(result.name)}: {printable(result.promise.name)}"
    lines = [style.paint(head, colour, "bold"), style.paint(place_text(result), "dim")]
    lines += wrap(printable(result.text))
    lines += [f"  {line}" for line in call_lines(result)]
    return "\n".join(lines)


def place_text(result: PromiseResult) -> str:
    return f"{PROJECT_FILE}:{result.promise.place[0]}"


def call_lines(result: PromiseResult) -> list[str]:
    """The call as an item of a call file."""
    if result.call is None:
        return []
    does = what_is_done(result.call, result.words)
    name = shortened(f"{result.promise.name}: {does}", _LONGEST_NAME)
    return call_item(result.call, name, result.words)


def promises_json(results: Sequence[PromiseResult]) -> list[Json]:
    return [_json(result) for result in results]


def _json(result: PromiseResult) -> dict[str, Json]:
    found: dict[str, Json] = {
        "promise": result.promise.name,
        "flow": result.name,
        "environment": result.environment,
        "verdict": verdict_word(result),
        "level": result.promise.level.value,
        "passed": not result.has_failed,
        "file": PROJECT_FILE,
        "line": result.promise.place[0],
    }
    if result.text:
        found |= {"message": result.text, "call": "\n".join(call_lines(result))}
    return found
