"""What of a flow a call can come to, and from where a call can come to an end."""

from __future__ import annotations

from collections import defaultdict

from mbflow.graph.program import Program
from mbflow.graph.ways import reasons, target, ways


def reachable(program: Program) -> set[int]:
    """The steps that some call comes to, conditions left aside."""
    found: set[int] = set()
    waiting = [0] if program.steps else []
    while waiting:
        position = waiting.pop()
        if position not in found:
            found.add(position)
            step = program.steps[position]
            for why in reasons(step):
                to = target(program, step, why)
                if to >= 0:
                    waiting.append(to)
    return found


def ending(program: Program) -> set[int]:
    """The steps from which a call can end without the caller hanging up."""
    backward: dict[int, list[int]] = defaultdict(list)
    waiting = []
    for way in ways(program):
        if way.to < 0:
            waiting.append(way.step)
        else:
            backward[way.to].append(way.step)
    found: set[int] = set()
    while waiting:
        position = waiting.pop()
        if position not in found:
            found.add(position)
            waiting += backward[position]
    return found
