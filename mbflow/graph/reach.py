"""What of a flow a call can come to, and from where a call can come to an end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mbflow.graph.program import Program
from mbflow.graph.ways import Way


def reachable(program: Program, edges: Iterable[Way]) -> frozenset[int]:
    """The steps that some call comes to, conditions left aside."""
    onward: dict[int, list[int]] = defaultdict(list)
    for way in edges:
        onward[way.step].append(way.to)
    return _closure([0] if program.steps else [], onward)


def ending(edges: Iterable[Way]) -> frozenset[int]:
    """The steps from which a call can end without the caller hanging up."""
    backward: dict[int, list[int]] = defaultdict(list)
    ends = []
    for way in edges:
        if way.to < 0:
            ends.append(way.step)
        else:
            backward[way.to].append(way.step)
    return _closure(ends, backward)


def _closure(start: Iterable[int], onward: dict[int, list[int]]) -> frozenset[int]:
    found = set(start)
    waiting = list(found)
    while waiting:
        for step in onward[waiting.pop()]:
            if step >= 0 and step not in found:
                found.add(step)
                waiting.append(step)
    return frozenset(found)
