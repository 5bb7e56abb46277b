"""The order of the changes of one run: which of them go together, and what comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mbflow.apply.handover import Handover
from mbflow.plan.value import Action, Change


@dataclass(frozen=True, slots=True)
class Phases:
    """The phases of a run, in their order; the handover of `default` comes before the deletes.

    What takes part in a handover is in none of them, but for its create.
    """

    moves_first: Sequence[Change]
    """Moves that another change waits for, each after those that it waits for itself."""
    creates: Sequence[Change]
    others: Sequence[Change]
    """Updates, adoptions, and the other moves."""
    deletes: Sequence[Change]


def in_phases(todo: Sequence[Change], handover: Handover, moves: Mapping[str, Change]) -> Phases:
    """The changes `todo`, each in its phase. `moves`: former key to the change that leaves it."""
    alone = {change.key for change in (handover.winner, *handover.losers) if change}
    deletes = [change for change in todo if change.action is Action.DELETE]
    creates = [change for change in todo if change.action is Action.CREATE]
    apart = {*alone, *(change.key for change in (*deletes, *creates))}
    rest = [change for change in todo if change.key not in apart]
    moves_first = [c for c in _in_turn([*creates, *rest], moves) if c.key not in apart]
    first = {change.key for change in moves_first}
    others = [change for change in rest if change.key not in first]
    return Phases(moves_first, creates, others, deletes)


def _in_turn(changes: Iterable[Change], moves: Mapping[str, Change]) -> list[Change]:
    """The moves that must have left their keys, from the end of each chain of renames."""
    ordered: dict[str, Change] = {}
    for change in changes:
        chain: dict[str, Change] = {}
        waited_for = moves.get(change.key)
        while waited_for and waited_for.key not in chain and waited_for.key not in ordered:
            chain[waited_for.key] = waited_for
            waited_for = moves.get(waited_for.key)
        ordered |= dict(reversed(chain.items()))
    return list(ordered.values())
