"""Renames that files declare with `was:`; an old declaration must not take a flow from anybody."""

from __future__ import annotations

from collections import defaultdict

from mbflow.flow.canonical import alike, digest, same
from mbflow.model.flow import Flow, LiveFlow
from mbflow.model.text import Command
from mbflow.plan.markers import Marked
from mbflow.plan.model import Known, Match, Matches, MatchReason, Refusal


def match_moves(known: Known, marked: Marked, matches: Matches) -> None:
    """Give the flows of former names to the files that name them and have none of their own."""
    heirs: defaultdict[str, list[str]] = defaultdict(list)
    for name, flow in known.flows.items():
        if flow.settings.was and name not in matches.matched:
            heirs[flow.settings.was].append(name)
    moves = _Moves(known, marked, matches)
    for was, names in heirs.items():
        moves.move_chain(was, names)


def ambiguous(name: str, candidates: list[LiveFlow], heirs: list[str]) -> Refusal:
    """One of the heirs, which have files, is to be given one of the flows."""
    ids = ", ".join(flow.id for flow in candidates)
    return Refusal(
        f"{len(candidates)} live flows carry the markers of {name}: {ids}. Say which one it is.",
        tuple(Command("mbflow", "adopt", heir, flow.id) for heir in heirs for flow in candidates),
    )


class _Moves:
    """Holds which live flows have a name by now."""

    def __init__(self, known: Known, marked: Marked, matches: Matches) -> None:
        self.known = known
        self.marked = marked
        self.matches = matches
        self.taken = {found.live.id for found in matches.matched.values()}

    def move_chain(self, was: str, heirs: list[str]) -> None:
        """Move the flow of a former name, then that of the name before it, where one follows."""
        name: str | None = was
        while name and self._move(name, heirs):
            again = self.known.flows.get(name)
            heirs, name = [name], again.settings.was if again is not None else None

    def _move(self, was: str, heirs: list[str]) -> bool:
        again = self.known.flows.get(was)
        live = self._left_behind(was, heirs) if again is None else self._given_up(again, heirs)
        if live is None:
            return False
        if len(heirs) > 1:
            self.matches.refusals.append(_several_heirs(was, heirs, live))
            return False
        self.matches.matched.pop(was, None)
        self.matches.matched[heirs[0]] = Match(heirs[0], live, MatchReason.MOVE, was)
        self.taken.add(live.id)
        return True

    def _left_behind(self, was: str, heirs: list[str]) -> LiveFlow | None:
        """The flow of a name that has no file any more."""
        entry = self.known.entries.get(was)
        if entry is not None and entry.id in self.known.live:
            return None if entry.id in self.taken else self.known.live[entry.id]
        candidates = [flow for flow in self.marked.flows_of(was) if flow.id not in self.taken]
        if len(candidates) > 1:
            self.matches.refusals.append(ambiguous(was, candidates, heirs))
            return None
        return candidates[0] if candidates else None

    def _given_up(self, again: Flow, heirs: list[str]) -> LiveFlow | None:
        """The flow of a name at which a file stands again, where it belongs to the heir now.

        It belongs to the file that says what it says. The declaration of an heir may be an old
        one: nothing is taken from a file that has not changed since it was sent.
        """
        held, entry = self.matches.matched.get(again.name), self.known.entries.get(again.name)
        if held is None or any(self._has_own_flow(name) for name in heirs):
            return None
        wanted, found = alike(again.shown, held.live.body)
        if same(wanted, found) or (entry is not None and entry.sent == digest(wanted)):
            return None
        if any(same(*alike(self.known.flows[name].shown, held.live.body)) for name in heirs):
            return held.live
        self.matches.refusals += [_either(name, again.name, held.live) for name in heirs]
        return None

    def _has_own_flow(self, name: str) -> bool:
        """Whether the lock knows a flow of the name, there or gone, that no other has taken."""
        entry = self.known.entries.get(name)
        return entry is not None and entry.id not in self.taken


def _several_heirs(was: str, heirs: list[str], live: LiveFlow) -> Refusal:
    return Refusal(
        f"{' and '.join(heirs)} say `was: {was}`, and only one of them can have the live flow "
        f"{live.id}. Say which one.",
        tuple(Command("mbflow", "adopt", name, live.id) for name in heirs),
    )


def _either(name: str, was: str, live: LiveFlow) -> Refusal:
    return Refusal(
        f"{name} says `was: {was}`, and there is a file {was} again. The live flow {live.id} says "
        f"what neither of them says, so it may be the flow of either. If it is {was}, remove the "
        f"declaration from {name}; if it is {name}:",
        (Command("mbflow", "adopt", name, live.id),),
    )
