"""Renames that files declare with `was:`; an old declaration must not take a flow from anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from mbflow.flow.canonical import Form, is_alike
from mbflow.model.flow import LiveFlow
from mbflow.model.text import Command
from mbflow.plan.markers import Marked
from mbflow.plan.model import Change, ChangeKind, Known, Match, Matches, MatchReason, Refusal


def match_moves(known: Known, marked: Marked, matches: Matches) -> None:
    """Give the flows of former names to the files that name them and have none of their own."""
    heirs: defaultdict[str, list[str]] = defaultdict(list)
    for name, flow in known.flows.items():
        if flow.settings.was and name not in matches.matched:
            heirs[flow.settings.was].append(name)
    taken = {found.live.id for found in matches.matched.values()}
    for was, names in heirs.items():
        if was in known.flows:
            live = _given_up(known, matches, was, names)
        else:
            live = _left_behind(known, marked, matches, was, names, taken)
        if live is not None and len(names) > 1:
            matches.refusals.append(_several_heirs(was, names, live))
        elif live is not None:
            matches.matched.pop(was, None)
            matches.matched[names[0]] = Match(names[0], live, MatchReason.MOVE, was)
            taken.add(live.id)


def reused_names(
    changes: Iterable[Change], planned: Iterable[Change], known: Known
) -> Iterator[Refusal]:
    """A name that a flow leaves, and that another flow gets in the same plan.

    `changes` are all there are to make; those `planned` may be fewer. Killed in between, such a run
    would leave two flows with the markers of one name.
    """
    moves = {change.was: change for change in changes if change.was}
    for change in planned:
        entry = known.entries.get(change.name)
        is_its_own = entry is not None and entry.id == change.id
        if change.name in moves and change.action is not ChangeKind.DELETE and not is_its_own:
            yield _reused(known, change.name, moves[change.name])


def ambiguous(name: str, candidates: list[LiveFlow], heirs: list[str]) -> Refusal:
    """One of the heirs, which have files, is to be given one of the flows."""
    ids = ", ".join(flow.id for flow in candidates)
    return Refusal(
        f"{len(candidates)} live flows carry the markers of {name}: {ids}. Say which one it is.",
        tuple(Command("mbflow", "adopt", heir, flow.id) for heir in heirs for flow in candidates),
    )


def _left_behind(
    known: Known,
    marked: Marked,
    matches: Matches,
    was: str,
    heirs: list[str],
    taken: Collection[str],
) -> LiveFlow | None:
    """The flow of a name that has no file any more."""
    entry = known.entries.get(was)
    if entry is not None and entry.id in known.live:
        return None if entry.id in taken else known.live[entry.id]
    candidates = [flow for flow in marked.flows_of(was) if flow.id not in taken]
    if len(candidates) > 1:
        matches.refusals.append(ambiguous(was, candidates, heirs))
        return None
    return candidates[0] if candidates else None


def _given_up(known: Known, matches: Matches, was: str, heirs: list[str]) -> LiveFlow | None:
    """The flow of a name at which a file stands again; `reused_names` refuses to plan for both.

    The declaration of an heir may be an old one: nothing is taken from a file that says what is
    live, or that has not changed since it was sent.
    """
    held, entry = matches.matched.get(was), known.entries.get(was)
    if held is None or held.how is MatchReason.MOVE or any(name in known.entries for name in heirs):
        return None
    wanted = Form(known.flows[was].body)
    is_as_sent = entry is not None and entry.sent == wanted.digest
    return None if is_as_sent or is_alike(wanted, Form(held.live.body)) else held.live


def _several_heirs(was: str, heirs: list[str], live: LiveFlow) -> Refusal:
    return Refusal(
        f"{' and '.join(heirs)} say `was: {was}`, and only one of them can have the live flow "
        f"{live.id}. Say which one.",
        tuple(Command("mbflow", "adopt", name, live.id) for name in heirs),
    )


def _reused(known: Known, name: str, move: Change) -> Refusal:
    heir = known.flows[move.name]
    declared = f", or remove `was: {name}` from it if that is an old one"
    return Refusal(
        f"{heir.file} takes over the live flow {move.id} of {name}, and {known.flows[name].file} "
        f"needs the name {name} for another flow. Apply the move of {move.name} first"
        f"{declared if heir.settings.was == name else ''}.",
        (Command("mbflow", "apply", "--target", move.name),),
    )
