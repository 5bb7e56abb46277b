"""What the rules know of one flow: its steps, and which of them calls come to.

All rules look at one flow before the next comes, so the last look is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from mbflow.graph.program import MISSING, URL_OPTIONS, Program, Step, parse_program
from mbflow.graph.reach import reachable
from mbflow.model import Flow


@dataclass(frozen=True, slots=True)
class Look:
    flow: Flow
    program: Program
    reached: Set[int]
    """The steps that some call comes to."""
    by_action: Mapping[str, Sequence[Step]]
    asking: Sequence[Step]
    """The steps that name where keys lead, or what holds them."""
    conditional: Sequence[Step]
    """The steps with conditions."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.program.steps

    def doing(self, action: str) -> Sequence[Step]:
        """The steps with that action."""
        return self.by_action.get(action, ())

    def naming_urls(self) -> Iterator[Step]:
        """The steps whose actions take an address."""
        for action in URL_OPTIONS:
            yield from self.doing(action)

    @property
    def is_sound(self) -> bool:
        """Whether every jump leads to one step. Else what cannot be reached is no news."""
        ids = [step.id for step in self.steps if step.id]
        return len(ids) == len(set(ids)) and all(step.jump != MISSING for step in self.steps)


def look_at(flow: Flow) -> Look:
    """The flow taken apart; the same value as long as the same flow is asked for."""
    look = _kept[0] if _kept else None
    if look is None or look.flow is not flow:
        program = parse_program(flow.key, flow.body, flow.shown)
        by_action: dict[str, list[Step]] = {}
        for step in program.steps:
            by_action.setdefault(step.action, []).append(step)
        asking = [step for step in program.steps if step.goto or step.variable]
        conditional = [step for step in program.steps if step.conditions]
        look = Look(flow, program, reachable(program), by_action, asking, conditional)
        _kept[:] = [look]
    return look


_kept: list[Look] = []
