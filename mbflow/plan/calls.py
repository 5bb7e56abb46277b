"""Which calls the changes of a plan touch, for those that are updates. Pure.

It is made of the two bodies of a change alone, so a saved plan shows what the planner saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mbflow.model.flow import Json
from mbflow.plan.model import Change, ChangeKind

if TYPE_CHECKING:
    from mbflow.plan.call_comparison import ChangedCalls

EXAMPLES = 3
"""Calls that a plan tells of each change, where nothing else is asked for."""
MOST_CHANGES = 500
"""Updates of a plan that are looked at: nobody reads more, and each takes a millisecond or so."""
MOST_MOVES = 50_000
"""Of all their calls: some seconds. A flow of a dozen steps has twenty, the largest 10,000."""
OPTION = "calls"
"""Where a plan keeps how many calls it tells: a number, or null for all."""


def calls_of_changes(
    changes: Iterable[Change], options: Mapping[str, Json]
) -> Iterator[tuple[Change, ChangedCalls | None]]:
    """Each change with its calls; None for what is no update, and beyond what is looked at."""
    asked = options.get(OPTION, EXAMPLES)
    most = asked if isinstance(asked, int) else None
    left, moves = MOST_CHANGES, MOST_MOVES
    for change in changes:
        calls = None
        if change.action is ChangeKind.UPDATE and left > 0 and moves > 0:
            calls = changed_calls(change, most)
            left, moves = left - 1, moves - calls.moves
        yield change, calls


def changed_calls(change: Change, most: int | None = EXAMPLES) -> ChangedCalls:
    """What an update means for callers; with `most` examples, or all.

    A plan that is shown and saved tells it twice, so what was found is kept with its bodies.
    """
    key = (id(change.before), id(change.after), most)
    kept = _kept.get(key)
    if kept is None:
        from mbflow.plan.call_comparison import compare_calls

        if len(_kept) >= MOST_CHANGES:
            _kept.clear()
        kept = _kept[key] = (change, compare_calls(change, most))
    return kept[1]


_kept: dict[tuple[int, int, int | None], tuple[Change, ChangedCalls]] = {}


def calls_json(calls: ChangedCalls | None) -> Json:
    """The calls of a change in the JSON of a plan; null for what is no update."""
    if calls is None:
        return None
    from mbflow.plan.call_comparison import comparison_json

    return comparison_json(calls)
